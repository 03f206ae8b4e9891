import { form, text } from "./elements.js";
import { fillCount } from "../shared/words.js";

const WORD = /[\p{L}\p{N}][\p{L}\p{N}\p{M}'’_-]*/gu;
const PAUSE = 250;
const place = form.querySelector("[data-words]");
let timer;

export function countWordsSoon() {
  clearTimeout(timer);
  timer = setTimeout(countWords, PAUSE);
}

export function countWords() {
  const count = text.value.match(WORD)?.length ?? 0;
  if (place) place.textContent = fillCount("ftl:posts-words", count);
}
