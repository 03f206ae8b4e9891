import { form } from "./elements.js";

/** Browsers without `field-sizing` grow the fields here; the others never run it. */
export function growFields() {
  if (growsItself()) return;
  form.addEventListener("input", ({ target }) => {
    if (target.matches("textarea")) grow(target);
  });
  for (const field of form.querySelectorAll("textarea")) grow(field);
}

/** Of a field that was hidden while its text changed. */
export function growShown(field) {
  if (!growsItself()) grow(field);
}

function growsItself() {
  return CSS.supports("field-sizing", "content");
}

function grow(field) {
  const at = scrollY;
  field.style.setProperty("height", "auto");
  field.style.setProperty("height", `${field.scrollHeight + 2}px`);
  scrollTo({ top: at });
}
