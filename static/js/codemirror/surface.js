import { history, historyKeymap, isolateHistory, standardKeymap } from "@codemirror/commands";
import { Compartment, EditorState } from "@codemirror/state";
import { EditorView, keymap, placeholder } from "@codemirror/view";
import { adoptStyles } from "./adopted_styles.js";
import { blockMenu } from "./block_menu.js";
import { difference } from "./difference.js";
import { lines } from "./lines.js";
import { markdownText } from "./markdown.js";
import { paragraph } from "./paragraph.js";
import { tables } from "./table.js";

/** The field learns of keys in one go: copying a whole book into it at each of them would be felt. */
const PAUSE = 300;
const DESCRIBING = ["aria-describedby", "aria-invalid", "lang", "spellcheck"];

/**
 * A view on the text of `field`, put behind it, as a surface to write on. The field stays what the form sends: it is hidden while the
 * view is shown, gets the text a moment after each change, and at once when it is asked for. `changed` is called after each change.
 * `blocks` are those of the menu that a slash opens, `blocksLabel` is its name.
 */
export function startWriting(parts) {
  adoptStyles();
  return new Surface(parts);
}

class Surface {
  #field;
  #changed;
  #attributes = new Compartment();
  #isTold = false;
  #label;
  #place = document.createElement("div");
  #timer;

  constructor({ field, label, changed, blocks, blocksLabel }) {
    this.#field = field;
    this.#changed = changed;
    this.#label = label;
    this.#place.className = "written";
    this.#place.hidden = true;
    field.after(this.#place);
    this.view = new EditorView({
      state: this.#state(blockMenu(blocks, blocksLabel)),
      parent: this.#place,
    });
    const attributeFilter = DESCRIBING;
    new MutationObserver(() => this.#describe()).observe(field, { attributeFilter });
  }

  #state(menu) {
    return EditorState.create({
      // What was typed before comes back by undo, too.
      doc: this.#field.defaultValue,
      extensions: [
        history(),
        menu,
        tables,
        keymap.of([...standardKeymap, ...historyKeymap]),
        markdownText,
        lines,
        paragraph,
        EditorView.lineWrapping,
        placeholder(this.#field.placeholder),
        this.#attributes.of(this.#describedAs()),
        EditorView.updateListener.of((update) => update.docChanged && this.#note()),
      ],
    });
  }

  get #content() {
    return this.view.contentDOM;
  }

  get value() {
    return this.view.state.doc.toString();
  }

  get from() {
    return this.view.state.selection.main.from;
  }

  get to() {
    return this.view.state.selection.main.to;
  }

  slice(from, to) {
    return this.view.state.sliceDoc(from, to);
  }

  lineStart(at) {
    return this.view.state.doc.lineAt(at).from;
  }

  lineEnd(at) {
    return this.view.state.doc.lineAt(at).to;
  }

  select(from, to = from) {
    this.view.dispatch({ selection: { anchor: from, head: to }, scrollIntoView: true });
  }

  /** Undone in one step, as what a key did. */
  replace(words, from = this.from, to = this.to) {
    const insert = this.view.state.toText(words);
    this.view.dispatch({
      changes: { from, to, insert },
      selection: { anchor: from + insert.length },
      annotations: isolateHistory.of("full"),
      userEvent: "input.command",
      scrollIntoView: true,
    });
    this.focus();
  }

  /** Puts another text in the place of this one; only what differs is changed, and the caret stays at its words. */
  rewrite(value) {
    const next = this.view.state.toText(value).toString();
    const changes = difference(this.value, next);
    if (changes.from === changes.to && changes.insert === "") return;
    this.view.dispatch({ changes, annotations: isolateHistory.of("full"), userEvent: "set" });
  }

  get lines() {
    return this.view.state.doc.lines;
  }

  /** The line, counted from 1 and with its part, that stands at a height in the window. */
  lineAt(y) {
    const height = y - this.view.documentTop;
    const block = this.view.lineBlockAtHeight(height);
    const part = (height - block.top) / (block.height || 1);
    return this.view.state.doc.lineAt(block.from).number + Math.min(1, Math.max(0, part));
  }

  heightOf(line) {
    const { doc } = this.view.state;
    const number = Math.min(doc.lines, Math.max(1, Math.floor(line)));
    const block = this.view.lineBlockAt(doc.line(number).from);
    return this.view.documentTop + block.top + (line - number) * block.height;
  }

  /** Scrolls so that a place stands near the top. */
  reveal(at) {
    this.view.dispatch({ effects: EditorView.scrollIntoView(at, { y: "start", yMargin: 140 }) });
  }

  focus() {
    this.view.focus();
  }

  contains(node) {
    return this.#content.contains(node);
  }

  /** From now on the field holds the newest text. */
  settle() {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // Out of sight it is the field that is written in.
    if (!this.#place.hidden) this.#field.value = this.value;
  }

  /** The field was filled by another hand, which did not know of the last keys where it does not have them yet: these stay. */
  take() {
    if (this.#timer === undefined) this.rewrite(this.#field.value);
    else this.settle();
  }

  /** Takes the place of the field, with its text and its caret. */
  show() {
    const { selectionStart, selectionEnd, value } = this.#field;
    // What the field has was told of when it was typed there.
    this.#isTold = true;
    this.rewrite(value);
    this.#isTold = false;
    this.#place.hidden = false;
    this.#field.hidden = true;
    this.view.dispatch({ selection: { anchor: selectionStart, head: selectionEnd } });
    this.view.requestMeasure();
  }

  hide() {
    this.settle();
    this.#place.hidden = true;
    this.#field.hidden = false;
  }

  #note() {
    this.#timer ??= setTimeout(() => whenIdle(() => this.settle()), PAUSE);
    if (!this.#isTold) this.#changed();
  }

  #describe() {
    this.view.dispatch({ effects: this.#attributes.reconfigure(this.#describedAs()) });
  }

  /** What the field says of itself, which screen readers and spelling checkers have to hear of the view. */
  #describedAs() {
    const attributes = {
      id: `${this.#field.id}-written`,
      "aria-labelledby": this.#label.id,
      autocapitalize: "sentences",
      autocorrect: "on",
    };
    for (const name of DESCRIBING) {
      const value = this.#field.getAttribute(name);
      if (value !== null) attributes[name] = value;
    }
    return EditorView.contentAttributes.of(attributes);
  }
}

function whenIdle(work) {
  if ("requestIdleCallback" in globalThis) requestIdleCallback(work, { timeout: 1_000 });
  else work();
}
