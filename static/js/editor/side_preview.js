// The post as readers will see it, beside the text, where the window has room for both. One preview is asked for at a time, so the
// newest text is always the last that is shown.
import { el } from "../shared/dom.js";
import { read, write } from "../shared/storage.js";
import { form } from "./elements.js";
import { patchArticle, takeLines } from "./preview_blocks.js";
import { fetchPreview } from "./rendered_preview.js";
import { scrollTogether } from "./scroll_together.js";

const CHOICE = "mh-preview";
const BESIDE = "beside";
/** After the last key; longer where a preview costs much. */
const PAUSE = 300;
const LONGEST = 15_000;
const wide = matchMedia("(min-width: 84rem)");
const body = form.querySelector(".editor-body");
const button = form.querySelector("[data-side-preview]");
const pane = el("section", {
  class: "side-preview",
  tabindex: "0",
  "aria-label": "ftl:posts-title-preview",
});
let [timer, asking, stale, pause] = [undefined, false, false, PAUSE];
let follow = () => {};

export function listenForSidePreview() {
  button.addEventListener("click", () => {
    write(CHOICE, isOpen() ? null : BESIDE);
    show(!isOpen());
  });
  wide.addEventListener("change", () => show(read(CHOICE) === BESIDE));
  follow = scrollTogether(pane, isOpen);
  show(read(CHOICE) === BESIDE);
}

/** The text was changed. */
export function previewSoon() {
  if (!isOpen()) return;
  clearTimeout(timer);
  timer = setTimeout(render, pause);
}

function isOpen() {
  return pane.isConnected;
}

function show(wanted) {
  const open = wanted && wide.matches;
  button.setAttribute("aria-pressed", String(open));
  body.classList.toggle("beside", open);
  if (open === isOpen()) return;
  if (open) {
    body.append(pane);
    render();
  } else pane.remove();
}

async function render() {
  stale = asking;
  if (asking) return;
  asking = true;
  const options = { headers: { "masthead-lines": "1" }, signal: AbortSignal.timeout(LONGEST) };
  const [article, fault] = await fetchPreview(options);
  asking = false;
  const began = performance.now();
  if (article) put(article);
  else if (!pane.firstElementChild) pane.append(el("p", { class: "note" }, fault));
  pane.classList.toggle("old", !article);
  pause = PAUSE + 20 * (performance.now() - began);
  if (stale) previewSoon();
}

function put(article) {
  const lines = takeLines(article);
  patchArticle(pane, article);
  follow(lines);
}
