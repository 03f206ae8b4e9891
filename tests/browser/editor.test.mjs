// What somebody has typed is not lost: not by a fault in the form, a reload, a second tab, a sign-out or a
// network that is gone.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { launch, visitor } from "./browser.mjs";
import { keptOnDevice } from "./device.mjs";
import { PASSWORD, send, setUp, start, write } from "./site.mjs";

const TYPED = "Every word of this took an hour.";

let site, browser, owner;
let writer, page; // one person per test

before(async () => {
  [site, browser] = await Promise.all([start(), launch()]);
  owner = await setUp(site, { sample: false });
});

after(async () => {
  await browser?.close();
  await site?.stop();
});

beforeEach(async () => {
  writer = await visitor(browser, site, {
    cookie: owner,
    expects: [
      / 422 /,
      /status of (422|412|409|401)/,
      /: (422|412|409|401) from /,
      /ERR_INTERNET_DISCONNECTED/,
      /ERR_FAILED/,
    ],
  });
  page = writer.page;
});

const text = (at = page) => at.getByLabel("Text, in Markdown");
const status = (words, at = page) =>
  at.locator("[data-save-status]").filter({ hasText: words }).waitFor();
const save = (at = page) => at.getByRole("button", { name: "Save", exact: true }).click();

async function done() {
  assert.deepEqual(writer.faults, []);
  await writer.context.close();
}

/** What the page saves by itself does not arrive: for tests of what happens to text that is not saved. */
function onlyByHand(at = page) {
  return at.route(/\/(new|edit)(\?|$)/, (route) => {
    const editing = route.request().headers()["masthead-editing"] ?? "";
    return editing.endsWith(" auto") ? route.abort() : route.fallback();
  });
}

test("a fault comes back beside its field with everything that was typed", async () => {
  await page.goto("/new");
  await page.getByLabel("Title").fill("Hours");
  await text().fill(TYPED);
  const address = page.getByLabel("Address", { exact: true });
  await address.fill("!!!");
  await save(); // by the script
  await status("Not saved – ");
  const beside = page.locator("#slug-error");
  await beside.waitFor();
  assert.equal(await address.getAttribute("aria-invalid"), "true");
  assert.equal(await text().inputValue(), TYPED);

  await page.getByRole("button", { name: "Publish…" }).click(); // by the form
  await page.getByRole("alert").waitFor();
  assert.equal(await text().inputValue(), TYPED);
  assert.equal(await page.getByLabel("Title").inputValue(), "Hours");
  assert.equal(await address.inputValue(), "!!!");
  await beside.waitFor();

  await address.fill("hours");
  await page.getByRole("button", { name: "Publish…" }).click();
  await page.waitForURL(/\/publish$/);
  await done();
});

test("address and tags become what was stored", async () => {
  await page.goto("/new");
  await page.getByLabel("Title").fill("Stored");
  const [address, tags] = [page.getByLabel("Address", { exact: true }), page.locator("#tags")];
  await address.fill("My Address!");
  await tags.fill(" Sea,sea ,  Wind");
  await save();
  await status("Saved ");
  assert.equal(await address.inputValue(), "my-address");
  assert.equal(await tags.inputValue(), "Sea, Wind");
  await save(); // what is shown is what is there
  await status("Saved ");
  assert.equal(await address.inputValue(), "my-address");
  await done();
});

test("a reload offers what was not saved", async () => {
  await page.goto("/new");
  await page.getByLabel("Title").fill("Reloaded");
  await text().fill("Saved once.");
  await onlyByHand();
  await save();
  await status(/^Saved \d\d:\d\d$/);
  assert.match(page.url(), /\/p\/[^/]+\/edit$/, "the address is now that of the text");
  await text().fill(TYPED);
  await keptOnDevice(page, TYPED);
  page.once("dialog", (dialog) => dialog.accept());
  await page.reload();
  assert.equal(await text().inputValue(), "Saved once.");
  await page.getByText("found on this device.").waitFor();
  await page.getByRole("button", { name: "Restore it" }).click();
  assert.equal(await text().inputValue(), TYPED);
  await save();
  await status(/^Saved \d\d:\d\d$/);
  await page.reload();
  assert.equal(await text().inputValue(), TYPED);
  assert.equal(await page.getByText("found on this device.").count(), 0);
  await done();
});

test("a text that was never saved is offered by the next empty editor", async () => {
  await onlyByHand();
  await page.goto("/new");
  await text().pressSequentially("Never saved");
  await keptOnDevice(page, "Never saved");
  page.once("dialog", (dialog) => dialog.accept());
  await page.goto("/new");
  assert.equal(await text().inputValue(), "");
  await page.getByRole("button", { name: "Restore it" }).click();
  assert.equal(await text().inputValue(), "Never saved");
  await save();
  await status(/^Saved/);
  await done();
});

