import { form } from "./elements.js";

/** Shows what the server says of each field beside it, in place of what it said before. */
export function showErrors(errors) {
  for (const old of form.querySelectorAll(".error[data-live]")) old.remove();
  for (const field of form.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    field.setAttribute("aria-describedby", describedBy(field).replace(errorId(field), "").trim());
  }
  for (const [name, words] of Object.entries(errors)) {
    const field = form.elements[name];
    if (field instanceof HTMLElement) showError(field, words);
  }
}

function showError(field, words) {
  const id = errorId(field);
  const note = Object.assign(document.createElement("p"), {
    className: "error",
    id,
    textContent: words,
  });
  note.dataset.live = "";
  document.getElementById(id)?.remove();
  (field.closest(".affix") ?? field).after(note);
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", `${id} ${describedBy(field)}`.trim());
  field.closest("details")?.setAttribute("open", "");
}

function errorId(field) {
  return `${field.id}-error`;
}

function describedBy(field) {
  return field.getAttribute("aria-describedby") ?? "";
}
