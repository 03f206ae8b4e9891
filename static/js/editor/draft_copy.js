// The copy of unsaved text on this device, one for each open editor. It goes to IndexedDB while the page lives; when it is left, a
// copy goes to localStorage as well, which is written before the page is gone. Copies that earlier versions of this file have stored
// there, one for each post, must stay readable: { at, version, action, values }.
import { forget, keep, kept } from "../shared/device_store.js";
import { write } from "../shared/storage.js";
import { form, formAddress } from "./elements.js";
import { isOpenElsewhere } from "./open_editors.js";
import { state } from "./state.js";
import { writing } from "./writing.js";

const PREFIX = `mh-draft:${form.dataset.user}:`;
/** A killed browser takes at most what was typed since. */
const PAUSE = 500;
let timer;

/** What stands in the fields that a writer can change. */
export function fieldValues() {
  const values = {};
  writing.settle();
  for (const field of form.elements) {
    if (field.name && !["hidden", "submit", "button"].includes(field.type))
      values[field.name] = field.value;
  }
  return values;
}

/** Copying a whole book costs milliseconds, so not every key does. */
export function saveCopySoon() {
  timer ??= setTimeout(saveCopy, PAUSE);
}

export function saveCopy() {
  stopTimer();
  if (state.dirty) keep(key(), copy());
}

/** When the page may be gone in a moment. Where storage is full or forbidden, the guard on leaving still stands. */
export function saveLastCopy() {
  saveCopy();
  if (state.dirty) write(key(), JSON.stringify(copy()));
}

export function discardCopy() {
  stopTimer();
  dropCopy(key());
}

export function dropCopy(at) {
  forget(at);
  write(at, null);
}

/** Of a copy that this page goes on with: its text is in the page now, and in the copy of that. */
export function dropFormerCopy(at) {
  if (at !== key()) dropCopy(at);
}

/** The post has got another id: its copy goes along. */
export function moveCopy(id) {
  discardCopy();
  form.dataset.post = id;
  saveCopy();
}

/** The newest copy of this post, or on a page for a new post of any that was never saved, by an editor that is open no longer. */
export async function findCopy() {
  const copies = [...(await kept(PREFIX)), ...inLocalStorage()]
    .map(([at, found]) => ({ ...found, key: at }))
    .filter((found) => found.values && (isOfThisPost(found.key) || isOfNewPost(found)))
    .sort((a, b) => b.at - a.at);
  for (const found of copies) if (!(await isOpenElsewhere(found.editing))) return found;
  return null;
}

function key() {
  return `${PREFIX}${form.dataset.post}:${state.editing}`;
}

function copy() {
  const { editing, edits, base: version } = state;
  return { at: Date.now(), version, action: formAddress(), values: fieldValues(), editing, edits };
}

function stopTimer() {
  clearTimeout(timer);
  timer = undefined;
}

function inLocalStorage() {
  const found = [];
  try {
    for (let i = 0; i < localStorage.length; i += 1) {
      const at = localStorage.key(i);
      if (at.startsWith(PREFIX)) found.push([at, JSON.parse(localStorage.getItem(at))]);
    }
  } catch {
    // No storage, or something else's entry: nothing more to offer.
  }
  return found;
}

function isOfThisPost(at) {
  const own = PREFIX + form.dataset.post;
  return at === own || at.startsWith(`${own}:`);
}

/** Whether a copy and this page both are of a post that was never saved, of the same kind. */
function isOfNewPost(found) {
  const isNew = (version) => Number(version || 0) === 0;
  // The address of a new post carries a signature, which is another on each page.
  const path = (address) => String(address).split("?")[0];
  return (
    isNew(form.dataset.version) &&
    isNew(found.version) &&
    path(found.action) === path(formAddress())
  );
}