test("a copy that an earlier version has left on the device is still offered", async () => {
  const { id } = await write(site, owner, { title: "Earlier", markdown: "As saved." });
  await page.goto(`/p/${id}/edit`);
  // Written out, and not by the editor: this is what stands on devices. It must stay readable.
  await page.evaluate(
    ([post, markdown]) => {
      const user = document.querySelector("form[data-editor]").dataset.user;
      const values = { title: "Earlier", markdown, tags: "", slug: "", excerpt: "" };
      const copy = { at: 1_700_000_000_000, version: "1", action: `/p/${post}/edit`, values };
      localStorage.setItem(`mh-draft:${user}:${post}`, JSON.stringify(copy));
    },
    [id, TYPED],
  );
  await page.reload();
  await page.getByText("Unsaved draft from 14 November at 22:13 found on this device.").waitFor();
  await page.getByRole("button", { name: "Restore it" }).click();
  assert.equal(await text().inputValue(), TYPED);
  await done();
});

test("leaving with unsaved changes asks first, leaving without does not", async () => {
  const { id } = await write(site, owner, { title: "Leaving", markdown: "Stay." });
  const asked = [];
  page.on("dialog", (dialog) => {
    asked.push(dialog.type());
    return dialog.dismiss();
  });
  await onlyByHand();
  await page.goto(`/p/${id}/edit`);
  await text().press("End");
  await text().pressSequentially(" Longer.");
  await page.getByRole("link", { name: "Back to your posts" }).click({ noWaitAfter: true });
  await page.waitForFunction(
    (wanted) => document.querySelector("#markdown")?.value === wanted,
    "Stay. Longer.",
  );
  assert.deepEqual(asked, ["beforeunload"]);
  await save();
  await status(/^Saved/);
  await page.getByRole("link", { name: "Back to your posts" }).click();
  await page.waitForURL(/\/dashboard/);
  assert.deepEqual(asked, ["beforeunload"]);
  await done();
});

test("a second tab: the later save is told, keeps its text, and can be saved after all", async () => {
  const { id } = await write(site, owner, { title: "Tabs", markdown: "One." });
  const second = await writer.context.newPage();
  await Promise.all([onlyByHand(), onlyByHand(second)]);
  await page.goto(`/p/${id}/edit`);
  await second.goto(`/p/${id}/edit`);
  await text().fill("From the first tab.");
  await save();
  await status(/^Saved/);
  await text(second).fill(TYPED);
  await save(second);
  await status("Not saved – saved elsewhere", second);
  const alert = second.getByRole("alert");
  await alert.getByText("This was saved elsewhere while you wrote").waitFor();
  assert.equal(await text(second).inputValue(), TYPED);
  const saved = second.getByRole("region", { name: "The version that was saved" });
  await saved.waitFor();
  assert.equal(await saved.locator(".saved-text").innerText(), await text().inputValue());
  // The bar leaves the text its room, and leads to the whole sentence from anywhere in the text.
  for (const width of [390, 1440]) {
    await second.setViewportSize({ width, height: 844 });
    const bar = await second.locator(".editor-bar").boundingBox();
    assert.ok(bar.height < 100, `${bar.height} px at ${width} px`);
    await text(second).evaluate((area) => area.scrollIntoView());
    const tools = await second.locator(".toolbar").boundingBox();
    assert.ok(tools.y + 2 > bar.y + bar.height, `the toolbar is under the bar at ${width} px`);
  }
  await second.getByRole("link", { name: "saved elsewhere" }).click();
  assert.ok((await alert.boundingBox()).y >= 56, "not under the bar");
  await save(second);
  await status(/^Saved/, second);
  assert.equal(await alert.count(), 0);
  await second.reload();
  assert.equal(await text(second).inputValue(), TYPED);
  await done();
});

test("on a phone the preview and the toolbar leave the bar its room", async () => {
  const { id } = await write(site, owner, { title: "Small", markdown: "Words." });
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`/p/${id}/edit`);
  const tools = () => page.locator(".toolbar").evaluate((bar) => bar.getBoundingClientRect().top);
  const below = () =>
    page.locator(".editor-bar").evaluate((bar) => bar.getBoundingClientRect().bottom);
  // A fault whose sentence takes several lines.
  await page
    .locator("summary")
    .first()
    .evaluate((panel) => (panel.parentElement.open = true));
  await page.locator("[name=cover_url]").fill("http://example.org/a.jpg");
  await save();
  await status(/^Not saved – Enter the picture/);
  await text().evaluate((area) => area.scrollIntoView());
  assert.ok((await tools()) + 1 >= (await below()), "the toolbar is under the bar");
  await page.locator("[name=cover_url]").fill("");
  await save();
  await status(/^Saved/);
  await page.getByRole("button", { name: "Preview" }).click();
  await page.getByRole("region", { name: "Preview" }).waitFor();
  const reached = await page.locator("[data-publish]").evaluate((button) => {
    const { x, y, width, height } = button.getBoundingClientRect();
    return document.elementFromPoint(x + width / 2, y + height / 2) === button;
  });
  assert.ok(reached, "the preview lies over the button");
  await done();
});

