import { form, text } from "./elements.js";
import { insert } from "./text_edit.js";
import { writing } from "./writing.js";

/** Fills fields that a writer can change; what is replaced in a text comes back by undo. */
export function setFields(values) {
  writing.settle();
  for (const [name, value] of Object.entries(values)) {
    const field = form.elements[name];
    if (!(field instanceof HTMLElement) || field.type === "hidden" || field.value === value)
      continue;
    if (field === text) writing.rewrite(value);
    else if (field instanceof HTMLTextAreaElement) insert(field, value, 0, field.value.length);
    else field.value = value;
  }
}
