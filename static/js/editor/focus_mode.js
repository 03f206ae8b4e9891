import { form } from "./elements.js";
import { writing } from "./writing.js";

const button = form.querySelector("[data-focus-mode]");

/** Only the paragraph with the caret is at full strength, and what is around the text fades; Escape leaves it. */
export function listenForFocusMode() {
  button.addEventListener("click", () => {
    switchFocus(!isOn());
    writing.focus();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && isOn()) switchFocus(false);
  });
}

/** Where a surface cannot do it, the button is not there. */
export function offerFocusMode(offered) {
  button.hidden = !offered;
  if (!offered) switchFocus(false);
}

function isOn() {
  return form.classList.contains("focusing");
}

function switchFocus(on) {
  form.classList.toggle("focusing", on);
  button.setAttribute("aria-pressed", String(on));
}