test("without JavaScript the second tab gets the same words and keeps its text", async () => {
  const { id } = await write(site, owner, { title: "Plain tabs", markdown: "One." });
  const plain = await visitor(browser, site, {
    cookie: owner,
    javaScriptEnabled: false,
    expects: [/409/],
  });
  await plain.page.goto(`/p/${id}/edit`);
  const other = await send(
    site,
    `/p/${id}/edit`,
    { id, version: "1", title: "Plain tabs", markdown: "Two.", authors: "anna", action: "save" },
    owner,
  );
  assert.equal(other.status, 303);
  await text(plain.page).fill(TYPED);
  await save(plain.page);
  await plain.page
    .getByRole("alert")
    .getByText("This was saved elsewhere while you wrote")
    .waitFor();
  assert.equal(await text(plain.page).inputValue(), TYPED);
  // Both texts can be read, on a phone and on a wide window, and nothing is wider than the window.
  for (const width of [390, 1440]) {
    await plain.page.setViewportSize({ width, height: 900 });
    const saved = plain.page.getByRole("region", { name: "The version that was saved" });
    assert.equal(await saved.locator(".saved-text").innerText(), "Two.");
    assert.ok(await saved.locator(".diff .minus").isVisible());
    const scrolls = await plain.page
      .locator("html")
      .evaluate((html) => html.scrollWidth > html.clientWidth);
    assert.ok(!scrolls, `wider than ${width} px`);
    const [typed, other] = [await text(plain.page).boundingBox(), await saved.boundingBox()];
    assert.equal(
      other.x >= typed.x + typed.width,
      width === 1440,
      "side by side where there is room",
    );
    if (process.env.SCREENSHOTS)
      await plain.page.screenshot({
        path: `${process.env.SCREENSHOTS}/conflict-${width}.png`,
        fullPage: true,
      });
  }
  await save(plain.page);
  await plain.page.waitForURL(/\?saved=/);
  assert.equal(await text(plain.page).inputValue(), TYPED);
  assert.deepEqual(plain.faults, []);
  await plain.context.close();
  await done();
});

test("a page from before the ids of forms were signed goes on by itself", async () => {
  await page.goto("/new");
  await page.locator("form[data-editor]").evaluate((form) => {
    form.elements.id.value = "0199aaaa-0000-7000-8000-000000000001";
    form.setAttribute("action", "/new");
  });
  await text().fill(TYPED);
  await save();
  await status(/^Saved/);
  await page.reload();
  assert.equal(await text().inputValue(), TYPED);
  assert.ok(!page.url().includes("0199aaaa-0000-7000"), "under an id of the site");
  await done();
});

test("signed out in another tab: the text stays, and is saved after signing in there again", async () => {
  const { id } = await write(site, owner, { title: "Signed out", markdown: "One." });
  // A session of its own, so that the other tests keep theirs.
  await writer.context.clearCookies();
  await signIn(page);
  await page.goto(`/p/${id}/edit`);
  await text().fill(TYPED);
  const other = await writer.context.newPage();
  await other.goto("/settings");
  await other.locator(".menu summary").click();
  await other.getByRole("button", { name: "Sign out", exact: true }).first().click();
  await other.waitForURL("/");
  await save();
  await status("Not saved – your session has ended");
  assert.equal(await text().inputValue(), TYPED);
  await page.getByRole("button", { name: "Preview" }).click();
  await status("No preview – sign in again in another tab");
  await signIn(other);
  await save();
  await status(/^Saved/);
  await done();
});

test("without a network the text is kept on the device and saved when it is back", async () => {
  const { id } = await write(site, owner, { title: "Offline", markdown: "One." });
  await page.goto(`/p/${id}/edit`);
  await writer.context.setOffline(true);
  await text().fill(TYPED);
  await save();
  await status("Offline – kept on this device");
  await keptOnDevice(page, TYPED);
  await writer.context.setOffline(false);
  await status(/^Saved/); // by itself
  await page.reload();
  assert.equal(await text().inputValue(), TYPED);
  await done();
});

async function signIn(at) {
  await at.goto("/login");
  await at.getByLabel("Username or email").fill("anna");
  await at.getByLabel("Password").fill(PASSWORD);
  await at.getByRole("button", { name: "Sign in" }).click();
  await at.waitForURL("/dashboard");
}
