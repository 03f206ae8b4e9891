import { form, formAddress } from "./elements.js";

/** What all of the editor shares. */
export const state = {
  /** This open editor, which never conflicts with itself. Restored text goes on as the editor that it was typed in. */
  editing: newId(),
  /** Something was typed that the server has not acknowledged; a page that came back with faults holds such a text. */
  dirty: form.querySelector(".errors, .conflict") !== null,
  /** How often something was changed; a save compares it before and after, and the server, what arrives late. */
  edits: 0,
  /** The save that is under way, as a promise. */
  saving: null,
  /** It is not known whether the last save arrived. */
  unsure: false,
  /** How many saves in a row did not arrive. */
  failures: 0,
  /** Another version was saved elsewhere: only the writer can say what becomes of it. */
  conflict: form.querySelector(".conflict") !== null,
  /** The version that the text began from: what was saved after it is not in the text, whatever version the form stands on. */
  base: new URL(formAddress(), location.href).searchParams.get("base") ?? form.dataset.version,
  /** The form itself was sent: leaving the page is meant. */
  leaving: false,
};

/** Does what no save may come between, or a save itself: after what is under way, one at a time. */
export function inTurn(work) {
  const turn = Promise.resolve(state.saving)
    .catch(() => {})
    .then(work)
    .finally(() => {
      if (state.saving === turn) state.saving = null;
    });
  state.saving = turn;
  return turn;
}

/** A random UUID. Browsers give one by themselves only where the page came over https. */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
