import { text } from "./elements.js";
import { insert, lineStart } from "./text_edit.js";

const MARK = /^(\s*)((?:[-*+]|(\d{1,9})([.)])) (?:\[[ xX]\] )?|(?:> ?)+)/;

/** Enter continues a list or quote; on an empty item it ends it. */
export function continueLine(event) {
  const at = text.selectionStart;
  if (at !== text.selectionEnd) return;
  const from = lineStart(at);
  const found = MARK.exec(text.value.slice(from, at));
  if (!found) return;
  event.preventDefault();
  const [whole, space, mark, number, point] = found;
  if (whole.length === at - from && !text.value.slice(at).split("\n", 1)[0].trim()) {
    insert(text, "", from, at);
    return;
  }
  const next = number ? `${Number(number) + 1}${point} ` : mark.replace(/\[[xX]\]/, "[ ]");
  insert(text, "\n" + space + next);
}
