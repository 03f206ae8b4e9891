import { form } from "./elements.js";

/** After so long without a change, a composition is a word that a keyboard of a phone holds open: it is text like the rest. */
const LONGEST = 10_000;
let since = -Infinity;

/** Learns of input methods, in whatever field; `ended` is called when what was composed stands in the text. */
export function listenForComposition(ended) {
  const note = () => (since = performance.now());
  form.addEventListener("compositionstart", note);
  form.addEventListener("compositionupdate", note);
  form.addEventListener("compositionend", () => {
    since = -Infinity;
    ended();
  });
}

/** When no letters are being made into others any more. */
export async function compositionEnd() {
  while (isComposing())
    await new Promise((then) => form.addEventListener("compositionend", then, { once: true }));
}

/** Whether letters in the text are still being made into others. */
export function isComposing() {
  return performance.now() - since < LONGEST;
}
