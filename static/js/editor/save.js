import { fill } from "../shared/words.js";
import { saveCopy, saveCopySoon, discardCopy, moveCopy } from "./draft_copy.js";
import { hideConflict, linkToConflict, showConflict } from "./conflict.js";
import { form, formAddress } from "./elements.js";
import { showErrors } from "./field_errors.js";
import { showStatus } from "./save_status.js";
import { signInButton } from "./sign_in_again.js";
import { standOn } from "./stand_on.js";
import { inTurn, state } from "./state.js";

const clock = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

/** A connection that says nothing for so long is taken for none. */
const LONGEST = 60_000;

/**
 * Saves without leaving the page, after the save that is under way. Says what became of it: "saved", "unheard" (it may have
 * arrived), "signed-out" or "refused". `auto`: the writer did not ask for it.
 */
export async function save({ auto = false } = {}) {
  const outcome = await inTurn(() => send(auto));
  state.failures = ["unheard", "signed-out"].includes(outcome) ? state.failures + 1 : 0;
  return outcome;
}

async function send(auto, again = false) {
  const edits = state.edits;
  saveCopy();
  if (!auto) showStatus("saving", "ftl:posts-editor-saving");
  const body = new URLSearchParams(new FormData(form));
  body.set("action", "save");
  const response = await post(body, auto);
  state.unsure = !response || response.status >= 500 || response.status === 429;
  if (!response) {
    showStatus(
      "failed",
      navigator.onLine ? "ftl:posts-editor-no-answer" : "ftl:posts-editor-offline",
    );
    return "unheard";
  }
  // An error page is no JSON; its number says enough.
  const answer = await response.json().catch(() => ({}));
  if (response.redirected || response.status === 401) {
    const other = answer.errors?.[""];
    const signIn = other ? null : signInButton(() => save({ auto: true }));
    showStatus("failed", other ?? "ftl:posts-editor-signed-out", signIn);
    return "signed-out";
  }
  if (response.status === 422 && !again && adopt(answer)) return send(auto, true);
  if (!response.ok || !answer.ok) {
    refused(response.status, answer);
    return state.unsure ? "unheard" : "refused";
  }
  saved(answer, body);
  settle(edits, answer);
  return "saved";
}

/** The answer, or null where there is none. */
async function post(body, auto) {
  const headers = {
    Accept: "application/json",
    "if-match": `"c${form.dataset.version}"`,
    "masthead-account": form.dataset.account,
    "masthead-editing": `${state.editing} ${state.edits}${auto ? " auto" : ""}`,
  };
  try {
    return await fetch(formAddress(), {
      method: "POST",
      body,
      headers,
      credentials: "same-origin",
      signal: AbortSignal.timeout(LONGEST),
    });
  } catch {
    return null;
  }
}

function refused(status, answer) {
  // What was saved elsewhere is shown with this text; the next save, if the writer wants it, stands on that.
  if (answer.saved) {
    state.conflict = true;
    standOn(answer.version);
  }
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
  state.conflict = false;
  hideConflict();
  standOn(answer.version);
  state.base = answer.version;
  showStored(answer.fields ?? {}, sent);
  if (answer.edit_url && answer.edit_url !== formAddress()) {
    // Saved for the first time: from now on a reload must find this text and not an empty editor.
    form.setAttribute("action", answer.edit_url);
    history.replaceState(history.state, "", answer.edit_url);
  }
}

/** Whatever was typed while the answer was under way is still unsaved. */
function settle(edits, answer) {
  if (state.edits === edits) {
    state.dirty = false;
    discardCopy();
    const at = answer.saved_at ? new Date(answer.saved_at) : new Date();
    const words = answer.public ? "ftl:posts-editor-saved-unseen" : "ftl:posts-editor-saved";
    showStatus("saved", fill(words, { time: clock.format(at) }));
  } else {
    showStatus("draft", "ftl:posts-editor-not-yet");
    saveCopySoon();
  }
}

/** Takes the new id that the server gives a text whose own it does not know, with the copy on this device. */
function adopt({ id, action }) {
  if (!id || !action || id === form.elements.id.value) return false;
  form.elements.id.value = id;
  form.setAttribute("action", action);
  moveCopy(id);
  return true;
}

/** Shows address and tags as they were stored, where nothing else was typed since they were sent. */
function showStored(fields, sent) {
  for (const [name, stored] of Object.entries(fields)) {
    const input = form.elements.namedItem(name);
    if (input && input.value === sent.get(name)) input.value = stored;
  }
}
