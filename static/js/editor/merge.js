import { hideConflict } from "./conflict.js";
import { form } from "./elements.js";
import { setFields } from "./fields.js";
import { showStatus } from "./save_status.js";
import { standOn } from "./stand_on.js";
import { state } from "./state.js";
import { markChanged } from "./unsaved_changes.js";

/** Puts the saved version and what was typed together, in the editor; it is saved like everything that is typed. */
export async function merge() {
  let edits, answer;
  do {
    // What is typed while the answer is under way is put together, too.
    edits = state.edits;
    answer = await ask(`/p/${form.dataset.post}/merge?base=${state.base}`);
  } while (answer && edits !== state.edits);
  if (!answer) return showStatus("failed", "ftl:posts-editor-no-answer");
  setFields(answer.fields);
  standOn(answer.fields.version);
  state.base = answer.fields.version;
  state.conflict = false;
  hideConflict();
  tell(answer.outcome);
  markChanged();
}

async function ask(address) {
  try {
    const body = new URLSearchParams(new FormData(form));
    const headers = { Accept: "application/json" };
    const response = await fetch(address, { method: "POST", body, headers });
    return response.ok && !response.redirected ? await response.json() : null;
  } catch {
    return null;
  }
}

/** Where the two versions stood; the next conflict takes it away. */
function tell(words) {
  const note = Object.assign(document.createElement("p"), {
    className: "note",
    textContent: words,
  });
  note.setAttribute("role", "status");
  form.querySelector(".editor-main > .note")?.remove();
  form.querySelector(".editor-title-field").before(note);
}
