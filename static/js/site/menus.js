import { $, $$ } from "../shared/dom.js";

/** Closes an open menu at a click beside it and at Escape. */
export function closeMenus() {
  document.addEventListener("click", (event) => {
    for (const menu of $$(".menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && $(".menu[open]");
    if (!menu) return;
    menu.open = false;
    $("summary", menu).focus();
  });
}
