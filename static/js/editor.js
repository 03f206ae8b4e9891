// The editor page is a plain form; this module makes it pleasant. What must never happen: a key that
// is lost, or an undo that stops working. Hence text changes go through `insert` only, and every
// keystroke is kept on the device until the server has acknowledged it. The page loads site.js beside it.

const form = document.querySelector("form[data-editor]");
const text = form.elements.markdown;
const title = form.elements.title;
const status = form.querySelector("[data-save-status]");
const behind = form.querySelector(".editor-body");
const main = form.querySelector(".editor-main");
const keyOf = (post) => `mh-draft:${form.dataset.user}:${post}`;
let draftKey = keyOf(form.dataset.post);
const state = { dirty: false, saving: null, edits: 0, leaving: false };

/** Replaces the selection the way typing would, so that the browser's own undo takes it back. */
function insert(field, value, from = field.selectionStart, to = field.selectionEnd) {
  field.focus();
  field.setSelectionRange(from, to);
  const done = value === "" ? document.execCommand("delete") : document.execCommand("insertText", false, value);
  if (!done) {
    field.setRangeText(value, from, to, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function lineStart(at) {
  return text.value.lastIndexOf("\n", at - 1) + 1;
}

function wrap(before, after = before) {
  const { selectionStart: from, selectionEnd: to, value } = text;
  const outside = value.slice(from - before.length, from) === before && value.slice(to, to + after.length) === after;
  const longer = before === "*" && value.slice(from - 2, from) === "**";
  if (outside && !longer) {
    insert(text, value.slice(from, to), from - before.length, to + after.length);
    text.setSelectionRange(from - before.length, to - before.length);
    return;
  }
  // Pressed again at the end of what it began: on behind the mark.
  if (from === to && closes(before, after, from)) return text.setSelectionRange(to + after.length, to + after.length);
  insert(text, before + value.slice(from, to) + after, from, to);
  text.setSelectionRange(from + before.length, to + before.length);
}

/** Whether exactly this mark stands after the caret, and its partner before it in the same line. */
function closes(before, after, at) {
  const { value } = text;
  const sameMark = value.slice(at, at + after.length + 1).replace(/[^*`]+$/, "") === after;
  return sameMark && value.slice(lineStart(at), at).includes(before);
}

function prefix(mark, pattern) {
  const from = lineStart(text.selectionStart);
  const lineEnd = text.value.indexOf("\n", text.selectionEnd);
  const to = lineEnd < 0 ? text.value.length : lineEnd;
  const lines = text.value.slice(from, to).split("\n");
  const all = lines.every((line) => pattern.test(line));
  const changed = lines.map((line) => (all ? line.replace(pattern, "") : mark + line.replace(pattern, ""))).join("\n");
  insert(text, changed, from, to);
  text.setSelectionRange(lines.length > 1 ? from : from + changed.length, from + changed.length);
}

/** No heading, second level, third level, and round again; the first level is the title. */
function heading() {
  const from = lineStart(text.selectionStart);
  const found = /^(#{1,6}) +/.exec(text.value.slice(from));
  const level = found?.[1].length ?? 0;
  const mark = level === 0 ? "## " : level === 2 ? "### " : "";
  insert(text, mark, from, from + (found?.[0].length ?? 0));
  const lineEnd = text.value.indexOf("\n", from);
  text.setSelectionRange(lineEnd < 0 ? text.value.length : lineEnd, lineEnd < 0 ? text.value.length : lineEnd);
}

function link() {
  const { selectionStart: from, selectionEnd: to, value } = text;
  const words = value.slice(from, to);
  if (/^https?:\/\/\S+$/.test(words)) {
    insert(text, `[](${words})`, from, to);
    text.setSelectionRange(from + 1, from + 1);
  } else {
    insert(text, `[${words}](https://)`, from, to);
    text.setSelectionRange(from + words.length + 3, from + words.length + 11);
  }
}

function picture() {
  const { selectionStart: from, selectionEnd: to, value } = text;
  const words = value.slice(from, to) || "what the picture shows";
  insert(text, `![${words}](https://)`, from, to);
  text.setSelectionRange(from + 2, from + 2 + words.length);
}

function code() {
  const words = text.value.slice(text.selectionStart, text.selectionEnd);
  if (words.includes("\n")) wrap("```\n", "\n```"); else wrap("`");
}

const commands = {
  bold: () => wrap("**"),
  italic: () => wrap("*"),
  heading,
  link,
  quote: () => prefix("> ", /^> ?/),
  code,
  list: () => prefix("- ", /^[-*+] /),
  picture,
};

/** Enter continues a list or quote; on an empty item it ends it. */
function continueLine(event) {
  const at = text.selectionStart;
  if (at !== text.selectionEnd) return;
  const from = lineStart(at);
  const found = /^(\s*)((?:[-*+]|(\d{1,9})([.)])) (?:\[[ xX]\] )?|(?:> ?)+)/.exec(text.value.slice(from, at));
  if (!found) return;
  event.preventDefault();
  const [whole, space, mark, number, point] = found;
  if (whole.length === at - from && !text.value.slice(at).split("\n", 1)[0].trim()) return insert(text, "", from, at);
  const next = number ? `${Number(number) + 1}${point} ` : mark.replace(/\[[xX]\]/, "[ ]");
  insert(text, "\n" + space + next);
}

function pasteLink(event) {
  const address = event.clipboardData?.getData("text/plain").trim() ?? "";
  const words = text.value.slice(text.selectionStart, text.selectionEnd);
  if (!words.trim() || words.includes("\n") || !/^(https?:\/\/|mailto:)\S+$/.test(address) || /^https?:\/\//.test(words)) return;
  event.preventDefault();
  insert(text, `[${words}](${address})`);
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

function say(kind, words) {
  status.className = `status ${kind}`;
  if (status.textContent !== words) status.textContent = words;
}

function values() {
  const kept = {};
  for (const field of form.elements) if (field.name && !["hidden", "submit", "button"].includes(field.type)) kept[field.name] = field.value;
  return kept;
}

// A whole book as JSON costs milliseconds, so the copy waits for a pause in typing.
let keepTimer;
function keep() {
  clearTimeout(keepTimer);
  keepTimer = setTimeout(keepNow, 400);
}
function keepNow() {
  clearTimeout(keepTimer);
  if (!state.dirty) return;
  try {
    localStorage.setItem(draftKey, JSON.stringify({ at: Date.now(), version: form.dataset.version, action: form.getAttribute("action"), values: values() }));
  } catch { /* full or forbidden: the guard on leaving still stands */ }
}
function forget() {
  clearTimeout(keepTimer);
  try { localStorage.removeItem(draftKey); } catch { /* as above */ }
}

function changed() {
  state.dirty = true;
  state.edits += 1;
  if (!state.saving) say("draft", navigator.onLine ? "Not saved yet" : "Offline – kept on this device");
  keep();
  countSoon();
}

async function save() {
  if (state.saving) return state.saving;
  state.saving = send().finally(() => { state.saving = null; });
  return state.saving;
}

/** Shows address and tags as they were stored, where nothing else was typed since they were sent. */
function showStored(fields, sent) {
  for (const [name, stored] of Object.entries(fields)) {
    const input = form.elements.namedItem(name);
    if (input && input.value === sent.get(name)) input.value = stored;
  }
}

async function send(again = false) {
  const edits = state.edits;
  keepNow();
  say("saving", "Saving…");
  const body = new URLSearchParams(new FormData(form));
  body.set("action", "save");
  let response;
  try {
    response = await fetch(form.getAttribute("action"), { method: "POST", body, headers: { Accept: "application/json" }, credentials: "same-origin" });
  } catch {
    say("failed", navigator.onLine ? "Not saved – the server does not answer; kept on this device" : "Offline – kept on this device");
    return false;
  }
  let answer = {};
  try { answer = await response.json(); } catch { /* an error page is no JSON; the number says enough */ }
  if (response.redirected || response.status === 401) {
    say("failed", "Not saved – sign in again in another tab, then save");
    return false;
  }
  if (response.status === 422 && !again && adopt(answer)) return send(true);
  if (!response.ok || !answer.ok) {
    // What was saved elsewhere is shown with this text; the next save, if the writer wants it, stands on that.
    if (response.status === 409 && answer.version !== undefined) standOn(answer.version);
    if (answer.saved?.html) showSaved(answer.saved.html);
    showErrors(answer.errors ?? {});
    const first = Object.values(answer.errors ?? {})[0];
    say("failed", `Not saved – ${first ?? `the server answered ${response.status}; kept on this device`}`);
    return false;
  }
  showErrors({});
  form.querySelector(".conflict")?.remove();
  main.classList.remove("with-conflict");
  standOn(answer.version);
  showStored(answer.fields ?? {}, body);
  if (answer.edit_url && answer.edit_url !== form.getAttribute("action")) {
    // Saved for the first time: from now on a reload must find this text and not an empty editor.
    form.setAttribute("action", answer.edit_url);
    history.replaceState(history.state, "", answer.edit_url);
  }
  // Whatever was typed while the answer was under way is still unsaved.
  if (state.edits === edits) {
    state.dirty = false;
    forget();
    say("saved", `Saved ${clock.format(answer.saved_at ? new Date(answer.saved_at) : new Date())}`);
  } else {
    say("draft", "Not saved yet");
    keep();
  }
  return true;
}

/** Takes the new id that the server gives a text whose own it does not know, with the copy on this device. */
function adopt({ id, action }) {
  if (!id || !action || id === form.elements.id.value) return false;
  form.elements.id.value = id;
  form.dataset.post = id;
  form.setAttribute("action", action);
  const old = draftKey;
  draftKey = keyOf(id);
  keepNow();
  try { if (localStorage.getItem(draftKey)) localStorage.removeItem(old); } catch { /* no storage: nothing to move */ }
  return true;
}

/** Shows the version that was saved elsewhere, as the page for browsers without scripts does. */
function showSaved(html) {
  const section = new DOMParser().parseFromString(html, "text/html").querySelector(".conflict");
  if (!section) return;
  main.querySelector(".conflict")?.remove();
  main.querySelector(".editor-title-field").before(document.adoptNode(section));
  main.classList.add("with-conflict");
}

function standOn(version) {
  if (version === undefined) return;
  form.dataset.version = version;
  form.elements.version.value = version;
}

function showErrors(errors) {
  for (const old of form.querySelectorAll(".error[data-live]")) old.remove();
  for (const field of form.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    field.setAttribute("aria-describedby", (field.getAttribute("aria-describedby") ?? "").replace(`${field.id}-error`, "").trim());
  }
  for (const [name, words] of Object.entries(errors)) {
    const field = form.elements[name];
    if (!(field instanceof HTMLElement)) continue;
    const note = Object.assign(document.createElement("p"), { className: "error", id: `${field.id}-error`, textContent: words });
    note.dataset.live = "";
    document.getElementById(note.id)?.remove();
    (field.closest(".affix") ?? field).after(note);
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", `${note.id} ${field.getAttribute("aria-describedby") ?? ""}`.trim());
    field.closest("details")?.setAttribute("open", "");
  }
}

let pane = null;
async function preview() {
  if (pane) return closePreview();
  const before = { kind: status.className, words: [...status.childNodes] };
  say("saving", "Making the preview…");
  const [article, fault] = await fetchPreview();
  if (!article) return say("failed", `No preview – ${fault}`);
  status.className = before.kind;
  status.replaceChildren(...before.words);
  pane = document.createElement("section");
  pane.className = "preview";
  pane.tabIndex = -1;
  pane.setAttribute("aria-label", "Preview");
  pane.append(article);
  form.append(pane);
  behind.inert = true; // what the preview covers is not for the keyboard either
  previewButton.textContent = "Back to the text";
  pane.focus();
}

/** The article of the preview page, or why there is none. */
async function fetchPreview() {
  const unreachable = "the server does not answer; your text is kept";
  try {
    const response = await fetch(form.dataset.preview, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "text/html" }, credentials: "same-origin" });
    if (response.redirected || response.status === 401) return [null, "sign in again in another tab"];
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (response.status === 422) return [null, page.querySelector(".errors li")?.textContent.trim() ?? unreachable];
    return [response.ok ? page.querySelector("main > article") : null, unreachable];
  } catch {
    return [null, unreachable];
  }
}

function closePreview() {
  pane.remove();
  pane = null;
  behind.inert = false;
  previewButton.textContent = "Preview";
  text.focus();
}

const pathOf = (address) => String(address).split("?")[0];

/** The copy of this text, or on a page for a new text the latest copy of any that was never saved. */
function findCopy() {
  const found = [];
  try {
    const fresh = Number(form.dataset.version || 0) === 0;
    for (let i = 0; i < localStorage.length; i += 1) {
      const key = localStorage.key(i);
      if (!key.startsWith(`mh-draft:${form.dataset.user}:`)) continue;
      const copy = JSON.parse(localStorage.getItem(key));
      // The address of a new text carries a signature, which is another on each page.
      const same = key === draftKey || (fresh && Number(copy.version || 0) === 0 && pathOf(copy.action) === pathOf(form.getAttribute("action")));
      if (copy?.values && same) found.push({ key, ...copy });
    }
  } catch { /* no storage, or something else's entry: nothing to offer */ }
  return found.sort((a, b) => b.at - a.at)[0];
}

function offerRestore() {
  const copy = findCopy();
  if (!copy) return;
  const drop = () => { try { localStorage.removeItem(copy.key); } catch { /* as above */ } };
  // The server tidies tags and addresses; only a difference in the writing itself is worth a question.
  const now = values();
  if (["title", "markdown", "excerpt"].every((name) => (now[name] ?? "").trim() === (copy.values[name] ?? "").trim())) return drop();
  const banner = document.createElement("div");
  banner.className = "restore";
  banner.setAttribute("role", "status");
  const note = document.createElement("span");
  const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  note.textContent = `This device has a text from ${day.format(copy.at)} that was not saved.`;
  const button = (label, quiet, act) => {
    const b = Object.assign(document.createElement("button"), { type: "button", className: quiet ? "button quiet" : "button", textContent: label });
    b.addEventListener("click", () => { banner.remove(); act(); });
    return b;
  };
  banner.append(note, button("Restore it", false, () => {
    for (const [name, value] of Object.entries(copy.values)) {
      const field = form.elements[name];
      if (!(field instanceof HTMLElement) || field.value === value) continue;
      if (field instanceof HTMLTextAreaElement) insert(field, value, 0, field.value.length); else field.value = value;
    }
    changed();
    if (copy.key !== draftKey) { keepNow(); drop(); }
    text.focus();
  }), button("Throw it away", true, drop));
  form.querySelector(".editor-bar").after(banner);
}

// Browsers without `field-sizing` grow the fields here; the others never run it.
const grows = !CSS.supports("field-sizing", "content");
function grow(field) {
  if (!grows) return;
  const at = scrollY;
  field.style.setProperty("height", "auto");
  field.style.setProperty("height", `${field.scrollHeight + 2}px`);
  scrollTo({ top: at });
}

const words = form.querySelector("[data-words]");
let countTimer;
function countSoon() {
  clearTimeout(countTimer);
  countTimer = setTimeout(count, 250);
}
function count() {
  const n = text.value.match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}'’_-]*/gu)?.length ?? 0;
  if (words) words.textContent = `${n.toLocaleString("en")} ${n === 1 ? "word" : "words"}`;
}

function keydown(event) {
  if (event.isComposing) return;
  const mod = (event.ctrlKey || event.metaKey) && !event.altKey;
  const key = event.key.toLowerCase();
  const act = (run) => { event.preventDefault(); run(); };
  if (mod && key === "s") return act(save);
  if (mod && key === "enter") return act(() => (form.querySelector("[data-publish]") ?? form.querySelector("[value=update]"))?.click());
  if (event.key === "Escape" && pane) return act(closePreview);
  if (event.target === title && event.key === "Enter") return act(() => text.focus());
  if (event.target !== text) return;
  if (mod && !event.shiftKey && { b: 1, i: 1, k: 1 }[key]) return act({ b: commands.bold, i: commands.italic, k: commands.link }[key]);
  if (event.key === "Enter" && !mod && !event.shiftKey) continueLine(event);
}

const previewButton = form.querySelector("[data-preview-button]");
form.addEventListener("keydown", keydown);
form.addEventListener("input", (event) => {
  if (event.target.matches("textarea")) grow(event.target);
  changed();
});
form.addEventListener("change", changed);
text.addEventListener("paste", pasteLink);
form.querySelector(".toolbar")?.addEventListener("mousedown", (event) => {
  if (event.target.closest("button")) event.preventDefault(); // the selection stays in the text
});
form.addEventListener("click", (event) => {
  const md = event.target.closest("[data-md]");
  if (md) { text.focus(); commands[md.dataset.md](); }
});
form.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button?.matches("[data-save]")) { event.preventDefault(); save(); }
  else if (button === previewButton) { event.preventDefault(); preview(); }
  else { keepNow(); state.leaving = true; } // the copy stays until a later visit finds the same text saved
});
addEventListener("beforeunload", (event) => {
  if (!state.dirty || state.leaving) return;
  keepNow();
  event.preventDefault();
});
addEventListener("pageshow", () => { state.leaving = false; });
addEventListener("pagehide", keepNow);
addEventListener("offline", () => { if (state.dirty) say("failed", "Offline – kept on this device"); });
addEventListener("online", () => { if (state.dirty) say("draft", "Online again – not saved yet"); });

if (grows) for (const field of form.querySelectorAll("textarea")) grow(field);
count();
offerRestore();
