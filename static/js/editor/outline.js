import { el } from "../shared/dom.js";
import { form } from "./elements.js";
import { writing } from "./writing.js";

const panel = form.querySelector("[data-outline]");
const list = panel.querySelector("ol");
let [shown, places] = ["", []];

/** The headings of the text, which lead to their places; one alone is no outline. */
export function showOutline(headings) {
  panel.hidden = headings.length < 2;
  const top = Math.min(...headings.map(({ level }) => level));
  const next = JSON.stringify(headings.map(({ level, words }) => [level, words]));
  places = headings.map(({ at }) => at);
  if (next === shown) return;
  shown = next;
  list.replaceChildren(...headings.map((heading, number) => item(heading, number, top)));
}

function item({ level, words }, number, top) {
  const clean = words.replace(/\s#+\s*$/, "").replace(/[*_`~]/g, "");
  const button = el("button", { type: "button", class: "as-link", dir: "auto" }, clean || "#");
  button.addEventListener("click", () => {
    writing.focus();
    writing.select(places[number]);
    writing.reveal(places[number]);
  });
  return el("li", { class: `level-${Math.min(3, level - top + 1)}` }, button);
}
