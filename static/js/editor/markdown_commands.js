import { writing } from "./writing.js";

/** What the toolbar and the keys do to the text, by the names in `data-md`. */
export const commands = {
  bold: () => wrap("**"),
  italic: () => wrap("*"),
  heading,
  link,
  quote: () => prefix("> ", /^> ?/),
  code,
  list: () => prefix("- ", /^[-*+] /),
  picture,
};

function selected() {
  const { from, to } = writing;
  return { from, to, words: writing.slice(from, to) };
}

function wrap(before, after = before) {
  const { from, to, words } = selected();
  const outside =
    before === writing.slice(Math.max(0, from - before.length), from) &&
    after === writing.slice(to, to + after.length);
  const longer = before === "*" && writing.slice(Math.max(0, from - 2), from) === "**";
  if (outside && !longer) {
    writing.replace(words, from - before.length, to + after.length);
    writing.select(from - before.length, to - before.length);
    return;
  }
  // Pressed again at the end of what it began: on behind the mark.
  if (from === to && closes(before, after, from)) {
    writing.select(to + after.length);
    return;
  }
  writing.replace(before + words + after, from, to);
  writing.select(from + before.length, to + before.length);
}

/** Whether exactly this mark stands after the caret, and its partner before it in the same line. */
function closes(before, after, at) {
  const next = writing.slice(at, at + after.length + 1);
  return (
    next.replace(/[^*`]+$/, "") === after &&
    writing.slice(writing.lineStart(at), at).includes(before)
  );
}

function prefix(mark, pattern) {
  const from = writing.lineStart(writing.from);
  const to = writing.lineEnd(writing.to);
  const lines = writing.slice(from, to).split("\n");
  const all = lines.every((line) => pattern.test(line));
  const changed = lines.map((line) => (all ? "" : mark) + line.replace(pattern, "")).join("\n");
  writing.replace(changed, from, to);
  writing.select(lines.length > 1 ? from : from + changed.length, from + changed.length);
}

/** No heading, second level, third level, and round again; the first level is the title. */
function heading() {
  const from = writing.lineStart(writing.from);
  const found = /^(#{1,6}) +/.exec(writing.slice(from, writing.lineEnd(from)));
  const level = found?.[1].length ?? 0;
  const mark = level === 0 ? "## " : level === 2 ? "### " : "";
  writing.replace(mark, from, from + (found?.[0].length ?? 0));
  writing.select(writing.lineEnd(from));
}

function link() {
  const { from, to, words } = selected();
  if (/^https?:\/\/\S+$/.test(words)) {
    writing.replace(`[](${words})`, from, to);
    writing.select(from + 1);
  } else {
    writing.replace(`[${words}](https://)`, from, to);
    writing.select(from + words.length + 3, from + words.length + 11);
  }
}

function picture() {
  const { from, to, words: chosen } = selected();
  const words = chosen || "ftl:posts-editor-alt";
  writing.replace(`![${words}](https://)`, from, to);
  writing.select(from + 2, from + 2 + words.length);
}

function code() {
  if (selected().words.includes("\n")) wrap("```\n", "\n```");
  else wrap("`");
}
