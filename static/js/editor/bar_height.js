import { form } from "./elements.js";

const bar = form.querySelector(".editor-bar");

/** Tells the style sheet how high the bar is, which what sticks or lies below it has to know: on a phone it takes two lines. */
export function measureBar() {
  new ResizeObserver(() => form.style.setProperty("--bar", `${bar.offsetHeight}px`)).observe(bar);
}
