import { form } from "./elements.js";
import { fill, fillCount } from "../shared/words.js";

const WORDS_PER_MINUTE = 220;
const IDEOGRAPHS_PER_MINUTE = 500;
const place = form.querySelector("[data-words]");
const time = form.querySelector("[data-minutes]");
let [all, selected] = ["", null];

/** Of the whole text, with the time that readers take. */
export function showCount({ words, ideographs }) {
  const minutes = Math.ceil(words / WORDS_PER_MINUTE + ideographs / IDEOGRAPHS_PER_MINUTE);
  all = fillCount("ftl:posts-words", words + ideographs);
  time.textContent = minutes > 0 ? fill("ftl:layout-minutes", { minutes }) : "";
  show();
}

/** Of what is selected, for as long as it is. */
export function showSelected(found) {
  selected = found && fillCount("ftl:posts-words-selected", found.words + found.ideographs);
  show();
}

function show() {
  place.textContent = selected ?? all;
  time.hidden = selected !== null;
}
