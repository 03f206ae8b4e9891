/** Signs that take the room of two letters in a font of equal letters, and those that take none. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60]/u;
const NONE = /[\p{M}\p{Cf}]/u;

/** The cells of a row, with where their words stand in the line. */
export function cellsOf(line) {
  const bars = [...line.matchAll(/(?<!\\)(?:\\\\)*\|/g)].map((bar) => bar.index + bar[0].length);
  const hasFirst = line.trimStart().startsWith("|");
  const starts = hasFirst ? bars : [0, ...bars];
  const cells = [];
  starts.forEach((from, at) => {
    const to = starts[at + 1] === undefined ? line.length : starts[at + 1] - 1;
    const raw = line.slice(from, to);
    // Behind the last bar there is nothing.
    if (at === starts.length - 1 && raw.trim() === "" && bars.length > 0 && at > 0) return;
    const space = raw.length - raw.trimStart().length;
    const words = raw.trim();
    const first = words ? from + space : from + Math.min(1, raw.length);
    cells.push({ words, from: first, to: first + words.length });
  });
  return cells;
}

/** The rows of a table, each as wide as the widest cells of its columns; the second row says how they are aligned. */
export function aligned(rows) {
  const count = Math.max(...rows.map((row) => row.length));
  const full = rows.map((row) => [...row, ...Array(count - row.length).fill("")]);
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(3, ...full.map((row, at) => (at === 1 ? 3 : widthOf(row[column])))),
  );
  return full.map((row, at) => {
    const cells = row.map((words, column) => {
      const side = full[1]?.[column] ?? "";
      return at === 1 ? rule(words, widths[column]) : padded(words, widths[column], side);
    });
    return `| ${cells.join(" | ")} |`;
  });
}

function rule(words, width) {
  const [left, right] = [words.startsWith(":"), words.endsWith(":") && words.length > 1];
  return `${left ? ":" : "-"}${"-".repeat(width - 2)}${right ? ":" : "-"}`;
}

function padded(words, width, side) {
  const room = " ".repeat(Math.max(0, width - widthOf(words)));
  return side.endsWith(":") && !side.startsWith(":") ? room + words : words + room;
}

function widthOf(words) {
  let width = 0;
  for (const sign of words) width += NONE.test(sign) ? 0 : WIDE.test(sign) ? 2 : 1;
  return width;
}
