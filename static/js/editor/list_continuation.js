import { writing } from "./writing.js";

const MARK = /^(\s*)((?:[-*+]|(\d{1,9})([.)])) (?:\[[ xX]\] )?|(?:> ?)+)/;

/** Enter continues a list or quote; on an empty item it ends it. */
export function continueLine(event) {
  const at = writing.from;
  if (at !== writing.to) return;
  const from = writing.lineStart(at);
  const found = MARK.exec(writing.slice(from, at));
  if (!found) return;
  event.preventDefault();
  const [whole, space, mark, number, point] = found;
  if (whole.length === at - from && !writing.slice(at, writing.lineEnd(at)).trim()) {
    writing.replace("", from, at);
    return;
  }
  const next = number ? `${Number(number) + 1}${point} ` : mark.replace(/\[[xX]\]/, "[ ]");
  writing.replace("\n" + space + next);
}
