import { autosaveSoon } from "./autosave.js";
import { saveLastCopy } from "./draft_copy.js";
import { form, previewButton } from "./elements.js";
import { merge } from "./merge.js";
import { togglePreview } from "./preview.js";
import { save } from "./save.js";
import { state } from "./state.js";

/** Longer than a server may take to answer. */
const LEAVING = 30_000;

/** Saving and the preview stay on the page; each other button sends the form. */
export function listenToSubmit() {
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (button?.matches("[data-save]")) {
      event.preventDefault();
      save();
    } else if (button?.matches("[data-merge]")) {
      event.preventDefault();
      merge();
    } else if (button === previewButton) {
      event.preventDefault();
      togglePreview();
    } else {
      send(event, button);
    }
  });
}

/** The form names the version that its text stands on, so a save that is under way comes first: what it becomes is that version. */
async function send(event, button) {
  // The copy stays until a later visit finds the same text saved.
  saveLastCopy();
  if (state.leaving || !(state.saving || state.unsure)) return leave();
  event.preventDefault();
  if (state.saving) await state.saving;
  if (state.unsure) await save();
  // What was saved elsewhere is in sight now, and was not when the button was pressed.
  if (state.conflict) return;
  leave();
  form.requestSubmit(button);
}

/** A page that is still there after a while was not left: its network stands, or the browser was told to stop. */
function leave() {
  state.leaving = true;
  setTimeout(() => {
    state.leaving = false;
    autosaveSoon();
  }, LEAVING);
}
