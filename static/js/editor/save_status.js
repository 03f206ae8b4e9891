import { form } from "./elements.js";

const status = form.querySelector("[data-save-status]");

/** Says beside the buttons how the text is kept; there is little room, so a long reason stands behind `link`. */
export function showStatus(kind, words, link) {
  status.className = `status ${kind}`;
  if (link) {
    const line = document.createElement("span");
    line.append(words, " ", link);
    status.replaceChildren(line);
  } else if (status.textContent !== words) status.textContent = words;
}

/** What is shown now, as a function that shows it again. */
export function rememberStatus() {
  const { className, childNodes } = status;
  const words = [...childNodes];
  return () => {
    status.className = className;
    status.replaceChildren(...words);
  };
}
