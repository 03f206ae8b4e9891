import { text } from "./elements.js";
import { insert, lineEnd, lineStart } from "./text_edit.js";

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

function wrap(before, after = before) {
  const { selectionStart: from, selectionEnd: to, value } = text;
  const outside =
    value.slice(from - before.length, from) === before &&
    value.slice(to, to + after.length) === after;
  const longer = before === "*" && value.slice(from - 2, from) === "**";
  if (outside && !longer) {
    insert(text, value.slice(from, to), from - before.length, to + after.length);
    text.setSelectionRange(from - before.length, to - before.length);
    return;
  }
  // Pressed again at the end of what it began: on behind the mark.
  if (from === to && closes(before, after, from)) {
    text.setSelectionRange(to + after.length, to + after.length);
    return;
  }
  insert(text, before + value.slice(from, to) + after, from, to);
  text.setSelectionRange(from + before.length, to + before.length);
}

/** Whether exactly this mark stands after the caret, and its partner before it in the same line. */
function closes(before, after, at) {
  const { value } = text;
  const sameMark = value.slice(at, at + after.length + 1).replace(/[^*`]+$/, "") === after;
  return sameMark && value.slice(lineStart(at), at).includes(before);
}

function prefix(mark, pattern) {
  const from = lineStart(text.selectionStart);
  const to = lineEnd(text.selectionEnd);
  const lines = text.value.slice(from, to).split("\n");
  const all = lines.every((line) => pattern.test(line));
  const changed = lines.map((line) => (all ? "" : mark) + line.replace(pattern, "")).join("\n");
  insert(text, changed, from, to);
  text.setSelectionRange(lines.length > 1 ? from : from + changed.length, from + changed.length);
}

/** No heading, second level, third level, and round again; the first level is the title. */
function heading() {
  const from = lineStart(text.selectionStart);
  const found = /^(#{1,6}) +/.exec(text.value.slice(from));
  const level = found?.[1].length ?? 0;
  const mark = level === 0 ? "## " : level === 2 ? "### " : "";
  insert(text, mark, from, from + (found?.[0].length ?? 0));
  text.setSelectionRange(lineEnd(from), lineEnd(from));
}

function link() {
  const { selectionStart: from, selectionEnd: to, value } = text;
  const words = value.slice(from, to);
  if (/^https?:\/\/\S+$/.test(words)) {
    insert(text, `[](${words})`, from, to);
    text.setSelectionRange(from + 1, from + 1);
  } else {
    insert(text, `[${words}](https://)`, from, to);
    text.setSelectionRange(from + words.length + 3, from + words.length + 11);
  }
}

function picture() {
  const { selectionStart: from, selectionEnd: to, value } = text;
  const words = value.slice(from, to) || "ftl:posts-editor-alt";
  insert(text, `![${words}](https://)`, from, to);
  text.setSelectionRange(from + 2, from + 2 + words.length);
}

function code() {
  const words = text.value.slice(text.selectionStart, text.selectionEnd);
  if (words.includes("\n")) wrap("```\n", "\n```");
  else wrap("`");
}
