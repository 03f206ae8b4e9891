export const form = document.querySelector("form[data-editor]");
export const text = form.elements.markdown;
export const title = form.elements.title;
export const previewButton = form.querySelector("[data-preview-button]");

/** The address that the form is sent to; the first save gives a new post one of its own. */
export function formAddress() {
  return form.getAttribute("action");
}
