import { $$ } from "../shared/dom.js";
import { write } from "../shared/storage.js";

const root = document.documentElement;
/** As tokens.css has it: the colour of the browser's own bars. */
const PAPER = { light: "#fdfcf9", dark: "#161513" };

/** Lets a reader choose between the system's theme, light and dark. theme_early.js reads the choice on the next page. */
export function switchThemes() {
  document.addEventListener("click", (event) => {
    const choice = event.target.closest("[data-theme-set]")?.dataset.themeSet;
    if (!choice) return;
    if (choice === "system") delete root.dataset.theme;
    else root.dataset.theme = choice;
    write("mh-theme", choice === "system" ? null : choice);
    showChoice();
  });
  showChoice();
}

function showChoice() {
  const choice = root.dataset.theme ?? "system";
  for (const button of $$("[data-theme-set]")) {
    button.setAttribute("aria-pressed", button.dataset.themeSet === choice);
  }
  for (const meta of $$('meta[name="theme-color"]')) {
    const own = meta.media.includes("dark") ? "dark" : "light";
    meta.content = PAPER[choice] ?? PAPER[own];
  }
}
