import { el } from "../shared/dom.js";
import { hideConflict, showVersion } from "./conflict.js";
import { dropCopy, dropFormerCopy, fieldValues, findCopy, saveCopy } from "./draft_copy.js";
import { isOpenElsewhere } from "./open_editors.js";
import { form } from "./elements.js";
import { setFields } from "./fields.js";
import { inTurn, state } from "./state.js";
import { standOn } from "./stand_on.js";
import { markChanged } from "./unsaved_changes.js";
import { fill } from "../shared/words.js";
import { writing } from "./writing.js";

const DAY = {
  day: "numeric",
  month: "long",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
};

/** Offers the copy on this device where it says something else than what the server has. */
export async function offerRestore() {
  // A page that came back has a text of its own, which is not saved.
  if (state.dirty) return;
  const copy = await findCopy();
  if (!copy) return;
  if (isSaved(copy)) dropCopy(copy.key);
  else show(copy);
}

/** The server tidies tags and addresses; only a difference in the writing itself is worth a question. */
function isSaved(copy) {
  const now = fieldValues();
  const words = (value) => (value ?? "").trim();
  return ["title", "markdown", "excerpt"].every(
    (name) => words(now[name]) === words(copy.values[name]),
  );
}

function show(copy) {
  const time = new Intl.DateTimeFormat(undefined, DAY).format(copy.at);
  const banner = el(
    "div",
    { class: "restore", role: "status" },
    el("span", {}, fill("ftl:posts-editor-found", { time })),
    button("ftl:posts-editor-restore", "button", (node) => end(node, () => restore(copy))),
    button("ftl:posts-editor-discard", "button quiet", (node) =>
      end(node, () => dropCopy(copy.key)),
    ),
  );
  // Of a post that was never saved there is nothing to compare with.
  if (Number(form.dataset.version) > 0)
    banner.lastChild.before(
      button("ftl:posts-editor-compare", "button quiet", (node) => compare(node, copy)),
    );
  form.querySelector(".editor-bar").after(banner);
}

function button(label, className, act) {
  const node = el("button", { type: "button", class: className }, label);
  node.addEventListener("click", () => act(node));
  return node;
}

function end(node, act) {
  node.closest(".restore").remove();
  hideConflict();
  act();
}

/** Shows how the copy differs from what is saved, before one of the two is chosen. */
async function compare(node, copy) {
  node.disabled = true;
  const body = new URLSearchParams(new FormData(form));
  for (const [name, value] of Object.entries(copy.values)) body.set(name, value);
  const response = await fetch(`/p/${form.dataset.post}/compare`, { method: "POST", body }).catch(
    () => null,
  );
  const answer =
    response?.ok && !response.redirected ? await response.json().catch(() => null) : null;
  if (answer) showVersion(answer.html);
  else node.disabled = false;
}

function restore(copy) {
  setFields(copy.values);
  markChanged();
  writing.focus();
  // A save has to know first what it stands on.
  inTurn(() => goOn(copy));
}

async function goOn(copy) {
  const isElsewhere = await isOpenElsewhere(copy.editing);
  standWhereItStood(copy, isElsewhere);
  saveCopy();
  if (!isElsewhere) dropFormerCopy(copy.key);
}

/** It goes on as the editor that it was typed in, over the version that it was typed over: whatever was saved since is told. */
function standWhereItStood({ version, editing, edits }, isElsewhere) {
  if (Number(form.dataset.version) === 0) return;
  state.base = version;
  standOn(version);
  if (!editing || isElsewhere) return;
  state.editing = editing;
  state.edits = Math.max(state.edits, edits) + 1;
}
