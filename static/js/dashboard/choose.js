import { $, $$ } from "../shared/dom.js";
import { fillCount } from "../shared/words.js";

const bar = $("#bulk");
const all = $("#choose-all");
const ticks = () => $$("input[name=post][form=bulk]");

/** Shows the bar while rows are chosen, and how many. */
export function listenForChoices() {
  if (!bar || !all) return;
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const tick of ticks()) tick.checked = all.checked;
    show();
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("input[name=post]")) show();
  });
  // Back from the next page, the browser has ticked them again.
  addEventListener("pageshow", show);
  show();
}

function show() {
  const rows = ticks();
  const count = rows.filter((tick) => tick.checked).length;
  all.checked = count > 0 && count === rows.length;
  all.indeterminate = count > 0 && count < rows.length;
  bar.hidden = count === 0;
  $(".bulk-count", bar).textContent = fillCount("ftl:posts-bulk-chosen", count);
}
