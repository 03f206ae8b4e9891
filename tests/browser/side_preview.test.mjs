// The preview beside the text: always of the newest text, scrolling with it, and kept on the device.
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

const pane = (page) => page.getByRole("region", { name: "Preview" });
const button = (page) => page.getByRole("button", { name: "Side by side" });

async function open(markdown, { writes = "codemirror", width = 1440 } = {}) {
  const { id } = await write(site, owner, { title: "Boats", markdown });
  const viewport = { width, height: 900 };
  const person = await visitor(browser, site, { cookie: owner, writes, viewport });
  await person.page.goto(`/p/${id}/edit`);
  await SURFACES[writes].ready(person.page);
  return { ...person, id };
}

test("it shows what is typed, is remembered, and is not there where it has no room", async () => {
  const { page, faults } = await open("One *two*");
  await button(page).click();
  await pane(page).getByText("One two").waitFor();
  await SURFACES.codemirror.text(page).press("Control+End");
  await page.keyboard.insertText(" three");
  await pane(page).getByText("One two three").waitFor();
  assert.equal(await pane(page).locator("[data-line]").count(), 0);
  assert.deepEqual(await violations(page), []);
  page.on("dialog", (dialog) => dialog.accept());
  await page.reload();
  await pane(page).getByText("One two").waitFor();
  await page.setViewportSize({ width: 900, height: 900 });
  await pane(page).waitFor({ state: "detached" });
  assert.equal(await button(page).isVisible(), false);
  await page.setViewportSize({ width: 1440, height: 900 });
  await pane(page).waitFor();
  await button(page).click();
  await pane(page).waitFor({ state: "detached" });
  assert.deepEqual(faults, []);
});

test("an answer that comes late never stands in the place of a newer one", async () => {
  const { page, faults } = await open("One");
  let first;
  await page.route("/preview", async (route) => {
    const answer = await route.fetch();
    if (first) return route.fulfill({ response: answer });
    first = new Promise((then) => (first_done = then));
    await held;
    await route.fulfill({ response: answer });
    first_done();
  });
  let release, first_done;
  const held = new Promise((then) => (release = then));
  const asked = page.waitForRequest(/\/preview$/);
  await button(page).click();
  await asked;
  await SURFACES.codemirror.text(page).press("Control+End");
  await page.keyboard.insertText(" two");
  // Long enough for another one to be asked for, were that not forbidden.
  await page.evaluate(() => new Promise((then) => setTimeout(then, 1_000)));
  release();
  await first;
  await pane(page).getByText("One two").waitFor();
  await page.evaluate(() => new Promise((then) => setTimeout(then, 500)));
  assert.equal(await pane(page).getByText("One two").count(), 1);
  assert.deepEqual(faults, []);
});

for (const writes of ["plain", "codemirror"]) {
  test(`text and preview scroll together, whichever is moved: ${writes}`, async () => {
    const parts = Array.from({ length: 60 }, (_, n) => {
      return `## Part ${n}\n\n${"Words of a part that fill some lines of the window. ".repeat(8)}`;
    });
    const { page, faults } = await open(parts.join("\n\n"), { writes });
    await button(page).click();
    await pane(page).getByRole("heading", { name: "Part 59" }).waitFor();
    /** The part that stands at the top of the preview. */
    const atTop = () =>
      pane(page).evaluate((section) => {
        const top = section.getBoundingClientRect().top + 1;
        const headings = [...section.querySelectorAll("h2")];
        const above = headings.filter((node) => node.getBoundingClientRect().top <= top + 60);
        return Number(above.at(-1)?.textContent.match(/\d+/)[0] ?? -1);
      });
    await page.mouse.move(300, 500);
    await page.mouse.wheel(0, 6_000);
    await page.waitForFunction(() => document.querySelector(".side-preview").scrollTop > 1_000);
    const first = await atTop();
    assert.ok(first > 8 && first < 52, `part ${first}`);
    if (writes === "codemirror") {
      const shown = await page.evaluate(() => {
        const line = [...document.querySelectorAll(".cm-line.md-h2")].findLast(
          (node) => node.getBoundingClientRect().top <= 170,
        );
        return Number(line?.textContent.match(/\d+/)[0] ?? -1);
      });
      assert.ok(Math.abs(shown - first) <= 1, `text at ${shown}, preview at ${first}`);
    }
    const before = await page.evaluate(() => scrollY);
    await page.mouse.move(1_200, 500);
    await page.mouse.wheel(0, 5_000);
    await page.waitForFunction((y) => scrollY > y + 500, before);
    assert.deepEqual(faults, []);
  });
}
