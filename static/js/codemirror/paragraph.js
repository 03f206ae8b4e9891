// Names the lines of the paragraph that the caret is in; the style sheet dims the others where that is wanted.
import { RangeSetBuilder } from "@codemirror/state";
import { Decoration, ViewPlugin } from "@codemirror/view";

const now = Decoration.line({ class: "md-now" });

export const paragraph = ViewPlugin.fromClass(
  class {
    constructor(view) {
      this.note(view);
    }
    update(update) {
      if (update.docChanged || update.selectionSet || update.viewportChanged)
        this.note(update.view);
    }
    note(view) {
      this.decorations = decorate(view);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

function decorate({ state, viewport }) {
  const builder = new RangeSetBuilder();
  const line = state.doc.lineAt(state.selection.main.head);
  for (const { from } of linesAround(state.doc, line, viewport)) builder.add(from, from, now);
  return builder.finish();
}

/** To the next empty lines, and not further than what is in sight. */
function linesAround(doc, line, { from, to }) {
  const lines = [line];
  if (!line.text.trim()) return lines;
  for (let above = line.number - 1; above >= 1; above -= 1) {
    const next = doc.line(above);
    if (!next.text.trim() || next.to < from) break;
    lines.unshift(next);
  }
  for (let below = line.number + 1; below <= doc.lines; below += 1) {
    const next = doc.line(below);
    if (!next.text.trim() || next.from > to) break;
    lines.push(next);
  }
  return lines;
}
