// The copy of unsaved text on this device, one for each post and account. Copies that earlier versions of this file have
// stored must stay readable: { at, version, action, values }.
import { read, write } from "../shared/storage.js";
import { form, formAddress } from "./elements.js";
import { state } from "./state.js";

const PREFIX = `mh-draft:${form.dataset.user}:`;
const PAUSE = 400;
let key = PREFIX + form.dataset.post;
let timer;

/** What stands in the fields that a writer can change. */
export function fieldValues() {
  const values = {};
  for (const field of form.elements) {
    if (field.name && !["hidden", "submit", "button"].includes(field.type))
      values[field.name] = field.value;
  }
  return values;
}

/** A whole book as JSON costs milliseconds, so the copy waits for a pause in typing. */
export function saveCopySoon() {
  clearTimeout(timer);
  timer = setTimeout(saveCopy, PAUSE);
}

export function saveCopy() {
  clearTimeout(timer);
  if (!state.dirty) return;
  const { version } = form.dataset;
  // Where storage is full or forbidden, the guard on leaving still stands.
  write(
    key,
    JSON.stringify({
      at: Date.now(),
      version,
      action: formAddress(),
      values: fieldValues(),
    }),
  );
}

export function discardCopy() {
  clearTimeout(timer);
  write(key, null);
}

/** The post has got another id: its copy goes along. */
export function moveCopy(id) {
  const old = key;
  key = PREFIX + id;
  saveCopy();
  if (read(key)) write(old, null);
}

/** The copy of this post, or on a page for a new post the latest copy of any that was never saved. */
export function findCopy() {
  const found = [];
  try {
    for (let i = 0; i < localStorage.length; i += 1) {
      const at = localStorage.key(i);
      if (!at.startsWith(PREFIX)) continue;
      const copy = JSON.parse(localStorage.getItem(at));
      if (copy?.values && (at === key || isOfNewPost(copy))) found.push({ ...copy, key: at });
    }
  } catch {
    // No storage, or something else's entry: nothing more to offer.
  }
  return found.sort((a, b) => b.at - a.at)[0];
}

/** Whether a copy that was found is the one that this page writes. */
export function isOwnCopy(copy) {
  return copy.key === key;
}

/** Whether a copy and this page both are of a post that was never saved, of the same kind. */
function isOfNewPost(copy) {
  const isNew = (version) => Number(version || 0) === 0;
  // The address of a new post carries a signature, which is another on each page.
  const path = (address) => String(address).split("?")[0];
  return (
    isNew(form.dataset.version) && isNew(copy.version) && path(copy.action) === path(formAddress())
  );
}
