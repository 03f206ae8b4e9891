// Each line in sight: its own direction, and a name for the style sheet by the block that it is in.
import { syntaxTree } from "@codemirror/language";
import { RangeSetBuilder } from "@codemirror/state";
import { Decoration, EditorView, ViewPlugin } from "@codemirror/view";

const BLOCKS = {
  FencedCode: "md-pre",
  CodeBlock: "md-pre",
  HTMLBlock: "md-pre",
  Table: "md-table",
  Blockquote: "md-quote",
  ListItem: "md-item",
};
/** Columns and programs run from left to right, whatever language they name. */
const LEFT_TO_RIGHT = /md-pre/;
const made = new Map();

export const lines = [
  EditorView.perLineTextDirection.of(true),
  ViewPlugin.fromClass(
    class {
      constructor(view) {
        this.note(view);
      }
      update(update) {
        const parsed = syntaxTree(update.startState) !== syntaxTree(update.state);
        if (parsed || update.docChanged || update.viewportChanged) this.note(update.view);
      }
      note(view) {
        this.decorations = decorate(view);
      }
    },
    { decorations: (plugin) => plugin.decorations },
  ),
];

function decorate(view) {
  const builder = new RangeSetBuilder();
  for (const { from, to } of view.visibleRanges) {
    const named = namesOfLines(view.state, from, to);
    for (let at = from; at <= to;) {
      const line = view.state.doc.lineAt(at);
      builder.add(line.from, line.from, lineOf(named.get(line.from) ?? ""));
      at = line.to + 1;
    }
  }
  return builder.finish();
}

function namesOfLines(state, from, to) {
  const named = new Map();
  syntaxTree(state).iterate({
    from,
    to,
    enter(node) {
      const name = BLOCKS[node.name] ?? headingName(node.name);
      // Text within a paragraph holds no blocks.
      if (!name) return node.name !== "Paragraph";
      const last = Math.min(node.to, to);
      for (let at = Math.max(node.from, from); at <= last;) {
        const line = state.doc.lineAt(at);
        named.set(line.from, `${named.get(line.from) ?? ""} ${name}`);
        at = line.to + 1;
      }
      return true;
    },
  });
  return named;
}

function headingName(name) {
  const level = /^(?:ATX|Setext)Heading(\d)$/.exec(name)?.[1];
  return level && `md-h${level}`;
}

function lineOf(names) {
  if (!made.has(names)) {
    const dir = LEFT_TO_RIGHT.test(names) ? "ltr" : "auto";
    made.set(names, Decoration.line({ attributes: { class: names.trim(), dir } }));
  }
  return made.get(names);
}
