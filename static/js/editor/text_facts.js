// How many words there are and under which headings, read while nothing else is to be done: a key never waits for it.
import { showOutline } from "./outline.js";
import { showCount, showSelected } from "./word_count.js";
import { writing } from "./writing.js";

const PAUSE = 250;
/** So much is read between two looks at whether there is something else to do. */
const PART = 30_000;
const IDEOGRAPH = "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}";
/** Each sign of Chinese or Japanese is a word, as the server counts. */
const WORD = new RegExp(
  `[${IDEOGRAPH}]|(?:(?![${IDEOGRAPH}])[\\p{L}\\p{N}])(?:(?![${IDEOGRAPH}])[\\p{L}\\p{N}\\p{M}'’_-])*`,
  "gu",
);
const IS_IDEOGRAPH = new RegExp(`^[${IDEOGRAPH}]`, "u");
const LINE = /^ {0,3}(?:(#{1,6})[ \t]+(.*)|(```+|~~~+))/;
let timer;
/** Counts the readings: what was typed during one ends it. */
let reading = 0;

export function readTextSoon() {
  clearTimeout(timer);
  reading += 1;
  timer = setTimeout(() => readParts(partsOf(writing.value), reading), PAUSE);
}

export function listenForSelection() {
  let waits;
  document.addEventListener("selectionchange", () => {
    clearTimeout(waits);
    waits = setTimeout(() => {
      const { from, to } = writing;
      showSelected(from === to ? null : count(writing.slice(from, Math.min(to, from + PART * 10))));
    }, PAUSE);
  });
}

/** Goes on in idle time; what is typed meanwhile begins anew. */
function readParts(
  parts,
  mine,
  found = { words: 0, ideographs: 0, headings: [], fence: "", at: 0 },
) {
  if (mine !== reading) return;
  const { value: part, done } = parts.next();
  if (done) {
    showCount(found);
    showOutline(found.headings);
    return;
  }
  const { words, ideographs } = count(part);
  found.words += words;
  found.ideographs += ideographs;
  readHeadings(part, found);
  whenIdle(() => readParts(parts, mine, found));
}

function whenIdle(work) {
  if ("requestIdleCallback" in globalThis) requestIdleCallback(work, { timeout: 1_000 });
  else setTimeout(work);
}

function* partsOf(text) {
  for (let from = 0; from < text.length;) {
    const end = text.indexOf("\n", from + PART);
    const to = end < 0 ? text.length : end + 1;
    yield text.slice(from, to);
    from = to;
  }
}

function count(text) {
  const words = text.match(WORD) ?? [];
  const ideographs = words.filter((word) => IS_IDEOGRAPH.test(word)).length;
  return { words: words.length - ideographs, ideographs };
}

function readHeadings(part, found) {
  for (const line of part.split("\n")) {
    const [, level, words, fence] = LINE.exec(line) ?? [];
    if (fence && !found.fence) found.fence = fence[0];
    else if (fence?.[0] === found.fence) found.fence = "";
    else if (level && !found.fence)
      found.headings.push({ level: level.length, words, at: found.at });
    found.at += line.length + 1;
  }
  // A part ends with a line end, behind which the splitting sees one more line.
  found.at -= 1;
}
