import { form } from "./elements.js";

const main = form.querySelector(".editor-main");

/** Shows the version that was saved elsewhere, as the page for browsers without scripts does. */
export function showConflict(html) {
  const section = new DOMParser().parseFromString(html, "text/html").querySelector(".conflict");
  if (!section) return;
  main.querySelector(".conflict")?.remove();
  main.querySelector(".editor-title-field").before(document.adoptNode(section));
  main.classList.add("with-conflict");
}

export function hideConflict() {
  form.querySelector(".conflict")?.remove();
  main.classList.remove("with-conflict");
}
