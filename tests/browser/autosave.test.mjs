// The editor saves by itself. Whatever happens to the tab, the network, the session or the server meanwhile: no key that was
// pressed more than two seconds ago is lost, and nothing that an author wrote conflicts with itself.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { launch, visitor } from "./browser.mjs";
import { keptOnDevice } from "./device.mjs";
import { PASSWORD, send, setUp, start, write } from "./site.mjs";

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
    expects: [/status of (412|422|401)/, /: (412|422|401) from /, /ERR_(INTERNET_DISC|FAILED)/],
  });
  page = writer.page;
});

async function done() {
  assert.deepEqual(writer.faults, []);
  await writer.context.close();
}

const text = (at = page) => at.getByLabel("Text, in Markdown");
const status = (words, at = page) =>
  at.locator("[data-save-status]").filter({ hasText: words }).waitFor();
const SAVED = /^Saved \d\d:\d\d$/;

/** What a page sends to be saved, from now on. */
function savesOf(at) {
  const sent = [];
  at.on("request", (request) => {
    if (request.method() === "POST") sent.push(new URL(request.url()).pathname);
  });
  return sent;
}

/** The text that the server has. */
async function saved(at = page) {
  const fresh = await at.context().newPage();
  await fresh.goto(at.url());
  const value = await text(fresh).inputValue();
  await fresh.close();
  return value;
}

/** Ends the process behind a page, which hears nothing of it. */
async function kill(at = page) {
  const session = await at.context().newCDPSession(at);
  const crashed = at.waitForEvent("crash");
  session.send("Page.crash").catch(() => {});
  await crashed;
}

test("a new post is a draft soon after the first words, and a reload finds them", async () => {
  await page.goto("/new");
  await text().pressSequentially("Nobody pressed a button.");
  await status(SAVED);
  assert.match(page.url(), /\/p\/[^/]+\/edit$/);
  await page.reload();
  assert.equal(await text().inputValue(), "Nobody pressed a button.");
  assert.equal(await page.getByText("found on this device.").count(), 0);
  await done();
});

test("an empty page makes no draft", async () => {
  const sent = savesOf(page);
  await page.clock.install();
  await page.goto("/new");
  await text().fill("x");
  await text().fill("");
  await page.clock.runFor(60_000);
  assert.deepEqual(sent, []);
  await done();
});

test("while keys keep coming it saves now and then, one save at a time", async () => {
  const { id } = await write(site, owner, { title: "Steady", markdown: "" });
  let [under_way, most, sent] = [0, 0, 0];
  await page.route(/\/edit$/, async (route) => {
    if (route.request().method() !== "POST") return route.fallback();
    sent += 1;
    most = Math.max(most, (under_way += 1));
    const answer = await route.fetch();
    under_way -= 1;
    await route.fulfill({ response: answer });
  });
  await page.goto(`/p/${id}/edit`);
  // The pauses are far shorter than the one after which it saves.
  const words = "word ".repeat(24);
  await text().pressSequentially(words, { delay: 100 });
  assert.ok(sent >= 1, "saved while typing");
  await status(SAVED);
  assert.equal(most, 1);
  assert.equal(await saved(), words);
  await done();
});

test("readers of a public post see nothing of what saves itself", async () => {
  const post = await write(site, owner, { title: "Public", markdown: "As it was.", publish: true });
  await page.goto(`/p/${post.id}/edit`);
  await text().fill("Half a sent");
  await status(/^Saved \d\d:\d\d – readers see it after Update$/);
  const read = await fetch(`${site.origin}/p/${post.id}`);
  assert.match(await read.text(), /As it was\./);
  await done();
});

