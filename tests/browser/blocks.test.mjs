// Blocks that a menu inserts, and tables by keys, in CodeMirror.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { violations } from "./axe.mjs";
import { launch, visitor } from "./browser.mjs";
import { setUp, start } from "./site.mjs";
import { SURFACES, type } from "./surface.mjs";

let site, browser, owner;
const surface = SURFACES.codemirror;

before(async () => {
  [site, browser] = await Promise.all([start(), launch()]);
  owner = await setUp(site, { sample: false });
});

after(async () => {
  await browser?.close();
  await site?.stop();
});

const menu = (page) => page.getByRole("listbox", { name: "Insert" });
const chosen = (page) => menu(page).getByRole("option", { selected: true }).textContent();

/** An empty editor with these words in it. */
async function open(given = "⟦⟧") {
  const person = await visitor(browser, site, { cookie: owner, writes: "codemirror" });
  person.page.on("dialog", (dialog) => dialog.accept());
  await person.page.goto("/new");
  await surface.ready(person.page);
  if (given === "⟦⟧") await surface.text(person.page).focus();
  else await type(person.page, surface, given);
  return person;
}

test("a slash on an empty line opens a list box that keys lead through", async () => {
  const { page, faults } = await open();
  await page.keyboard.type("/");
  await menu(page).waitFor();
  const options = await menu(page).getByRole("option").allTextContents();
  assert.deepEqual(options, [
    "Heading",
    "Subheading",
    "List",
    "Numbered list",
    "Task list",
    "Quote",
    "Code",
    "Table",
    "Picture",
    "Divider",
    "Footnote",
  ]);
  const content = surface.text(page);
  const active = () =>
    content.evaluate((node) => {
      return document.getElementById(node.getAttribute("aria-activedescendant")).textContent;
    });
  assert.equal(await active(), "Heading");
  await page.keyboard.press("ArrowDown");
  assert.equal(await active(), "Subheading");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  assert.equal(await active(), "Footnote");
  assert.deepEqual(await violations(page), []);
  await page.keyboard.type("tab");
  assert.equal(await chosen(page), "Table");
  await page.keyboard.press("Escape");
  assert.equal(await menu(page).count(), 0);
  assert.equal(await content.getAttribute("aria-activedescendant"), null);
  assert.equal(await surface.shown(page), "/tab⟦⟧");
  await page.keyboard.type("le");
  assert.equal(await menu(page).count(), 0);
  assert.deepEqual(faults, []);
});

const INSERTED = [
  ["head", "## ⟦⟧"],
  ["sub", "### ⟦⟧"],
  ["list", "- ⟦⟧"],
  ["num", "1. ⟦⟧"],
  ["todo", "- [ ] ⟦⟧"],
  ["quote", "> ⟦⟧"],
  ["code", "```\n⟦⟧\n```"],
  ["table", "| ⟦⟧ |     |     |\n| --- | --- | --- |\n|     |     |     |\n"],
  ["pic", "![⟦⟧](https://)"],
  ["div", "---\n\n⟦⟧"],
  ["foot", "[^1]: ⟦⟧"],
];

test("each choice inserts its block, and undo takes it back in one step", async (t) => {
  const { page, faults } = await open();
  for (const [typed, wanted] of INSERTED) {
    await t.test(typed, async () => {
      await page.goto("/new");
      await surface.ready(page);
      await surface.text(page).focus();
      await page.keyboard.type(`/${typed}`);
      await page.keyboard.press("Enter");
      assert.equal(await surface.shown(page), wanted);
      await page.keyboard.press("Control+z");
      assert.equal(await surface.value(page), `/${typed}`);
    });
  }
  assert.deepEqual(faults, []);
});

test("a slash elsewhere is a slash", async (t) => {
  const { page, faults } = await open();
  for (const given of ["one⟦⟧", "one⟦⟧ two", "⟦⟧two", "```\n⟦⟧\n```"]) {
    await t.test(given.replaceAll("\n", " "), async () => {
      await page.goto("/new");
      await surface.ready(page);
      await type(page, surface, given);
      await page.keyboard.type("/");
      assert.equal(await menu(page).count(), 0);
      assert.equal(await surface.shown(page), given.replace("⟦⟧", "/⟦⟧"));
    });
  }
  assert.deepEqual(faults, []);
});

test("a divider below a line does not make a heading of it", async () => {
  const { page, faults } = await open("one\n⟦⟧");
  await page.keyboard.type("/div");
  await page.keyboard.press("Enter");
  assert.equal(await surface.shown(page), "one\n\n---\n\n⟦⟧");
  assert.deepEqual(faults, []);
});

test("Tab goes through a table, makes rows, and the table is aligned", async () => {
  const { page, faults } = await open();
  await page.keyboard.type("/table");
  await page.keyboard.press("Enter");
  for (const words of ["Boat", "Length", "漢字"]) {
    await page.keyboard.insertText(words);
    await page.keyboard.press("Tab");
  }
  assert.equal(
    await surface.value(page),
    "| Boat | Length | 漢字 |\n| ---- | ------ | ---- |\n|      |        |      |\n",
  );
  await page.keyboard.insertText("Ida");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.insertText("Gro");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.insertText("two");
  await page.keyboard.press("Control+End");
  await page.locator(".cm-line").filter({ hasText: "| Gro  |" }).waitFor();
  assert.equal(
    await surface.value(page),
    "| Boat | Length | 漢字 |\n| ---- | ------ | ---- |\n| Ida  |        | two  |\n| Gro  |        |      |\n",
  );
  assert.deepEqual(faults, []);
});

test("out of an empty last row Tab leads behind the text", async () => {
  const { page, faults } = await open();
  await page.keyboard.type("/table");
  await page.keyboard.press("Enter");
  // Through the head into the row, which is empty, and out of it.
  for (let step = 0; step < 6; step += 1) await page.keyboard.press("Tab");
  const rows = (await surface.value(page)).trim().split("\n").length;
  assert.equal(rows, 3);
  const isInText = await surface.text(page).evaluate((node) => {
    return node.contains(document.activeElement);
  });
  assert.equal(isInText, false);
  assert.deepEqual(faults, []);
});

test("a table that was written by hand is aligned when the caret leaves it, by its own sides", async () => {
  const { page, faults } = await open("| a | b |\n|--|--:|\n| long words | 1⟦⟧ |\n\nend");
  await page.keyboard.insertText("2");
  assert.match(await surface.value(page), /^\| a \| b \|\n/);
  await page.keyboard.press("Control+End");
  await page.locator(".cm-line").filter({ hasText: "| a          |" }).waitFor();
  assert.equal(
    await surface.shown(page),
    "| a          |   b |\n| ---------- | --: |\n| long words |  12 |\n\nend⟦⟧",
  );
  await page.keyboard.press("Control+z");
  await page.keyboard.press("Control+z");
  assert.equal(await surface.value(page), "| a | b |\n|--|--:|\n| long words | 1 |\n\nend");
  assert.deepEqual(faults, []);
});
