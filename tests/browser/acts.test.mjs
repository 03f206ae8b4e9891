// What an act says on the page after it, and the button that undoes it: with the keyboard, with and without scripts.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { violations } from "./axe.mjs";
import { launch, visitor } from "./browser.mjs";
import { comment, setUp, signUp, start, write } from "./site.mjs";

let site, browser, owner;

before(async () => {
  [site, browser] = await Promise.all([start(), launch()]);
  owner = await setUp(site, { sample: false });
});

after(async () => {
  await browser?.close();
  await site?.stop();
});

for (const javaScriptEnabled of [true, false]) {
  test(`trash and undo from the list, ${javaScriptEnabled ? "with" : "without"} scripts`, async () => {
    const title = `Tides ${javaScriptEnabled}`;
    const post = await write(site, owner, { title, markdown: "Text.", publish: true });
    const { page, faults } = await visitor(browser, site, { cookie: owner, javaScriptEnabled });
    await page.goto("/dashboard");
    await page.getByRole("button", { name: `Trash ${title}` }).click();
    const said = page.getByRole("status").filter({ hasText: "Moved to the trash." });
    await said.waitFor();
    assert.equal(new URL(page.url()).pathname, "/dashboard");
    if (javaScriptEnabled) assert.deepEqual(await violations(page), []);
    await said.getByRole("button", { name: "Undo" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("status").filter({ hasText: "Readers can see it again." }).waitFor();
    await page.getByRole("link", { name: title, exact: true }).waitFor();
    const answer = await page.goto(post.path);
    assert.equal(answer.status(), 200);
    assert.deepEqual(faults, []);
  });
}

test("a published post says so once, and not to those who get its address", async () => {
  const draft = await write(site, owner, { title: "Moons", markdown: "Text." });
  const { page, faults } = await visitor(browser, site, { cookie: owner });
  await page.goto(`/p/${draft.id}/publish`);
  await page.getByRole("button", { name: "Publish now" }).click();
  const said = page.getByRole("status").filter({ hasText: "Published." });
  await said.waitFor();
  await page.waitForURL((url) => url.pathname === "/@anna/moons" && url.hash === "");
  assert.equal(await said.evaluate((note) => note === document.activeElement), true);
  assert.deepEqual(await violations(page), []);
  await page.reload();
  await page.getByRole("heading", { level: 1, name: "Moons" }).waitFor();
  assert.equal(await page.getByText("Published.").isVisible(), false);
  assert.deepEqual(faults, []);
});

test("the bar of the editor names each field that is wrong", async () => {
  const draft = await write(site, owner, { title: "Stars", markdown: "Text." });
  const { page } = await visitor(browser, site, { cookie: owner, expects: [/422/] });
  await page.goto(`/p/${draft.id}/edit`);
  await page.getByLabel("Address", { exact: true }).fill("///");
  await page.getByText("More", { exact: true }).click();
  await page.getByLabel("Language").fill("not a language");
  await page.keyboard.press("Control+s");
  const bar = page.locator("[data-save-status]");
  await bar.filter({ hasText: "please correct" }).waitFor();
  const words = await bar.textContent();
  assert.match(words, /Address/);
  assert.match(words, /Language/);
});

test("the menu says how much waits for a decision, on public and on private pages", async () => {
  const post = await write(site, owner, {
    title: "Winds",
    markdown: "Text.",
    comment_policy: "all_held",
    publish: true,
  });
  const { page, faults } = await visitor(browser, site, { cookie: owner });
  await page.goto(post.path);
  await page.locator(".bar .menu > summary").click();
  const link = page.locator(".bar .menu a[href='/dashboard/comments']");
  assert.equal((await link.innerText()).trim(), "Comments");
  await comment(site, owner, post.path, "By the author: shown at once.");
  const bob = await signUp(site, "bob", "Bob");
  await comment(site, bob, post.path, "Please?");
  for (const path of [post.path, "/settings"]) {
    await page.goto(path);
    await page.locator(".bar .menu.waits > summary").click();
    assert.equal((await link.innerText()).trim(), "Comments 1", path);
    assert.deepEqual(await violations(page), []);
  }
  assert.deepEqual(faults, []);
});
