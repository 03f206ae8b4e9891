// The main job of the product, done by people with a browser: one sets the site up, writes and publishes;
// one reads and comments; one reports; the first decides. Once with JavaScript, once without.
import assert from "node:assert/strict";
import test from "node:test";
import { launch, signedIn, visitor } from "./browser.mjs";
import { PASSWORD, startSite } from "./site.mjs";

const ADDRESS = "https://example.org/tides?year=2026";

test("with JavaScript: set up, write, publish, comment, report, hide", async (t) => {
  const site = await startSite(t);
  const browser = await launch(t);
  const owner = await visitor(browser, site);
  await setUp(owner.page, { sample: true });
  await signedIn(owner.page);
  assert.ok(
    (await owner.page.locator("article.h-entry").count()) >= 10,
    "the sample posts are on the front page",
  );

  await owner.page
    .getByRole("banner")
    .getByRole("link", { name: "Write", exact: true })
    .last()
    .click();
  await writeWithKeysAndToolbar(owner);
  await save(owner.page);
  await previewInPlace(owner.page);
  await owner.page.getByRole("button", { name: "Publish…" }).click();
  const path = await publish(owner.page);

  const [reader, other] = [await visitor(browser, site), await visitor(browser, site)];
  await readPost(reader.page, path);
  await signUp(reader.page, "rita", "Rita Lund");
  await commentInPlace(
    reader.page,
    path,
    "Write a comment",
    "The tide was *higher* than this.",
    "higher",
  );
  await commentInPlace(owner.page, path, "Reply to Rita Lund", "By how much?", "By how much?");
  await signUp(other.page, "olaf", "Olaf Moe");
  await report(other.page, path);
  await hide(owner.page);
  await assertHidden(browser, site, path);
  for (const [name, { faults }] of Object.entries({ owner, reader, other }))
    assert.deepEqual(faults, [], name);
});

test("without JavaScript: the same job", async (t) => {
  const site = await startSite(t);
  const browser = await launch(t);
  const plain = { javaScriptEnabled: false };
  const owner = await visitor(browser, site, plain);
  await setUp(owner.page, { sample: false });
  await owner.page.getByRole("link", { name: "Write", exact: true }).first().click();
  await owner.page.getByLabel("Title").fill("High water");
  await owner.page
    .getByLabel("Text, in Markdown")
    .fill(`A **bold** start, and a [table of tides](${ADDRESS}).`);
  await owner.page.getByRole("button", { name: "Save", exact: true }).click();
  await owner.page.waitForURL(/\/p\/[^/]+\/edit\?saved=1$/);
  await owner.page.getByText(/^Draft · saved /).waitFor();
  // Words that nobody saved go to the preview and come back with the text.
  const unsaved = `A **bold** and unsaved start, and a [table of tides](${ADDRESS}).`;
  await owner.page.getByLabel("Text, in Markdown").fill(unsaved);
  await owner.page.getByRole("button", { name: "Preview" }).click();
  await owner.page.locator(".prose", { hasText: "bold and unsaved" }).waitFor();
  await owner.page.getByRole("button", { name: "Back to the text" }).click();
  assert.equal(await owner.page.getByLabel("Text, in Markdown").inputValue(), unsaved);
  await owner.page.getByRole("button", { name: "Publish…" }).click();
  const path = await publish(owner.page);

  const [reader, other] = [
    await visitor(browser, site, plain),
    await visitor(browser, site, plain),
  ];
  await readPost(reader.page, path);
  await signUp(reader.page, "rita", "Rita Lund");
  await commentOnItsPage(
    reader.page,
    path,
    "Write a comment",
    "The tide was *higher* than this.",
    "higher",
  );
  await commentOnItsPage(owner.page, path, "Reply to Rita Lund", "By how much?", "By how much?");
  await signUp(other.page, "olaf", "Olaf Moe");
  await report(other.page, path);
  await hide(owner.page);
  await assertHidden(browser, site, path, plain);
  for (const [name, { faults }] of Object.entries({ owner, reader, other }))
    assert.deepEqual(faults, [], name);
});

async function setUp(page, { sample }) {
  await page.goto("/");
  await page.waitForURL("/setup");
  await page.getByLabel("Name of the site").fill("The Harbour");
  await page.getByLabel("Who can sign up").selectOption("open");
  await page.getByLabel("Username").fill("anna");
  await page.getByLabel("Display name").fill("Anna Berg");
  await page.getByLabel("E-mail address").fill("anna@example.org");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByLabel("Load sample content").setChecked(sample);
  await page.getByRole("button", { name: "Create the site" }).click();
  await page.waitForURL("/admin", { timeout: 60_000 });
  await page.getByRole("heading", { name: "Make it yours" }).waitFor();
  await page.goto("/");
}

async function writeWithKeysAndToolbar({ context, page }) {
  const text = page.getByLabel("Text, in Markdown");
  const tool = (name) =>
    page.getByRole("toolbar", { name: "Formatting" }).getByRole("button", { name });
  await page.getByLabel("Title").click();
  await page.keyboard.type("High water");
  await page.keyboard.press("Enter"); // on to the text
  await page.keyboard.type("A ");
  await page.keyboard.press("Control+b");
  await page.keyboard.type("bold");
  await page.keyboard.press("Control+b"); // out of the bold part again
  await page.keyboard.type(" start, and a table of tides");
  for (let i = 0; i < "table of tides".length; i += 1) await page.keyboard.press("Shift+ArrowLeft");
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.evaluate((address) => navigator.clipboard.writeText(address), ADDRESS);
  await page.keyboard.press("Control+v");
  assert.equal(await text.inputValue(), `A **bold** start, and a [table of tides](${ADDRESS})`);
  await page.keyboard.press("Control+z"); // the browser's own undo still works
  assert.equal(await text.inputValue(), "A **bold** start, and a table of tides");
  await page.keyboard.press("Control+Shift+z");
  await page.keyboard.press("Control+End");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await tool("Heading").click();
  await page.keyboard.type("What to bring");
  await page.keyboard.press("Enter");
  await tool("List").click();
  await page.keyboard.type("boots");
  await page.keyboard.press("Enter"); // goes on with the list
  await page.keyboard.type("patience");
  const expected = `A **bold** start, and a [table of tides](${ADDRESS})\n\n## What to bring\n- boots\n- patience`;
  assert.equal(await text.inputValue(), expected);
}

