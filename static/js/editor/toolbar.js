import { form } from "./elements.js";
import { commands } from "./markdown_commands.js";
import { writing } from "./writing.js";

/** Buttons with `data-md` change the text; the selection stays in the text while they are pressed. */
export function listenToToolbar() {
  form.addEventListener("mousedown", (event) => {
    if (event.target.closest(":is(.toolbar, .view-tools) button")) event.preventDefault();
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-md]");
    if (!button) return;
    writing.focus();
    commands[button.dataset.md]();
  });
}
