import { form } from "./elements.js";

const main = form.querySelector(".editor-main");

/** Shows the version that was saved elsewhere under `why`, as the page for browsers without scripts does. */
export function showConflict(html, why) {
  if (showVersion(html)) main.querySelector(".conflict").before(conflictAlert(why));
}

/** Shows what a version has that the text has not. */
export function showVersion(html) {
  const section = new DOMParser().parseFromString(html, "text/html").querySelector(".conflict");
  if (!section) return false;
  hideConflict();
  main.querySelector(".editor-title-field").before(document.adoptNode(section));
  main.classList.add("with-conflict");
  return true;
}

function conflictAlert(why) {
  const box = Object.assign(document.createElement("div"), { className: "errors", id: "conflict" });
  box.setAttribute("role", "alert");
  box.append(
    Object.assign(document.createElement("h2"), { textContent: "ftl:layout-not-saved" }),
    Object.assign(document.createElement("p"), { textContent: why }),
  );
  return box;
}

/** For the bar, which is in sight wherever the writer is in the text. */
export function linkToConflict() {
  return Object.assign(document.createElement("a"), {
    href: "#conflict",
    textContent: "ftl:posts-editor-elsewhere",
  });
}

export function hideConflict() {
  for (const shown of main.querySelectorAll(".conflict, .errors")) shown.remove();
  main.classList.remove("with-conflict");
}
