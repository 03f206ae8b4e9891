import { text } from "./elements.js";
import { difference } from "../codemirror/difference.js";
import { insert } from "./text_edit.js";

/** What a browser puts into a field as if it were typed, without being slow. */
const LONGEST = 50_000;

/** Goes on in the plain field: the browser's own undo takes back what was written elsewhere since the field held `former`. */
export function resumePlain(former, { from, to, focused }) {
  const focus = document.activeElement;
  const wanted = text.value;
  const change = difference(former, text.value);
  if (change.insert.length < LONGEST && change.from !== change.to + change.insert.length)
    retype(former, change);
  // An extension can keep a browser from typing.
  if (text.value !== wanted) text.value = wanted;
  text.setSelectionRange(from, to);
  if (!focused) focus?.focus({ preventScroll: true });
}

/** Nothing has changed by that, so nothing is told of it. */
function retype(former, { from, to, insert: words }) {
  const keep = (event) => event.stopImmediatePropagation();
  addEventListener("input", keep, { capture: true });
  try {
    text.value = former;
    insert(text, words, from, to);
  } finally {
    removeEventListener("input", keep, { capture: true });
  }
}
