import { form } from "./elements.js";

const status = form.querySelector("[data-save-status]");

/** Says beside the buttons how the text is kept. */
export function showStatus(kind, words) {
  status.className = `status ${kind}`;
  if (status.textContent !== words) status.textContent = words;
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
