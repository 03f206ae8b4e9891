// The author's dashboard: finding posts, and acts on many of them, with and without scripts.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { violations } from "./axe.mjs";
import { launch, visitor } from "./browser.mjs";
import { setUp, start, write } from "./site.mjs";

let site, browser, owner;

before(async () => {
  [site, browser] = await Promise.all([start(), launch()]);
  owner = await setUp(site, { sample: false });
  for (const title of ["Tides", "潮の話", "المد والجزر", "Moons"])
    await write(site, owner, { title, markdown: `About ${title}.`, publish: true });
});

after(async () => {
  await browser?.close();
  await site?.stop();
});

const titles = (page) => page.locator("tbody th").allInnerTexts();

for (const javaScriptEnabled of [true, false]) {
  const scripts = javaScriptEnabled ? "with" : "without";
  test(`posts are found and sorted, ${scripts} scripts`, async () => {
    const { page, faults } = await visitor(browser, site, { cookie: owner, javaScriptEnabled });
    await page.goto("/dashboard");
    await page.getByLabel("Sort").selectOption("title");
    await page.getByRole("searchbox", { name: "Find posts" }).fill("about");
    await page.getByRole("button", { name: "Show" }).click();
    await page.waitForURL(/q=about/);
    assert.deepEqual(await titles(page), ["Moons", "Tides", "المد والجزر", "潮の話"]);
    if (javaScriptEnabled) assert.deepEqual(await violations(page), []);
    await page.getByRole("searchbox", { name: "Find posts" }).fill("潮");
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.searchParams.get("q") === "潮");
    assert.deepEqual(await titles(page), ["潮の話"]);
    assert.equal(await page.getByLabel("Sort").inputValue(), "title");
    await page.getByRole("searchbox", { name: "Find posts" }).fill("nowhere at all");
    await page.keyboard.press("Enter");
    await page.getByText("Nothing here has all the words of").waitFor();
    if (javaScriptEnabled) assert.deepEqual(await violations(page), []);
    await page.getByRole("link", { name: "see everything in this tab" }).click();
    await page.getByRole("link", { name: "Moons", exact: true }).waitFor();
    assert.deepEqual(faults, []);
  });

  test(`two posts are moved to the trash and back, ${scripts} scripts`, async () => {
    const { page, faults } = await visitor(browser, site, { cookie: owner, javaScriptEnabled });
    await page.goto("/dashboard");
    const bar = page.getByRole("form", { name: "Several posts" });
    const trash = bar.getByRole("button", { name: "Move to trash…" });
    assert.equal(await trash.isVisible(), !javaScriptEnabled);
    await page.getByRole("checkbox", { name: "Choose Tides" }).check();
    await page.getByRole("checkbox", { name: "Choose Moons" }).check();
    if (javaScriptEnabled) {
      await bar.getByText("2 posts chosen").waitFor();
      assert.deepEqual(await violations(page), []);
    }
    await trash.click();
    await page.getByRole("heading", { name: "Move 2 posts to the trash?", level: 1 }).waitFor();
    await page.getByText("Readers lose 2 posts that they can see now").waitFor();
    if (javaScriptEnabled) assert.deepEqual(await violations(page), []);
    await page.getByRole("button", { name: "Move 2 posts to the trash" }).click();
    const said = page.getByRole("status").filter({ hasText: "2 posts moved to the trash." });
    await said.waitFor();
    if (javaScriptEnabled) assert.deepEqual(await violations(page), []);
    const gone = await fetch(`${site.origin}/@anna/tides`);
    assert.equal(gone.status, 404);
    await said.getByRole("button", { name: "Undo" }).click();
    await page
      .getByRole("status")
      .filter({ hasText: "Undone. Everything is as it was." })
      .waitFor();
    assert.equal(new URL(page.url()).pathname, "/dashboard");
    assert.equal((await titles(page)).length, 4);
    assert.equal((await page.goto("/@anna/tides")).status(), 200);
    assert.deepEqual(faults, []);
  });
}

test("rows are gone through and chosen by keys", async () => {
  const { page, faults } = await visitor(browser, site, { cookie: owner });
  await page.goto("/dashboard?sort=title");
  // No row has the focus: none is chosen.
  await page.keyboard.press("x");
  assert.equal(await page.getByRole("checkbox", { checked: true }).count(), 0);
  const focused = () => page.evaluate(() => document.activeElement.textContent);
  for (const [key, title] of [
    ["j", "Moons"],
    ["j", "Tides"],
    ["k", "Moons"],
    ["k", "Moons"],
  ]) {
    await page.keyboard.press(key);
    assert.equal(await focused(), title);
  }
  await page.keyboard.press("x");
  assert.equal(await page.getByRole("checkbox", { name: "Choose Moons" }).isChecked(), true);
  const all = page.getByRole("checkbox", { name: "Choose all on this page" });
  await all.check();
  await page.getByText("4 posts chosen").waitFor();
  await all.uncheck();
  await page.getByText("posts chosen").waitFor({ state: "hidden" });
  assert.deepEqual(faults, []);
});
