import { saveCopy } from "./draft_copy.js";
import { showStatus } from "./save_status.js";
import { state } from "./state.js";

/** Asks before unsaved text is left, and says when the network goes and comes. */
export function guardLeaving() {
  addEventListener("beforeunload", (event) => {
    if (!state.dirty || state.leaving) return;
    saveCopy();
    event.preventDefault();
  });
  addEventListener("pageshow", () => {
    state.leaving = false;
  });
  addEventListener("pagehide", saveCopy);
  addEventListener("offline", () => {
    if (state.dirty) showStatus("failed", "ftl:posts-editor-offline");
  });
  addEventListener("online", () => {
    if (state.dirty) showStatus("draft", "ftl:posts-editor-online");
  });
}
