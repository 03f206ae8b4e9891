const STARTS = {
  heading2: "## ",
  heading3: "### ",
  list: "- ",
  numbers: "1. ",
  tasks: "- [ ] ",
  quote: "> ",
};
/** What would become something else right below a line of text. */
const APART = ["divider", "table"];

/** The Markdown of a new block, before and after the caret. */
export function blockText(name, doc, line) {
  const above = line.number > 1 ? doc.line(line.number - 1).text : "";
  const space = APART.includes(name) && above.trim() ? "\n" : "";
  const { before, after = "" } = textOf(name, doc);
  return { before: space + before, after };
}

function textOf(name, doc) {
  if (name in STARTS) return { before: STARTS[name] };
  if (name === "code") return { before: "```\n", after: "\n```" };
  if (name === "table")
    return { before: "| ", after: " |     |     |\n| --- | --- | --- |\n|     |     |     |\n" };
  if (name === "picture") return { before: "![", after: "](https://)" };
  if (name === "divider") return { before: "---\n\n" };
  return { before: `[^${freeNote(doc)}]: ` };
}

/** The number after the highest that a note has. */
function freeNote(doc) {
  let highest = 0;
  for (const [, number] of doc.toString().matchAll(/\[\^(\d{1,6})\]/g))
    highest = Math.max(highest, Number(number));
  return highest + 1;
}
