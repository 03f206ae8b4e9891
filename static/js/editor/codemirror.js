// CodeMirror takes the place of the plain field once it is there; where it does not come, the plain field stays. A switch chooses
// between the two, and the choice is kept on this device.
import { read, write } from "../shared/storage.js";
import { growShown } from "./auto_grow.js";
import { BLOCKS } from "./blocks.js";
import { compositionEnd } from "./composition.js";
import { form, text } from "./elements.js";
import { offerFocusMode } from "./focus_mode.js";
import { plainSurface } from "./plain_surface.js";
import { resumePlain } from "./resume_plain.js";
import { markChanged } from "./unsaved_changes.js";
import { writeOn, writing } from "./writing.js";

const CHOICE = "mh-editor";
const PLAIN = "plain";
const button = form.querySelector("[data-plain]");
const label = form.querySelector(`label[for="${text.id}"]`);
let surface;
/** The text that the field held when CodeMirror took it. */
let taken;

/** Begins when the page can be used. */
export function startCodeMirror() {
  // What a browser puts back into fields on the way back may be older than what the server has saved since.
  form.autocomplete = "off";
  if (document.readyState === "complete") begin();
  else addEventListener("load", begin, { once: true });
  listenToLinks();
  // What goes out with the form, or is put together from it, is the newest text.
  form.addEventListener("formdata", ({ formData }) => {
    writing.settle();
    if (formData.has(text.name)) formData.set(text.name, text.value);
  });
  // The field can also be filled by another hand, such as an extension of the browser.
  text.addEventListener("input", () => isShown() && surface.take());
}

async function begin() {
  button.addEventListener("click", toggle);
  if (read(CHOICE) === PLAIN) return showSwitch();
  await load();
}

async function toggle() {
  if (isShown()) {
    write(CHOICE, PLAIN);
    return hide();
  }
  write(CHOICE, null);
  if (surface) show();
  else await load();
}

async function load() {
  const loaded = await import(form.dataset.codemirror).catch(() => null);
  if (!loaded) return;
  // Letters that are being composed would be lost.
  await compositionEnd();
  surface ??= loaded.startWriting({
    field: text,
    label,
    changed: markChanged,
    blocks: BLOCKS,
    blocksLabel: "ftl:posts-editor-blocks",
  });
  if (!isShown()) show();
}

function isShown() {
  return writing === surface;
}

function show() {
  const focused = document.activeElement === text;
  taken = text.value;
  surface.show();
  writeOn(surface);
  label.removeAttribute("for");
  if (focused) surface.focus();
  showSwitch();
}

function hide() {
  const focused = surface.contains(document.activeElement);
  const { from, to } = surface;
  surface.hide();
  writeOn(plainSurface);
  label.htmlFor = text.id;
  resumePlain(taken, { from, to, focused });
  growShown(text);
  showSwitch();
}

function showSwitch() {
  button.hidden = false;
  button.setAttribute("aria-pressed", String(!isShown()));
  offerFocusMode(isShown());
}

/** Links to the field, such as those of faults, lead to what is shown in its place. */
function listenToLinks() {
  form.addEventListener("click", (event) => {
    if (!isShown() || !event.target.closest(`a[href="#${text.id}"]`)) return;
    event.preventDefault();
    writing.focus();
  });
}
