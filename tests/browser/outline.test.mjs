// The headings of the text, its words, and the paragraph that is in focus.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { violations } from "./axe.mjs";
import { launch, visitor } from "./browser.mjs";
import { setUp, start, write } from "./site.mjs";
import { SURFACES } from "./surface.mjs";

let site, browser, owner;

before(async () => {
  [site, browser] = await Promise.all([start(), launch()]);
  owner = await setUp(site, { sample: false });
});

after(async () => {
  await browser?.close();
  await site?.stop();
});

async function open(markdown, writes) {
  const { id } = await write(site, owner, { title: "Boats", markdown });
  const person = await visitor(browser, site, { cookie: owner, writes });
  await person.page.goto(`/p/${id}/edit`);
  await SURFACES[writes].ready(person.page);
  return person;
}

const outline = (page) => page.getByRole("navigation", { name: "Outline" });
const words = (page, text) => page.locator("[data-words]").filter({ hasText: text }).waitFor();

for (const [writes, surface] of Object.entries(SURFACES)) {
  test(`headings lead to their places, in parts of a long text, too: ${writes}`, async () => {
    const parts = Array.from({ length: 40 }, (_, n) => `## Part ${n}\n\n${"word ".repeat(300)}`);
    const text = `${parts.join("\n\n")}\n\n\`\`\`\n# no heading\n\`\`\`\n\n### *Last*`;
    const { page, faults } = await open(text, writes);
    const last = outline(page).getByRole("button", { name: "Last" });
    await last.waitFor();
    assert.equal(await outline(page).getByRole("button").count(), 41);
    assert.deepEqual(await violations(page), []);
    await outline(page).getByRole("button", { name: "Part 30" }).click();
    await page.keyboard.press("End");
    await page.keyboard.insertText("!");
    await outline(page).getByRole("button", { name: "Part 30!" }).waitFor();
    const top = await page.evaluate(() => scrollY);
    assert.ok(top > 1_000, `at ${top}`);
    await surface.text(page).press("Control+a");
    await page.keyboard.insertText("one\n\n# alone");
    await outline(page).waitFor({ state: "hidden" });
    assert.deepEqual(faults, []);
  });

  test(`words and minutes are counted, and those of what is selected: ${writes}`, async () => {
    const { page, faults } = await open(`${"word ".repeat(300)}北京很大`, writes);
    await words(page, /^304 words$/);
    await page
      .locator("[data-minutes]")
      .filter({ hasText: /^2 min$/ })
      .waitFor();
    await surface.text(page).press("Control+Home");
    await page.keyboard.press("Control+Shift+ArrowRight");
    await words(page, /^1 word selected$/);
    await page.keyboard.press("ArrowLeft");
    await words(page, /^304 words$/);
    assert.deepEqual(faults, []);
  });
}

test("in focus only the paragraph with the caret is at full strength, until Escape", async () => {
  const { page, faults } = await open("one\nmore\n\ntwo\n\nthree", "codemirror");
  const strong = () =>
    page.locator(".cm-line").evaluateAll((lines) => {
      const ink = getComputedStyle(document.body).color;
      return lines.filter((line) => getComputedStyle(line).color === ink).map((l) => l.textContent);
    });
  const button = page.getByRole("button", { name: "Focus" });
  await SURFACES.codemirror.text(page).press("Control+Home");
  await button.click();
  assert.equal(await button.getAttribute("aria-pressed"), "true");
  assert.deepEqual(await strong(), ["one", "more"]);
  await page.keyboard.press("Control+End");
  assert.deepEqual(await strong(), ["three"]);
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await page.keyboard.type("/");
  await page.getByRole("listbox").waitFor();
  await page.keyboard.press("Escape");
  assert.equal(await button.getAttribute("aria-pressed"), "true");
  await page.keyboard.press("Escape");
  assert.equal(await button.getAttribute("aria-pressed"), "false");
  assert.equal((await strong()).length, 8);
  await page.getByRole("button", { name: "Plain text" }).click();
  assert.equal(await page.getByRole("button", { name: "Focus" }).count(), 0);
  assert.deepEqual(faults, []);
});