test("an answer that gets lost makes no conflict, neither with the next save nor with a button", async () => {
  const { id } = await write(site, owner, { title: "Lost answer", markdown: "One." });
  let lost = 0;
  const lose = async (route) => {
    if (route.request().method() !== "POST") return route.fallback();
    await route.fetch();
    lost += 1;
    await route.abort();
  };
  await page.goto(`/p/${id}/edit`);
  await page.route(/\/edit$/, lose, { times: 1 });
  await text().fill("One. Two.");
  await status("Not saved – the server does not answer");
  await text().fill("One. Two. Three.");
  await status(SAVED);
  assert.equal(lost, 1);
  await page.route(/\/edit$/, lose, { times: 1 });
  await text().fill("One. Two. Three. Four.");
  await status("Not saved – the server does not answer");
  await page.getByRole("button", { name: "Publish…" }).click();
  await page.waitForURL(/\/publish$/);
  assert.equal(await page.getByRole("alert").count(), 0);
  await page.goto(`/p/${id}/edit`);
  assert.equal(await text().inputValue(), "One. Two. Three. Four.");
  await done();
});

test("a button that is pressed while a save is under way stands on what that one saves", async () => {
  const { id } = await write(site, owner, { title: "Under way", markdown: "One." });
  let let_go;
  const held = new Promise((then) => (let_go = then));
  await page.goto(`/p/${id}/edit`);
  await page.route(
    /\/edit$/,
    async (route) => {
      const response = await route.fetch();
      await held;
      await route.fulfill({ response });
    },
    { times: 1 },
  );
  const sent = page.waitForRequest((request) => request.method() === "POST");
  await text().fill("One. Two.");
  await sent;
  await text().fill("One. Two. Three.");
  await page.getByRole("button", { name: "Publish…" }).click({ noWaitAfter: true });
  let_go();
  await page.waitForURL(/\/publish$/);
  await page.goto(`/p/${id}/edit`);
  assert.equal(await text().inputValue(), "One. Two. Three.");
  await done();
});

test("a tab that is killed leaves what was typed, and the next one goes on as the same editor", async () => {
  const { id } = await write(site, owner, { title: "Killed", markdown: "One." });
  await page.goto(`/p/${id}/edit`);
  await text().fill("One. Two.");
  await status(SAVED);
  // The next save arrives and its answer does not; later ones do not arrive.
  let arrived = false;
  await page.route(/\/edit$/, async (route) => {
    if (route.request().method() !== "POST") return route.fallback();
    if (!arrived) await route.fetch();
    arrived = true;
    await route.abort();
  });
  await text().fill("One. Two. Three.");
  await status("Not saved – the server does not answer");
  await text().fill("One. Two. Three. Four.");
  await keptOnDevice(page, "One. Two. Three. Four.");
  await kill();
  page = await writer.context.newPage();
  await page.goto(`/p/${id}/edit`);
  assert.equal(await text().inputValue(), "One. Two. Three.");
  await page.getByRole("button", { name: "Restore it" }).click();
  assert.equal(await text().inputValue(), "One. Two. Three. Four.");
  await status(SAVED);
  assert.equal(await saved(), "One. Two. Three. Four.");
  await done();
});

test("after a save by hand that failed, what is typed saves itself", async () => {
  const { id } = await write(site, owner, { title: "By hand", markdown: "One." });
  await page.goto(`/p/${id}/edit`);
  const refuse = (route) =>
    route.request().method() === "POST" ? route.abort() : route.fallback();
  await page.route("**/edit", refuse);
  await text().press("Control+S");
  await status("Not saved – the server does not answer");
  await page.unroute("**/edit", refuse);
  await text().fill("One. Two.");
  await status(SAVED);
  assert.equal(await saved(), "One. Two.");
  await done();
});

test("on the way back a browser puts no old text on a new version", async () => {
  const { id } = await write(site, owner, { title: "Back", markdown: "Old." });
  await page.goto(`/p/${id}/edit`);
  await text().fill("Newer.");
  await status(SAVED);
  await text().fill("Newest.");
  await status(SAVED);
  await page.getByRole("link", { name: "All versions" }).click();
  await page.waitForURL(/history/);
  const restored = { newest: (await newest(id)).toString() };
  const answer = await send(site, `/p/${id}/history/1/restore`, restored, owner);
  assert.equal(answer.status, 303, await answer.text());
  await page.goBack();
  await page.waitForURL(/edit/);
  await page.waitForFunction(() => document.querySelector("[data-save-status]"));
  assert.equal(await text().inputValue(), "Old.");
  await done();
});

