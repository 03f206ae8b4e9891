// A guest leaves notes by a preview link and an author takes them up, with JavaScript and without.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { violations } from "./axe.mjs";
import { launch, visitor } from "./browser.mjs";
import { setUp, shareForNotes, start, write } from "./site.mjs";

const TEXT = "The sea is *calm* today.\n\nBoats lie at anchor.\n\n- one\n- two";

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
  test(`notes with JavaScript ${javaScriptEnabled ? "on" : "off"}`, async () => {
    const { id } = await write(site, owner, { title: "At sea", markdown: TEXT });
    const link = await shareForNotes(site, id, owner);
    const expects = [/422/];
    const { page, faults } = await visitor(browser, site, { javaScriptEnabled, expects });
    await leave(page, link, javaScriptEnabled);
    const author = await visitor(browser, site, { cookie: owner, javaScriptEnabled });
    await takeUp(author.page, id, javaScriptEnabled);
    await page.goto(link);
    await page.getByText("The text has the edit.").waitFor();
    await page.getByText("rough").waitFor();
    assert.deepEqual([...faults, ...author.faults], []);
  });
}

test("no log holds the secret of a link", async () => {
  const { id } = await write(site, owner, { title: "At sea", markdown: TEXT });
  const link = await shareForNotes(site, id, owner);
  const headers = { Origin: "https://example.org" };
  const body = new URLSearchParams({ comment: "From elsewhere." });
  const refused = await fetch(site.origin + link, { method: "POST", headers, body });
  assert.equal(refused.status, 403);
  assert.equal(refused.headers.get("referrer-policy"), "no-referrer");
  await fetch(`${site.origin}${link}x`);
  assert.match(site.log(), /refused a change asked for by another site/);
  assert.ok(!site.log().includes(link.split("/").pop()), site.log());
});

async function leave(page, link, asks) {
  await page.goto(link);
  await page.getByRole("link", { name: "Note on paragraph 1" }).click();
  const form = page.getByRole("region", { name: "Note on the paragraph above" });
  await form.getByRole("button", { name: "Send the note" }).click();
  await form.getByText("Write a comment, or change the text").first().waitFor();
  await form.getByText("Suggest an edit").click();
  await form.getByLabel("The paragraph, as you would have it").fill("The sea is *rough* today.");
  await form.getByLabel("Comment").fill("I was there.");
  await form.getByLabel("Your name").fill("Ada");
  await inspect(page, asks);
  await form.getByRole("button", { name: "Send the note" }).click();
  await page.getByText("Thank you. Your note was sent").waitFor();
  assert.equal(await page.getByText("I was there.").count(), 0);
  await inspect(page, asks);
}

async function takeUp(page, id, asks) {
  await page.goto(`/p/${id}/edit`);
  await page.getByRole("link", { name: "1 note from a guest" }).click();
  await page.getByText("Ada (guest)").waitFor();
  await page.getByText("I was there.").waitFor();
  assert.deepEqual(await page.locator(".diff ins").allTextContents(), ["*rough*"]);
  await inspect(page, asks);
  await page.getByRole("button", { name: "Accept the edit" }).click();
  await page.getByText("The edit is in the text.").waitFor();
  await inspect(page, asks);
}

/** The page is the same without scripts, where the rules cannot be asked. */
async function inspect(page, asks) {
  if (asks) assert.deepEqual(await violations(page), []);
}
