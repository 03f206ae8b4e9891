import { $, $$ } from "../shared/dom.js";

const OPEN = ":is(.menu, .site-menu)[open]";

/** Closes an open menu at a click beside it and at Escape. */
export function closeMenus() {
  document.addEventListener("click", (event) => {
    for (const menu of $$(OPEN)) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && $(OPEN);
    if (!menu) return;
    menu.open = false;
    $("summary", menu).focus();
  });
}
