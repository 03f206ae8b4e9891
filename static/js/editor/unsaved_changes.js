import { saveCopySoon } from "./draft_copy.js";
import { showStatus } from "./save_status.js";
import { countWordsSoon } from "./word_count.js";
import { state } from "./state.js";

/** Whatever changes a field ends here: the text is unsaved, and kept on this device. */
export function markChanged() {
  state.dirty = true;
  state.edits += 1;
  if (!state.saving)
    showStatus("draft", navigator.onLine ? "ftl:posts-editor-not-yet" : "ftl:posts-editor-offline");
  saveCopySoon();
  countWordsSoon();
}
