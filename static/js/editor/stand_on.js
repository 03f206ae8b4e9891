import { form } from "./elements.js";

/** Names the version that the next save changes: with a conflict in sight not the one that the text began from. */
export function standOn(version) {
  if (version === undefined) return;
  form.dataset.version = version;
  form.elements.version.value = version;
}
