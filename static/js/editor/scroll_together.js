import { form } from "./elements.js";
import { writing } from "./writing.js";

const bar = form.querySelector(".editor-bar");
const main = form.querySelector(".editor-main");

/**
 * Lets text and preview scroll together, by the lines that blocks of the preview begin in; whichever was touched last leads. Gives the
 * function that takes the lines of another preview.
 */
export function scrollTogether(pane, isOpen) {
  let [lines, leader, waits] = [[], main, false];
  const soon = (moved) => {
    if (waits || leader !== moved || !isOpen()) return;
    waits = true;
    requestAnimationFrame(() => {
      waits = false;
      if (moved === main) scrollPreview(pane, placesOf(pane, lines));
      else scrollText(pane, placesOf(pane, lines));
    });
  };
  for (const place of [main, pane]) {
    for (const touch of ["pointerenter", "wheel", "touchstart", "focusin", "keydown"])
      place.addEventListener(touch, () => (leader = place), { passive: true });
  }
  addEventListener("scroll", () => soon(main), { passive: true });
  pane.addEventListener("scroll", () => soon(pane), { passive: true });
  return (next) => {
    lines = next;
    soon(main);
  };
}

/** Where in the preview the lines of the text are, from its top to its end. */
function placesOf(pane, lines) {
  const blocks = pane.querySelector(".prose")?.children ?? [];
  const top = pane.getBoundingClientRect().top - pane.scrollTop;
  const places = [{ line: 0, y: 0 }];
  lines.forEach((line, at) => {
    if (line === null || !blocks[at]) return;
    const y = blocks[at].getBoundingClientRect().top - top;
    if (line > places.at(-1).line) places.push({ line, y });
  });
  places.push({ line: writing.lines + 1, y: pane.scrollHeight });
  return places;
}

function scrollPreview(pane, places) {
  const y = between(places, "line", "y", writing.lineAt(topOfText()));
  pane.scrollTop = scrollY <= 0 ? 0 : y;
}

function scrollText(pane, places) {
  const line = between(places, "y", "line", pane.scrollTop);
  const top = pane.scrollTop <= 0 ? 0 : scrollY + writing.heightOf(line) - topOfText();
  scrollTo({ top });
}

/** What of the text is hidden above. */
function topOfText() {
  return bar.offsetHeight + 48;
}

/** The value of `to` for a value of `from`, on the straight line between the two places around it. */
function between(places, from, to, value) {
  const after = places.findIndex((place) => place[from] > value);
  if (after <= 0) return places.at(after < 0 ? -1 : 0)[to];
  const [one, two] = [places[after - 1], places[after]];
  const part = (value - one[from]) / (two[from] - one[from] || 1);
  return one[to] + part * (two[to] - one[to]);
}
