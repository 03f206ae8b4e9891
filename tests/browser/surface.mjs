// The two surfaces that a text is written on, for tests that go through both. What is selected stands between ⟦ and ⟧; a caret is ⟦⟧.
import assert from "node:assert/strict";

const label = (page) => page.locator("textarea#markdown");

const plain = {
  text: label,
  async ready(page) {
    await label(page).waitFor();
  },
  value: (page) => label(page).inputValue(),
  select: (page, from, to) =>
    label(page).evaluate((field, range) => field.setSelectionRange(...range), [from, to]),
  shown: (page) =>
    label(page).evaluate(({ value, selectionStart: from, selectionEnd: to }) => {
      return `${value.slice(0, from)}⟦${value.slice(from, to)}⟧${value.slice(to)}`;
    }),
};

const codemirror = {
  text: (page) => page.locator(".cm-content"),
  async ready(page) {
    await page.locator(".cm-content").waitFor();
  },
  /** Of a text whose lines are all in sight, as they are shown. */
  value: (page) => page.locator(".cm-content").evaluate(linesOf),
  async select(page, from, to) {
    await page.locator(".cm-content").evaluate(selectIn, [from, to]);
    // CodeMirror learns of a selection by an event of the browser.
    await page.evaluate(() => new Promise((then) => requestAnimationFrame(() => setTimeout(then))));
  },
  shown: (page) => page.locator(".cm-content").evaluate(shownIn),
};

export const SURFACES = { plain, codemirror };

function linesOf(content) {
  const placeholder = content.querySelector(".cm-placeholder")?.textContent ?? "";
  const lines = [...content.querySelectorAll(".cm-line")];
  return lines
    .map((line) => line.textContent)
    .join("\n")
    .slice(placeholder.length);
}

function selectIn(content, range) {
  const lines = [...content.querySelectorAll(".cm-line")];
  const [start, end] = range.map((at) => {
    let left = at;
    for (const line of lines) {
      if (left <= line.textContent.length) {
        const texts = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
        for (let node = texts.nextNode(); node; node = texts.nextNode()) {
          if (left <= node.data.length) return [node, left];
          left -= node.data.length;
        }
        return [line, 0];
      }
      left -= line.textContent.length + 1;
    }
    throw new Error(`no place ${at}`);
  });
  document.getSelection().setBaseAndExtent(...start, ...end);
}

function shownIn(content) {
  const lines = [...content.querySelectorAll(".cm-line")];
  const { anchorNode, anchorOffset, focusNode, focusOffset } = document.getSelection();
  const place = (node, offset) => {
    let before = 0;
    for (const line of lines) {
      if (line.contains(node)) {
        const range = document.createRange();
        range.setStart(line, 0);
        range.setEnd(node, offset);
        return before + range.toString().length;
      }
      before += line.textContent.length + 1;
    }
    return -1;
  };
  const value = lines.map((line) => line.textContent).join("\n");
  const [from, to] = [place(anchorNode, anchorOffset), place(focusNode, focusOffset)].sort(
    (a, b) => a - b,
  );
  return `${value.slice(0, from)}⟦${value.slice(from, to)}⟧${value.slice(to)}`;
}

/** Types words, and selects what stands between the brackets. */
export async function type(page, surface, given) {
  await surface.text(page).focus();
  await page.keyboard.insertText(given.replace(/[⟦⟧]/g, ""));
  await surface.select(page, given.indexOf("⟦"), given.indexOf("⟧") - 1);
  assert.equal(await surface.shown(page), given);
}
