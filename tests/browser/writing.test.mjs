// What keys and buttons of the editor do to the text, and that the browser's own undo takes each of it back.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, visitor } from "./browser.mjs";
import { setUp, start, write } from "./site.mjs";
import { SURFACES, type } from "./surface.mjs";

let site, browser, owner;

before(async () => {
  [site, browser] = await Promise.all([start(), launch()]);
  owner = await setUp(site, { sample: false });
});

after(async () => {
  await browser?.close();
  await site?.stop();
});

const text = (page) => page.locator("textarea.source:visible, .cm-content:visible").first();
const key = (name) => (page) => text(page).press(name);
const button = (name) => (page) => page.locator(`.toolbar [data-md=${name}]`).click();
const paste = (words) => (page) =>
  text(page).evaluate((field, data) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", data);
    const init = { clipboardData, bubbles: true, cancelable: true };
    return field.dispatchEvent(new ClipboardEvent("paste", init));
  }, words);

// What is selected stands between ⟦ and ⟧, before and after; a caret is ⟦⟧.
const CASES = [
  ["bold", key("Control+b"), "one ⟦two⟧ three", "one **⟦two⟧** three"],
  ["bold again takes the marks away", key("Control+b"), "one **⟦two⟧**", "one ⟦two⟧"],
  ["bold at a caret", key("Control+b"), "one ⟦⟧", "one **⟦⟧**"],
  ["bold at its end goes on behind the mark", key("Control+b"), "**one⟦⟧**", "**one**⟦⟧"],
  ["italic", key("Control+i"), "⟦one⟧", "*⟦one⟧*"],
  ["italic within bold", key("Control+i"), "**⟦one⟧**", "***⟦one⟧***"],
  ["a link from words", key("Control+k"), "see ⟦this⟧", "see [this](⟦https://⟧)"],
  ["a link from an address", key("Control+k"), "⟦https://a.example⟧", "[⟦⟧](https://a.example)"],
  ["a heading", button("heading"), "one\ntw⟦⟧o", "one\n## two⟦⟧"],
  ["a deeper heading", button("heading"), "## tw⟦⟧o\nthree", "### two⟦⟧\nthree"],
  ["no heading", button("heading"), "### tw⟦⟧o", "two⟦⟧"],
  ["a quote of two lines", button("quote"), "o⟦ne\ntw⟧o", "⟦> one\n> two⟧"],
  ["no quote", button("quote"), "⟦> one\n> two⟧", "⟦one\ntwo⟧"],
  ["a list", button("list"), "on⟦⟧e", "- one⟦⟧"],
  ["code in a line", button("code"), "⟦one⟧", "`⟦one⟧`"],
  ["code of lines", button("code"), "⟦one\ntwo⟧", "```\n⟦one\ntwo⟧\n```"],
  ["a picture", button("picture"), "⟦a boat⟧", "![⟦a boat⟧](https://)"],
  ["Enter continues a list", key("Enter"), "- one⟦⟧", "- one\n- ⟦⟧"],
  ["Enter counts", key("Enter"), "9. one⟦⟧", "9. one\n10. ⟦⟧"],
  ["Enter continues tasks, not yet done", key("Enter"), "- [x] one⟦⟧", "- [x] one\n- [ ] ⟦⟧"],
  ["Enter continues a quote within a list", key("Enter"), "> > one⟦⟧", "> > one\n> > ⟦⟧"],
  ["Enter on an empty item ends the list", key("Enter"), "- one\n- ⟦⟧", "- one\n⟦⟧"],
  ["Enter elsewhere is only Enter", key("Enter"), "one⟦⟧", "one\n⟦⟧"],
  ["Shift and Enter stay in the item", key("Shift+Enter"), "- one⟦⟧", "- one\n⟦⟧"],
  [
    "an address pasted over words",
    paste("https://a.example"),
    "⟦one⟧",
    "[one](https://a.example)⟦⟧",
  ],
];

for (const [writes, surface] of Object.entries(SURFACES)) {
  test(`keys and buttons change the text, and undo takes it back: ${writes}`, async (t) => {
    const { page, faults } = await visitor(browser, site, { cookie: owner, writes });
    page.on("dialog", (dialog) => dialog.accept());
    for (const [name, act, given, wanted] of CASES) {
      await t.test(name, async () => {
        await page.goto("/new");
        await surface.ready(page);
        await type(page, surface, given);
        await act(page);
        assert.equal(await surface.shown(page), wanted);
        const before = given.replace(/[⟦⟧]/g, "");
        if ((await surface.value(page)) !== before) await text(page).press("Control+z");
        assert.equal(await surface.value(page), before);
      });
    }
    assert.deepEqual(faults, []);
  });
}

test("the preview covers the editor and goes away, and words are counted", async () => {
  const { id } = await write(site, owner, { title: "Boats", markdown: "Three *small* boats." });
  const { page, faults } = await visitor(browser, site, { cookie: owner });
  await page.goto(`/p/${id}/edit`);
  await page
    .locator("[data-words]")
    .filter({ hasText: /^3 words$/ })
    .waitFor();
  await text(page).press("Control+End");
  await text(page).pressSequentially(" Sailing.");
  await page
    .locator("[data-words]")
    .filter({ hasText: /^4 words$/ })
    .waitFor();
  await page.getByRole("button", { name: "Preview" }).click();
  const preview = page.getByRole("region", { name: "Preview" });
  await preview.getByText("Three small boats. Sailing.").waitFor();
  assert.equal(await page.locator(".editor-body").evaluate((body) => body.inert), true);
  await page.keyboard.press("Escape");
  assert.equal(await preview.count(), 0);
  assert.equal(await text(page).evaluate((field) => document.activeElement === field), true);
  assert.equal(await text(page).inputValue(), "Three *small* boats. Sailing.");
  assert.deepEqual(faults, []);
});
