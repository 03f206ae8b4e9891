import { $$, el } from "../shared/dom.js";
import { sayBriefly } from "../shared/say_briefly.js";

/** Gives each block of code in a post a button that copies it. */
export function addCopyButtons() {
  if (!navigator.clipboard) return;
  for (const pre of $$(".post .prose pre")) {
    const button = el("button", { type: "button", class: "copy" }, "ftl:reading-copy");
    const box = el("div", { class: "code-box" });
    pre.replaceWith(box);
    box.append(pre, button);
    button.addEventListener("click", () => copy(pre, button));
  }
}

async function copy(pre, button) {
  try {
    await navigator.clipboard.writeText(pre.textContent);
    sayBriefly(button, "ftl:reading-copied");
  } catch {
    sayBriefly(button, "ftl:reading-not-copied");
  }
}
