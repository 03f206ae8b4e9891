import { form } from "./elements.js";

/** Names the version that the next save changes. */
export function standOn(version) {
  if (version === undefined) return;
  form.dataset.version = version;
  form.elements.version.value = version;
}
