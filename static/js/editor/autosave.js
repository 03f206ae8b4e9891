// Saves without being asked: soon after the last key, and now and then while keys keep coming. A save that did not arrive is tried
// again, less and less often; one that was refused waits for the next key.
import { isComposing } from "./composition.js";
import { form, title } from "./elements.js";
import { save } from "./save.js";
import { state } from "./state.js";
import { writing } from "./writing.js";

const PAUSE = 2_000;
const LONGEST = 5_000;
const LONGEST_WAIT = 30_000;
/** Of the next save; none is planned while it is undefined. */
let timer;
let since = 0;

/** Something was typed. */
export function autosaveSoon() {
  const now = performance.now();
  since ||= now;
  // While saves do not arrive, keys do not hurry them.
  if (state.failures === 0) wait(Math.min(PAUSE, Math.max(0, since + LONGEST - now)));
  else if (timer === undefined) wait(retryAfter());
}

/** The network is back, or the page may be gone soon. */
export function autosaveNow() {
  wait(0);
}

function wait(time) {
  clearTimeout(timer);
  timer = setTimeout(autosave, time);
}

async function autosave() {
  timer = undefined;
  // Half a word of an input method is no state that a post should be in.
  if (isComposing()) return wait(PAUSE);
  since = 0;
  if (!state.dirty || state.leaving || state.conflict || isEmpty()) return;
  const outcome = await save({ auto: true });
  if (outcome === "signed-out") wait(LONGEST_WAIT);
  else if (outcome === "unheard") wait(retryAfter());
  else if (outcome === "saved" && state.dirty) autosaveSoon();
}

/** With chance in it: the editors of a site do not all come back in the same moment. */
function retryAfter() {
  return Math.min(LONGEST_WAIT, 1_000 * 2 ** state.failures) * (0.5 + Math.random() / 2);
}

/** A new post of which nothing is there yet makes no draft. */
function isEmpty() {
  return Number(form.dataset.version || 0) === 0 && !writing.value.trim() && !title.value.trim();
}
