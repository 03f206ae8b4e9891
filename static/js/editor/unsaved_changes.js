import { autosaveSoon } from "./autosave.js";
import { saveCopySoon } from "./draft_copy.js";
import { showStatus } from "./save_status.js";
import { previewSoon } from "./side_preview.js";
import { form } from "./elements.js";
import { state } from "./state.js";
import { readTextSoon } from "./text_facts.js";
import { writing } from "./writing.js";

/** Surfaces other than fields tell of their changes themselves. */
export function listenForChanges() {
  form.addEventListener("input", ({ target }) => {
    if (target.form === form || writing.contains(target)) markChanged();
  });
}

/** Whatever changes a field ends here: the text is unsaved, kept on this device, and saved soon. */
export function markChanged() {
  state.dirty = true;
  state.edits += 1;
  // What is said of a save that did not arrive stays until one does.
  if (!state.saving && !state.conflict && !state.failures)
    showStatus("draft", navigator.onLine ? "ftl:posts-editor-not-yet" : "ftl:posts-editor-offline");
  saveCopySoon();
  autosaveSoon();
  readTextSoon();
  previewSoon();
}
