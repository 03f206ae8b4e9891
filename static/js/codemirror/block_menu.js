// A slash at the start of an empty line opens a menu of blocks: a list box that the text controls, so that the caret stays where it is
// and typing on filters.
import { isolateHistory } from "@codemirror/commands";
import { syntaxTree } from "@codemirror/language";
import { Prec, StateEffect, StateField } from "@codemirror/state";
import { EditorView, keymap, showTooltip } from "@codemirror/view";
import { blockText } from "./block_text.js";
import { listBox, MENU, optionId } from "./list_box.js";

const change = StateEffect.define();

/** `blocks` are `{ name, label, words }`, in the order of the menu; `words` are others by which one is found. */
export function blockMenu(blocks, label) {
  const menu = StateField.define({
    create: () => null,
    update: (open, transaction) => next(open, transaction, blocks),
    provide: (field) => [
      showTooltip.compute([field], (state) => tooltip(state.field(field), label, choose)),
      EditorView.contentAttributes.compute([field], (state) => attributes(state.field(field))),
    ],
  });
  const move = (by) => (view) => {
    const open = view.state.field(menu);
    if (!open) return false;
    const count = open.found.length;
    const chosen = by === 0 ? 0 : (open.chosen + by + count) % count;
    view.dispatch({ effects: change.of({ ...open, chosen }) });
    return true;
  };
  const close = (view) => {
    if (!view.state.field(menu)) return false;
    view.dispatch({ effects: change.of(null) });
    return true;
  };
  const choose = (view, at = view.state.field(menu)?.chosen) => {
    const open = view.state.field(menu);
    if (!open) return false;
    insertBlock(view, open.found[at].name);
    return true;
  };
  const keys = [
    { key: "ArrowDown", run: move(1) },
    { key: "ArrowUp", run: move(-1) },
    { key: "Home", run: move(0) },
    { key: "Escape", run: close },
    { key: "Enter", run: (view) => choose(view) },
    { key: "Tab", run: (view) => choose(view) },
  ];
  const onBlur = EditorView.domEventHandlers({ blur: (_, view) => close(view) && false });
  return [menu, Prec.highest(keymap.of(keys)), onBlur];
}

function next(open, transaction, blocks) {
  for (const effect of transaction.effects) if (effect.is(change)) return effect.value;
  if (!transaction.docChanged && !transaction.selection) return open;
  const { state } = transaction;
  const { head, empty } = state.selection.main;
  const line = state.doc.lineAt(head);
  const typed = /^\/(\S*)$/.exec(line.text);
  if (!empty || !typed || head !== line.to) return null;
  const opens = typed[1] === "" && transaction.isUserEvent("input.type") && !isInCode(state, head);
  if (!open && !opens) return null;
  const found = blocks.filter((block) => fits(block, typed[1].toLowerCase()));
  return found.length > 0 ? { at: line.from, found, chosen: 0 } : null;
}

function fits({ label, words }, typed) {
  return `${label} ${words}`
    .toLowerCase()
    .split(" ")
    .some((word) => word.startsWith(typed));
}

function isInCode(state, at) {
  for (let node = syntaxTree(state).resolveInner(at, -1); node; node = node.parent)
    if (/Code|HTML/.test(node.name)) return true;
  return false;
}

function tooltip(open, label, choose) {
  if (!open) return null;
  return {
    pos: open.at,
    create: (view) => ({ dom: listBox(open, label, (at) => choose(view, at)) }),
  };
}

function attributes(open) {
  if (!open) return {};
  return {
    "aria-autocomplete": "list",
    "aria-haspopup": "listbox",
    "aria-controls": MENU,
    "aria-activedescendant": optionId(open.found[open.chosen]),
  };
}

function insertBlock(view, name) {
  const { state } = view;
  const line = state.doc.lineAt(state.selection.main.head);
  const { before, after } = blockText(name, state.doc, line);
  view.dispatch({
    changes: { from: line.from, to: line.to, insert: state.toText(before + after) },
    selection: { anchor: line.from + before.length },
    annotations: isolateHistory.of("full"),
    userEvent: "input.command",
    scrollIntoView: true,
  });
  view.focus();
}
