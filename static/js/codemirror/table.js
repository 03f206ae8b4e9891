// Tab goes from cell to cell of a table, and behind its last one makes another row; a table that was changed is aligned when the caret
// leaves it.
import { syntaxTree } from "@codemirror/language";
import { Annotation, Transaction } from "@codemirror/state";
import { keymap, ViewPlugin } from "@codemirror/view";
import { aligned, cellsOf } from "./table_text.js";

/** One with more rows stays as it was typed: nothing that a key does may take long. */
const MOST_ROWS = 300;
const aligning = Annotation.define();

export const tables = [
  keymap.of([
    { key: "Tab", run: (view) => step(view, 1) },
    { key: "Shift-Tab", run: (view) => step(view, -1) },
  ]),
  ViewPlugin.fromClass(
    class {
      constructor() {
        this.changed = null;
      }
      update(update) {
        this.follow(update);
        const { changed, view } = { changed: this.changed, view: update.view };
        if (changed === null || view.composing) return;
        const head = update.state.selection.main.head;
        const table = tableAt(update.state, changed);
        if (table && head >= table.from && head <= table.to) return;
        this.changed = null;
        // A view takes no change while it takes another.
        if (table) queueMicrotask(() => align(view, changed));
      }
      follow(update) {
        if (this.changed !== null) this.changed = update.changes.mapPos(this.changed);
        const typed = update.transactions.some((one) => isTyped(one));
        if (!update.docChanged || !typed) return;
        const { head } = update.state.selection.main;
        if (tableAt(update.state, head)) this.changed = head;
      }
    },
  ),
];

/** Not what undo does, which would be undone by aligning again. */
function isTyped(transaction) {
  const event = transaction.annotation(Transaction.userEvent) ?? "";
  return !transaction.annotation(aligning) && /^(input|delete)/.test(event);
}

/** The table around a place: its lines, and the cells of each. */
function tableAt(state, at) {
  let node = syntaxTree(state).resolveInner(at, -1);
  if (node.name === "Document") node = syntaxTree(state).resolveInner(at, 1);
  while (node && node.name !== "Table") node = node.parent;
  if (!node) return null;
  const [first, last] = [state.doc.lineAt(node.from), state.doc.lineAt(node.to)];
  // One inside of a list or a quote has other signs before its rows.
  if (node.from !== first.from || last.number - first.number > MOST_ROWS) return null;
  const lines = [];
  for (let number = first.number; number <= last.number; number += 1)
    lines.push(state.doc.line(number));
  return { from: first.from, to: last.to, lines, rows: lines.map(({ text }) => cellsOf(text)) };
}

function step(view, by) {
  const { state } = view;
  const { head } = state.selection.main;
  const table = tableAt(state, head);
  if (!table) return false;
  const row = table.lines.findIndex((line) => head >= line.from && head <= line.to);
  const before = head - table.lines[row].from;
  const cell = Math.max(
    0,
    table.rows[row].findLastIndex(({ from }) => from <= before),
  );
  const words = table.rows.map((cells) => cells.map((one) => one.words));
  const place = neighbour(words, row, cell, by);
  // Before the first cell Tab does what it does elsewhere.
  if (!place) return false;
  if (place.row === words.length) {
    // Out of an empty last row Tab leads on to what comes behind the field.
    if (words[row].every((one) => one.trim() === "")) return false;
    words.push(words[0].map(() => ""));
  }
  write(view, table, words, place);
  return true;
}

/** The cell before or behind one; the row of dashes is no row of cells. */
function neighbour(words, row, cell, by) {
  let [at, column] = [row, row === 1 && by > 0 ? Infinity : cell + by];
  if (column < 0) column = Infinity;
  else if (column < words[0].length && row !== 1) return { row, column };
  else if (by > 0) column = 0;
  at += by;
  if (at === 1) at += by;
  if (at < 0) return null;
  return { row: at, column: column === Infinity ? words[0].length - 1 : column };
}

function write(view, table, words, { row, column }) {
  const lines = aligned(words);
  const start = lines.slice(0, row).reduce((sum, line) => sum + line.length + 1, table.from);
  const cell = cellsOf(lines[row])[column] ?? { from: 2, to: 2 };
  view.dispatch({
    ...changeOf(view, table, lines),
    selection: { anchor: start + cell.from, head: start + cell.to },
    annotations: aligning.of(true),
    userEvent: "input.table",
    scrollIntoView: true,
  });
}

function align(view, at) {
  const table = tableAt(view.state, Math.min(at, view.state.doc.length));
  if (!table) return;
  const lines = aligned(table.rows.map((cells) => cells.map((one) => one.words)));
  const { changes } = changeOf(view, table, lines);
  if (changes.length > 0)
    view.dispatch({ changes, annotations: aligning.of(true), userEvent: "input.table" });
}

/** Line by line, so that a caret elsewhere stays. */
function changeOf(view, table, lines) {
  const changes = [];
  lines.forEach((line, at) => {
    const former = table.lines[at];
    if (!former) changes.push({ from: table.to, insert: `\n${line}` });
    else if (former.text !== line) changes.push({ from: former.from, to: former.to, insert: line });
  });
  return { changes };
}
