import { $, $$ } from "../shared/dom.js";
import { read } from "../shared/storage.js";

/** j and k go from row to row, x chooses the one that has the focus. */
export function listenForKeys() {
  document.addEventListener("keydown", (event) => {
    const isOther = event.ctrlKey || event.metaKey || event.altKey || event.isComposing;
    if (isOther || read("mh-keys") === "off") return;
    const isTyped = "input:not([type=checkbox]), textarea, select, dialog";
    if (event.target.closest(isTyped)) return;
    if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if (event.key === "x") choose();
  });
}

const row = () => document.activeElement?.closest("tbody tr");

function step(by) {
  const rows = $$("main tbody tr");
  const here = rows.indexOf(row());
  const next = rows[Math.min(rows.length - 1, Math.max(0, here + by))];
  if (next) ($("th a", next) ?? $("a, input", next))?.focus();
}

function choose() {
  const here = row();
  if (here) $("input[name=post]", here)?.click();
}
