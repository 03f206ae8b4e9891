import { $, $$ } from "../shared/dom.js";
import { read } from "../shared/storage.js";
import { showShortcutHelp } from "./shortcut_help.js";

let index = -1;

/** Keys for readers: next, previous, search and help. */
export function listenForShortcuts() {
  document.addEventListener("keydown", (event) => {
    if (
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      event.isComposing ||
      event.defaultPrevented
    )
      return;
    if (event.target.closest("input, textarea, select, dialog, [contenteditable]")) return;
    // Help answers always: it is where the keys are switched on again.
    if (event.key === "?") return showShortcutHelp();
    if (read("mh-keys") === "off") return;
    if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if (event.key === "/") search(event);
  });
}

/** Moves the focus to the next or previous entry of a list, or comment of a post. */
function step(by) {
  const stops = $$("[data-keys] .u-url");
  if (!stops.length) stops.push(...$$(".comment .u-url"));
  if (!stops.length) return;
  const here = stops.indexOf(document.activeElement);
  index = Math.min(stops.length - 1, Math.max(0, (here < 0 ? index : here) + by));
  stops[index].focus();
  stops[index].closest("article").scrollIntoView({ block: "nearest" });
}

function search(event) {
  const field = $("main input[type=search]");
  const link = $('.bar a[href="/search"]');
  if (!field && !link) return;
  event.preventDefault();
  if (field) field.focus();
  else link.click();
}
