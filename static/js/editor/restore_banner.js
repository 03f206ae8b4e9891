import { el } from "../shared/dom.js";
import { write } from "../shared/storage.js";
import { fieldValues, findCopy, isOwnCopy, saveCopy } from "./draft_copy.js";
import { form, text } from "./elements.js";
import { insert } from "./text_edit.js";
import { markChanged } from "./unsaved_changes.js";
import { fill } from "../shared/words.js";

const DAY = {
  day: "numeric",
  month: "long",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
};

/** Offers the copy on this device where it says something else than what the server has. */
export function offerRestore() {
  const copy = findCopy();
  if (!copy) return;
  if (isSaved(copy)) drop(copy);
  else show(copy);
}

/** The server tidies tags and addresses; only a difference in the writing itself is worth a question. */
function isSaved(copy) {
  const now = fieldValues();
  const words = (value) => (value ?? "").trim();
  return ["title", "markdown", "excerpt"].every(
    (name) => words(now[name]) === words(copy.values[name]),
  );
}

function show(copy) {
  const time = new Intl.DateTimeFormat(undefined, DAY).format(copy.at);
  const banner = el(
    "div",
    { class: "restore", role: "status" },
    el("span", {}, fill("ftl:posts-editor-found", { time })),
    button("ftl:posts-editor-restore", "button", () => restore(copy)),
    button("ftl:posts-editor-discard", "button quiet", () => drop(copy)),
  );
  form.querySelector(".editor-bar").after(banner);
}

function button(label, className, act) {
  const node = el("button", { type: "button", class: className }, label);
  node.addEventListener("click", () => {
    node.closest(".restore").remove();
    act();
  });
  return node;
}

function restore(copy) {
  for (const [name, value] of Object.entries(copy.values)) {
    const field = form.elements[name];
    if (!(field instanceof HTMLElement) || field.value === value) continue;
    if (field instanceof HTMLTextAreaElement) insert(field, value, 0, field.value.length);
    else field.value = value;
  }
  markChanged();
  if (!isOwnCopy(copy)) {
    saveCopy();
    drop(copy);
  }
  text.focus();
}

function drop(copy) {
  write(copy.key, null);
}
