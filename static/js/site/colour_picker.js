import { $, el } from "../shared/dom.js";

/** Puts the browser's picker beside a colour that is typed. It has no name: the text is what is sent, and may be empty. */
export function offerColourPicker() {
  const field = $("[data-colour]");
  if (!field) return;
  const picker = el("input", { type: "color", "aria-label": field.dataset.colour });
  const follow = () => {
    if (/^#[\da-f]{6}$/i.test(field.value)) picker.value = field.value;
  };
  follow();
  field.addEventListener("input", follow);
  picker.addEventListener("input", () => {
    field.value = picker.value;
  });
  field.after(picker);
}
