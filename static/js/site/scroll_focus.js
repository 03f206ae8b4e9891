import { $$ } from "../shared/dom.js";

/** What scrolls sideways must be reachable by keyboard; what does not should not be a stop. */
export function makeScrollersFocusable() {
  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  for (const node of $$("pre, .table-scroll, math[display=block]")) observer.observe(node);
}
