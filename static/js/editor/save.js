import { fill } from "../shared/words.js";
import { saveCopy, saveCopySoon, discardCopy, moveCopy } from "./draft_copy.js";
import { hideConflict, linkToConflict, showConflict } from "./conflict.js";
import { form, formAddress } from "./elements.js";
import { showErrors } from "./field_errors.js";
import { showStatus } from "./save_status.js";
import { state } from "./state.js";

const clock = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

/** Saves without leaving the page. A save that is under way is not begun again. */
export function save() {
  state.saving ??= send().finally(() => {
    state.saving = null;
  });
  return state.saving;
}

async function send(again = false) {
  const edits = state.edits;
  saveCopy();
  showStatus("saving", "ftl:posts-editor-saving");
  const body = new URLSearchParams(new FormData(form));
  body.set("action", "save");
  const response = await post(body);
  if (!response) {
    showStatus(
      "failed",
      navigator.onLine ? "ftl:posts-editor-no-answer" : "ftl:posts-editor-offline",
    );
    return false;
  }
  // An error page is no JSON; its number says enough.
  const answer = await response.json().catch(() => ({}));
  if (response.redirected || response.status === 401) {
    showStatus("failed", "ftl:posts-editor-signed-out");
    return false;
  }
  if (response.status === 422 && !again && adopt(answer)) return send(true);
  if (!response.ok || !answer.ok) {
    refused(response.status, answer);
    return false;
  }
  saved(answer, body);
  settle(edits, answer.saved_at ? new Date(answer.saved_at) : new Date());
  return true;
}

/** The answer, or null where there is none. */
async function post(body) {
  const headers = { Accept: "application/json" };
  try {
    return await fetch(formAddress(), {
      method: "POST",
      body,
      headers,
      credentials: "same-origin",
    });
  } catch {
    return null;
  }
}

function refused(status, answer) {
  // What was saved elsewhere is shown with this text; the next save, if the writer wants it, stands on that.
  if (status === 409 && answer.version !== undefined) standOn(answer.version);
  const errors = answer.errors ?? {};
  showErrors(errors);
  if (answer.saved?.html) {
    showConflict(answer.saved.html, errors[""]);
    showStatus("failed", fill("ftl:posts-editor-not-saved", { why: "" }), linkToConflict());
    return;
  }
  showStatus("failed", fill("ftl:posts-editor-not-saved", { why: why(status, errors) }));
}

/** One fault in its own words; of several, which fields have them. */
function why(status, errors) {
  const faults = Object.entries(errors);
  if (faults.length === 0) return fill("ftl:posts-editor-refused", { status });
  if (faults.length === 1) return faults[0][1];
  const names = faults.map(
    ([name]) => form.elements[name]?.labels?.[0]?.textContent.trim() ?? name,
  );
  return fill("ftl:posts-editor-correct", { fields: names.join(", ") });
}

function saved(answer, sent) {
  showErrors({});
  hideConflict();
  standOn(answer.version);
  showStored(answer.fields ?? {}, sent);
  if (answer.edit_url && answer.edit_url !== formAddress()) {
    // Saved for the first time: from now on a reload must find this text and not an empty editor.
    form.setAttribute("action", answer.edit_url);
    history.replaceState(history.state, "", answer.edit_url);
  }
}

/** Whatever was typed while the answer was under way is still unsaved. */
function settle(edits, at) {
  if (state.edits === edits) {
    state.dirty = false;
    discardCopy();
    showStatus("saved", fill("ftl:posts-editor-saved", { time: clock.format(at) }));
  } else {
    showStatus("draft", "ftl:posts-editor-not-yet");
    saveCopySoon();
  }
}

/** Takes the new id that the server gives a text whose own it does not know, with the copy on this device. */
function adopt({ id, action }) {
  if (!id || !action || id === form.elements.id.value) return false;
  form.elements.id.value = id;
  form.dataset.post = id;
  form.setAttribute("action", action);
  moveCopy(id);
  return true;
}

/** Names the version that the next save changes. */
function standOn(version) {
  if (version === undefined) return;
  form.dataset.version = version;
  form.elements.version.value = version;
}

/** Shows address and tags as they were stored, where nothing else was typed since they were sent. */
function showStored(fields, sent) {
  for (const [name, stored] of Object.entries(fields)) {
    const input = form.elements.namedItem(name);
    if (input && input.value === sent.get(name)) input.value = stored;
  }
}