/** The newest version of a post. */
async function newest(id) {
  const answer = await fetch(`${site.origin}/p/${id}/edit`, { headers: { Cookie: owner } });
  return Number(/name="version" value="(\d+)"/.exec(await answer.text())[1]);
}

test("what another open tab is about to save is offered to no other", async () => {
  const { id } = await write(site, owner, { title: "Open twice", markdown: "One." });
  await page.goto(`/p/${id}/edit`);
  await page.route(/\/edit$/, (route) =>
    route.request().method() === "POST" ? route.abort() : route.fallback(),
  );
  await text().fill("One. Two.");
  await status("Not saved – the server does not answer");
  await keptOnDevice(page, "One. Two.");
  const second = await writer.context.newPage();
  await second.addInitScript(() => {
    const channel = new BroadcastChannel("mh-editing");
    channel.onmessage = ({ data }) => {
      window.answered ||= data.here;
    };
  });
  await second.goto(`/p/${id}/edit`);
  await second.waitForFunction(() => window.answered); // by the tab that has it open
  await second.evaluate(() => new Promise((then) => requestAnimationFrame(() => setTimeout(then))));
  assert.equal(await second.getByText("found on this device.").count(), 0);
  await kill();
  await second.reload();
  await second.getByText("found on this device.").waitFor();
  await done();
});

test("the session ended: signing in on the page saves what was typed", async () => {
  const { id } = await write(site, owner, { title: "Session", markdown: "One." });
  await writer.context.clearCookies(); // a session of its own, so that other tests keep theirs
  const signedIn = await send(site, "/login", { login: "anna", password: PASSWORD });
  const cookie = () => signedIn.headers.get("set-cookie").split(";")[0];
  const [name, value] = cookie().split(/=(.*)/s);
  await writer.context.addCookies([{ name, value, url: site.origin }]);
  await page.goto(`/p/${id}/edit`);
  await send(site, "/logout", {}, cookie());
  await text().fill("One. Two.");
  await status("Not saved – your session has ended");
  await page.getByRole("button", { name: "Sign in" }).click();
  const dialog = page.getByRole("dialog");
  assert.equal(await dialog.getByLabel("Username or email").inputValue(), "anna");
  await dialog.getByLabel("Password").fill("wrong");
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await dialog.getByRole("alert").filter({ hasText: /\w/ }).waitFor();
  await dialog.getByLabel("Password").fill(PASSWORD);
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await status(SAVED);
  assert.equal(await dialog.count(), 0);
  assert.equal(await saved(), "One. Two.");
  await done();
});

test("two tabs: both texts are put together and saved", async () => {
  const base = "One.\n\nTwo.";
  const { id } = await write(site, owner, { title: "Together", markdown: base });
  const second = await writer.context.newPage();
  await page.goto(`/p/${id}/edit`);
  await second.goto(`/p/${id}/edit`);
  await text().fill("One, from the first.\n\nTwo.");
  await status(SAVED);
  await text(second).fill("One.\n\nTwo, from the second.");
  await status("Not saved – saved elsewhere", second);
  // Typing on is possible, and saves nothing over the other text.
  await text(second).press("End");
  await text(second).pressSequentially("!");
  await second.getByRole("button", { name: "Put both together" }).click();
  await second.getByText("Both versions are in this text now.").waitFor();
  await status(SAVED, second);
  assert.equal(await saved(second), "One, from the first.\n\nTwo, from the second.!");
  await done();
});

