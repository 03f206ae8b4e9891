import { form, title } from "./elements.js";
import { continueLine } from "./list_continuation.js";
import { commands } from "./markdown_commands.js";
import { closePreview, isPreviewOpen } from "./preview.js";
import { save } from "./save.js";
import { writing } from "./writing.js";

/** The keys of the editor, which come before what a surface does with them. */
export function listenForShortcuts() {
  form.addEventListener("keydown", listen, { capture: true });
}

function listen(event) {
  // Safari tells of the key that ends a composition when it has ended.
  if (event.isComposing || event.keyCode === 229) return;
  const mod = (event.ctrlKey || event.metaKey) && !event.altKey;
  const act = commandFor(event, mod);
  if (act) {
    event.preventDefault();
    act();
  } else if (writing.contains(event.target) && event.key === "Enter" && !mod && !event.shiftKey) {
    continueLine(event);
  }
}

function commandFor(event, mod) {
  const key = event.key.toLowerCase();
  if (mod && key === "s") return save;
  if (mod && key === "enter") return publish;
  if (key === "escape" && isPreviewOpen()) return closePreview;
  if (event.target === title && key === "enter") return () => writing.focus();
  if (!writing.contains(event.target) || !mod || event.shiftKey) return null;
  return { b: commands.bold, i: commands.italic, k: commands.link }[key];
}

function publish() {
  (form.querySelector("[data-publish]") ?? form.querySelector("[value=update]"))?.click();
}
