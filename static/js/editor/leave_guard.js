import { autosaveNow } from "./autosave.js";
import { saveLastCopy } from "./draft_copy.js";
import { showStatus } from "./save_status.js";
import { state } from "./state.js";

/** Asks before unsaved text is left, and says when the network goes and comes. */
export function guardLeaving() {
  addEventListener("beforeunload", (event) => {
    if (!state.dirty || state.leaving) return;
    saveLastCopy();
    event.preventDefault();
  });
  addEventListener("pageshow", () => {
    state.leaving = false;
  });
  addEventListener("pagehide", saveLastCopy);
  // A phone may end a page that is out of sight, and tells it nothing.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden || !state.dirty) return;
    saveLastCopy();
    autosaveNow();
  });
  addEventListener("offline", () => {
    if (state.dirty) showStatus("failed", "ftl:posts-editor-offline");
  });
  addEventListener("online", () => {
    if (!state.dirty) return;
    showStatus("draft", "ftl:posts-editor-online");
    autosaveNow();
  });
}