test("what was found on the device is compared before it is restored", async () => {
  const { id } = await write(site, owner, { title: "Compared", markdown: "One." });
  await page.goto(`/p/${id}/edit`);
  await page.route(/\/edit$/, (route) =>
    route.request().method() === "POST" ? route.abort() : route.fallback(),
  );
  await text().fill("Two.");
  await status("Not saved – the server does not answer");
  await kill();
  page = await writer.context.newPage();
  await page.goto(`/p/${id}/edit`);
  await page.getByRole("button", { name: "Compare" }).click();
  const section = page.getByRole("region", { name: "The version that was saved" });
  await section.locator(".plus", { hasText: "Two." }).waitFor();
  await page.getByRole("button", { name: "Restore it" }).click();
  assert.equal(await section.count(), 0);
  await status(SAVED);
  assert.equal(await saved(), "Two.");
  await done();
});

test("a button that meets a version saved elsewhere publishes over nothing", async () => {
  const post = await write(site, owner, { title: "Over", markdown: "One.", publish: true });
  const second = await writer.context.newPage();
  await page.goto(`/p/${post.id}/edit`);
  await second.goto(`/p/${post.id}/edit`);
  // The first tab is about to save while the second one has saved.
  let let_go;
  const held = new Promise((then) => (let_go = then));
  await page.route(
    /\/edit$/,
    async (route) => {
      await held;
      await route.continue();
    },
    { times: 1 },
  );
  const sent = page.waitForRequest((request) => request.method() === "POST");
  await text().fill("One, from the first.");
  await sent;
  await text(second).fill("One, from the second.");
  await status(/^Saved/, second);
  await page.getByRole("button", { name: "Update", exact: true }).click({ noWaitAfter: true });
  let_go();
  await page.getByRole("button", { name: "Put both together" }).waitFor();
  const read = await (await fetch(`${site.origin}${post.path}`)).text();
  assert.match(read, /One\./);
  assert.equal(await saved(second), "One, from the second.");
  await done();
});

test("on the page of a conflict a key saves nothing over the other version", async () => {
  const { id } = await write(site, owner, { title: "Came back", markdown: "One." });
  const second = await writer.context.newPage();
  writer.expects.push(/409/);
  // Nothing is saved by itself but when this clock goes on.
  await page.clock.install();
  await page.goto(`/p/${id}/edit`);
  await second.goto(`/p/${id}/edit`);
  await text(second).fill("One, from the second.");
  await status(SAVED, second);
  await text().fill("One, from the first.");
  // By the form, before anything is saved by itself.
  await page.evaluate(() => document.querySelector("[data-publish]").click());
  await page.getByText("This was saved elsewhere while you wrote").waitFor();
  assert.equal(
    await page.locator("form[data-editor]").getAttribute("action"),
    `/p/${id}/edit?base=1`,
  );
  const sent = savesOf(page);
  await text().press("End");
  await text().pressSequentially("!");
  await page.clock.runFor(60_000);
  assert.deepEqual(sent, []);
  await page.getByRole("button", { name: "Put both together" }).click();
  await page.getByText("Both versions are in this text now.").waitFor();
  await page.clock.runFor(5_000);
  await status(SAVED);
  const both = await saved(second);
  assert.match(both, /One, from the second\.[^]*One, from the first\.!/);
  await done();
});

test("after two conflicts the text of the other is still there", async () => {
  const { id } = await write(site, owner, { title: "Twice", markdown: "One.\n\nTwo." });
  const second = await writer.context.newPage();
  await page.goto(`/p/${id}/edit`);
  await second.goto(`/p/${id}/edit`);
  await text(second).fill("One.\n\nTwo.\n\nThree.");
  await status(SAVED, second);
  await text().fill("Nought.\n\nOne.\n\nTwo.");
  await status("Not saved – saved elsewhere");
  await text(second).fill("One.\n\nTwo.\n\nThree.\n\nFour.");
  await second.getByRole("button", { name: "Save", exact: true }).click();
  await status(SAVED, second);
  const refused = page.waitForResponse((response) => response.status() === 412);
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await refused;
  await page.getByRole("button", { name: "Put both together" }).click();
  await status(SAVED);
  assert.equal(await saved(), "Nought.\n\nOne.\n\nTwo.\n\nThree.\n\nFour.");
  await done();
});