async function save(page) {
  const status = page.locator("[data-save-status]");
  assert.match(await status.textContent(), /^(Not saved yet|Saved \d\d:\d\d)$/);
  await page.keyboard.press("Control+s");
  await status.filter({ hasText: /^Saved \d\d:\d\d$/ }).waitFor();
}

async function previewInPlace(page) {
  await page.getByRole("button", { name: "Preview" }).click();
  const preview = page.getByRole("region", { name: "Preview" });
  await preview.locator("strong", { hasText: "bold" }).waitFor();
  assert.equal(
    await preview.getByRole("link", { name: "table of tides" }).getAttribute("href"),
    ADDRESS,
  );
  await page.getByRole("button", { name: "Back to the text" }).click();
  await preview.waitFor({ state: "detached" });
}

/** On the publish step: gives the path of the post. */
async function publish(page) {
  await page.waitForURL(/\/p\/[^/]+\/publish$/);
  await page.getByText("/@anna/high-water", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Publish now" }).click();
  await page.waitForURL((url) => url.pathname === "/@anna/high-water");
  await page.getByRole("status").filter({ hasText: "Published." }).waitFor();
  assert.equal(await page.getByText("Updated.").isVisible(), false);
  return "/@anna/high-water";
}

async function readPost(page, path) {
  await page.goto("/newest");
  await page.getByRole("link", { name: "High water" }).click();
  await page.waitForURL(path);
  assert.equal(await page.getByRole("heading", { level: 1 }).textContent(), "High water");
  await page.locator(".prose strong", { hasText: "bold" }).waitFor();
  assert.equal(
    await page.locator(".prose").getByRole("link", { name: "table of tides" }).getAttribute("href"),
    ADDRESS,
  );
}

async function signUp(page, username, name) {
  await page.goto("/");
  await page.getByRole("banner").getByRole("link", { name: "Sign in" }).click();
  await page.getByRole("link", { name: "Sign up" }).click();
  await page.getByLabel("Username").fill(username);
  await page.getByLabel("Display name").fill(name);
  await page.getByLabel("E-mail address").fill(`${username}@example.org`);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Create account" }).click();
  await page.waitForURL((url) => url.pathname !== "/signup");
  // New members are readers and land on a public page, which without scripts looks the same for everybody.
  await page.goto("/settings");
  await signedIn(page);
}

async function commentInPlace(page, path, link, markdown, shown) {
  await page.goto(path);
  await signedIn(page);
  await page.getByRole("link", { name: link }).click();
  const field = page.getByLabel("Your comment");
  await field.waitFor();
  assert.equal(new URL(page.url()).pathname, path, "the form opens under the post");
  assert.ok(await field.evaluate((node) => node === document.activeElement), "and has the focus");
  await page.keyboard.type(markdown);
  await page.getByRole("button", { name: "Send" }).click();
  await assertCommented(page, path, shown);
}

async function commentOnItsPage(page, path, link, markdown, shown) {
  await page.goto(path);
  await page.getByRole("link", { name: link }).click();
  await page.waitForURL((url) => url.pathname === `${path}/comment`);
  await page.getByLabel("Your comment").fill(markdown);
  await page.getByRole("button", { name: "Preview" }).click();
  await page.getByRole("region", { name: "Preview" }).getByText(shown).waitFor();
  await page.getByRole("button", { name: "Send" }).click();
  await assertCommented(page, path, shown);
}

async function assertCommented(page, path, shown) {
  await page.waitForURL((url) => url.pathname === path && url.hash.startsWith("#c-"));
  await page
    .locator(`.comment${new URL(page.url()).hash}`)
    .getByText(shown, { exact: true })
    .waitFor();
}

async function report(page, path) {
  await page.goto(path);
  await page.getByRole("link", { name: "Report the comment by Rita Lund" }).click();
  await page.getByLabel("Something else").check();
  await page.getByLabel("Details").fill("She has not been there.");
  await page.getByRole("button", { name: "Send report" }).click();
  await page.getByRole("heading", { name: "Thank you" }).waitFor();
}

async function hide(page) {
  await page.goto("/dashboard/comments?show=reported");
  const line = page.locator(".queue article", { hasText: "She has not been there." });
  await line.getByText("Reported once").waitFor();
  await line.getByText("higher").waitFor();
  await line.getByRole("link", { name: "Hide… the comment by Rita Lund" }).click();
  assert.ok(await page.getByLabel(/^Hide:/).isChecked());
  await page.getByLabel("Reason").fill("Not about the post.");
  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByText("No reports are open.").waitFor();
}

async function assertHidden(browser, site, path, options) {
  const anybody = await visitor(browser, site, options);
  await anybody.page.goto(path);
  await anybody.page.getByText("By how much?").waitFor(); // the answer stays, so the thread is there
  assert.equal(await anybody.page.getByText("higher").count(), 0);
  assert.equal(await anybody.page.locator(".comment.gone").count(), 1, "a stub keeps the place");
  assert.deepEqual(anybody.faults, []);
}
