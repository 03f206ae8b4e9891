import { saveCopy } from "./draft_copy.js";
import { form, previewButton } from "./elements.js";
import { togglePreview } from "./preview.js";
import { save } from "./save.js";
import { state } from "./state.js";

/** Saving and the preview stay on the page; each other button sends the form. */
export function listenToSubmit() {
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (button?.matches("[data-save]")) {
      event.preventDefault();
      save();
    } else if (button === previewButton) {
      event.preventDefault();
      togglePreview();
    } else {
      // The copy stays until a later visit finds the same text saved.
      saveCopy();
      state.leaving = true;
    }
  });
}
