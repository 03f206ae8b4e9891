// CodeMirror in place of the plain field: the form, its saves and its copies have the text that was written there, whatever language it
// is in and whatever ends the page.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { violations } from "./axe.mjs";
import { launch, visitor } from "./browser.mjs";
import { copiesOnDevice, keptOnDevice } from "./device.mjs";
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

const { text, ready, value } = SURFACES.codemirror;
const field = (page) => page.locator("textarea#markdown");
const SAVED = /^Saved \d\d:\d\d/;
const status = (page, words) =>
  page.locator("[data-save-status]").filter({ hasText: words }).waitFor();

/** A post, open in CodeMirror with the caret at its end. */
async function open(markdown, options = {}) {
  const { id } = await write(site, owner, { title: "Boats", markdown });
  const person = await visitor(browser, site, { cookie: owner, writes: "codemirror", ...options });
  await person.page.goto(`/p/${id}/edit`);
  await ready(person.page);
  await text(person.page).press("Control+End");
  return { ...person, id };
}

/** The text that the server has. */
async function stored(id) {
  const response = await fetch(`${site.origin}/p/${id}/edit`, { headers: { Cookie: owner } });
  const html = await response.text();
  return /<textarea[^>]*id="markdown"[^>]*>\n([^<]*)<\/textarea>/.exec(html)[1];
}

/** The text that the next request with the form holds. */
async function sent(page, path = /\/edit$/) {
  const request = await page.waitForRequest(
    (asked) => asked.method() === "POST" && path.test(new URL(asked.url()).pathname),
  );
  return new URLSearchParams(request.postData()).get("markdown").replaceAll("\r\n", "\n");
}

test("what is saved is the newest text, without a pause between key and save", async () => {
  const { page, faults, id } = await open("One");
  const saving = sent(page);
  await page.keyboard.insertText(" two");
  await page.keyboard.press("Control+s");
  assert.equal(await saving, "One two");
  await status(page, SAVED);
  assert.equal(await stored(id), "One two");
  assert.deepEqual(faults, []);
});

test("the form sends the newest text by itself, too", async () => {
  const { page, faults, id } = await open("One");
  // No timer of the page runs between the key and the form.
  await page.evaluate(() => {
    document.execCommand("insertText", false, " two");
    const form = document.querySelector("form[data-editor]");
    window.given = Promise.resolve().then(() => new FormData(form).get("markdown"));
  });
  assert.equal(await page.evaluate("given"), "One two");
  await page.getByRole("button", { name: "Publish…" }).click();
  await page.waitForURL(/publish/);
  assert.equal(await stored(id), "One two");
  assert.deepEqual(faults, []);
});

test("it saves itself, and the field of the form soon has the same text", async () => {
  const { page, faults, id } = await open("");
  await text(page).pressSequentially("# Heading\n- item");
  await page.waitForFunction(
    () => document.querySelector("#markdown").value === "# Heading\n- item",
  );
  await status(page, SAVED);
  assert.equal(await stored(id), "# Heading\n- item");
  assert.deepEqual(faults, []);
});

test("a page that is left at once leaves a copy with the last key in it, which is restored", async () => {
  const { page, id, context } = await open("One");
  page.on("dialog", (dialog) => dialog.accept());
  await page.route(/\/edit$/, (route) =>
    route.request().method() === "POST" ? route.abort() : route.fallback(),
  );
  await page.evaluate(() => {
    document.execCommand("insertText", false, " two");
    // What watches the page has heard of it, and no timer has run.
    return Promise.resolve().then(() => {
      dispatchEvent(new Event("pagehide"));
      window.copies = Object.values(localStorage).filter((kept) => kept.includes("One two")).length;
    });
  });
  assert.equal(await page.evaluate("copies"), 1);
  await keptOnDevice(page, "One two");
  await page.goto("/dashboard");
  const next = await context.newPage();
  await page.close();
  await next.goto(`/p/${id}/edit`);
  await ready(next);
  await next.getByRole("button", { name: "Restore it" }).click();
  await next.locator(".cm-line").filter({ hasText: "One two" }).waitFor();
  assert.equal(await value(next), "One two");
  await status(next, SAVED);
  assert.equal(await stored(id), "One two");
  // What was there before comes back by undo.
  await text(next).press("Control+z");
  assert.equal(await value(next), "One");
});

test("two texts are put together in it", async () => {
  const first = await open("One\n\ntwo\n\nthree");
  first.expects.push(/412/);
  const second = await visitor(browser, site, { cookie: owner, writes: "codemirror" });
  await second.page.goto(`/p/${first.id}/edit`);
  await ready(second.page);
  await text(second.page).press("Control+Home");
  await second.page.keyboard.insertText("Number ");
  await second.page.keyboard.press("Control+s");
  await status(second.page, SAVED);
  await first.page.keyboard.insertText(" four");
  await first.page.keyboard.press("Control+s");
  await first.page.locator("[data-merge]").click();
  await first.page.locator(".cm-line").filter({ hasText: "Number One" }).waitFor();
  assert.equal(await value(first.page), "Number One\n\ntwo\n\nthree four");
  await status(first.page, SAVED);
  assert.equal(await stored(first.id), "Number One\n\ntwo\n\nthree four");
  assert.deepEqual([...first.faults, ...second.faults], []);
});

test("the switch takes text, caret and undo along, and is remembered", async () => {
  const { page, faults, id } = await open("One");
  const button = page.getByRole("button", { name: "Plain text" });
  assert.equal(await button.getAttribute("aria-pressed"), "false");
  await page.keyboard.insertText(" two");
  await page.keyboard.press("ArrowLeft");
  await button.click();
  assert.equal(await button.getAttribute("aria-pressed"), "true");
  assert.equal(await SURFACES.plain.shown(page), "One tw⟦⟧o");
  await page.keyboard.insertText("!");
  assert.equal(await field(page).inputValue(), "One tw!o");
  await button.click();
  assert.equal(await SURFACES.codemirror.shown(page), "One tw!⟦⟧o");
  for (const before of ["One two", "One"]) {
    await page.keyboard.press("Control+z");
    assert.equal(await value(page), before);
  }
  await page.keyboard.insertText(" three");
  await button.click();
  // The plain field goes back to what it held itself.
  await page.keyboard.press("Control+z");
  assert.equal(await field(page).inputValue(), "One tw!o");
  await page.keyboard.press("Control+Shift+z");
  assert.equal(await field(page).inputValue(), "One three");
  await status(page, SAVED);
  await page.goto(`/p/${id}/edit`);
  await page.locator("[data-plain][aria-pressed=true]").waitFor();
  assert.equal(await page.locator(".cm-editor").count(), 0);
  assert.deepEqual(faults, []);
});

test("where it does not come, the plain field stays", async () => {
  const { id } = await write(site, owner, { title: "Boats", markdown: "One" });
  const { page } = await visitor(browser, site, {
    cookie: owner,
    writes: "codemirror",
    expects: [/./],
  });
  await page.route(/codemirror/, (route) => route.abort());
  const failed = page.waitForEvent("requestfailed");
  await page.goto(`/p/${id}/edit`);
  await failed;
  await field(page).press("Control+End");
  await field(page).press("Control+b");
  assert.equal(await field(page).inputValue(), "One****");
  assert.equal(await page.getByRole("button", { name: "Plain text" }).count(), 0);
});

test("it says of itself what the field says, and Tab leads out of it", async () => {
  const { page, faults, expects } = await open("## One\n\n- two `three`\n\n> four");
  const content = page.getByRole("textbox", { name: "Text, in Markdown" });
  assert.equal(await content.getAttribute("spellcheck"), "true");
  assert.deepEqual(await violations(page), []);
  await content.press("Tab");
  assert.equal(await content.evaluate((node) => node.contains(document.activeElement)), false);
  expects.push(/422/);
  await page.locator("[name=slug]").fill("!");
  await page.evaluate(() => {
    const note = document.createElement("p");
    note.id = "markdown-error";
    note.textContent = "Too long.";
    document.querySelector("#markdown").after(note);
    document.querySelector("#markdown").setAttribute("aria-describedby", "markdown-error");
    document.querySelector("#markdown").setAttribute("aria-invalid", "true");
  });
  await page.locator(".cm-content[aria-invalid=true][aria-describedby=markdown-error]").waitFor();
  assert.deepEqual(faults, []);
});

test("each line runs in its own direction", async () => {
  const { page, faults } = await open("English\n\nالعربية أولا\n\n```\nكود\n```");
  const directions = await page
    .locator(".cm-line")
    .evaluateAll((lines) => lines.map((line) => getComputedStyle(line).direction));
  assert.deepEqual(directions, ["ltr", "ltr", "rtl", "ltr", "ltr", "ltr", "ltr"]);
  assert.deepEqual(faults, []);
});

const COMPOSED = [
  ["Japanese", ["k", "か", "かん", "かんじ", "漢字"]],
  ["Hindi", ["ह", "हि", "हिन्", "हिन्दी"]],
  ["Arabic", ["م", "مر", "مرح", "مرحبا"]],
];

for (const writes of ["plain", "codemirror"]) {
  for (const [language, states] of COMPOSED) {
    test(`an input method loses nothing and is not saved half-way: ${language}, ${writes}`, async () => {
      const { id } = await write(site, owner, { title: "Boats", markdown: "One " });
      const { page, faults } = await visitor(browser, site, { cookie: owner, writes });
      await page.clock.install();
      await page.goto(`/p/${id}/edit`);
      await SURFACES[writes].ready(page);
      await SURFACES[writes].text(page).press("Control+End");
      const saves = [];
      page.on("request", (asked) => {
        if (asked.method() === "POST")
          saves.push(new URLSearchParams(asked.postData()).get("markdown"));
      });
      const keys = await page.context().newCDPSession(page);
      for (const words of states) {
        await keys.send("Input.imeSetComposition", {
          text: words,
          selectionStart: words.length,
          selectionEnd: words.length,
        });
        await page.clock.runFor(2_500);
      }
      assert.deepEqual(saves, []);
      await keys.send("Input.insertText", { text: states.at(-1) });
      await page.clock.runFor(2_500);
      await status(page, SAVED);
      assert.equal(await stored(id), `One ${states.at(-1)}`);
      assert.deepEqual(saves, [`One ${states.at(-1)}`]);
      assert.deepEqual(faults, []);
    });
  }
}

test("a megabyte is pasted, kept and undone", async () => {
  const { page, faults, expects } = await open("One\n");
  // What the server makes of such a text is not what this test is about.
  expects.push(/ERR_FAILED/);
  await page.route(/\/edit$/, (route) => route.abort());
  const long = "A line of a long text, with **bold** words.\n".repeat(23_500);
  await text(page).evaluate((content, words) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", words);
    content.dispatchEvent(
      new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }),
    );
  }, long);
  const given = await page.evaluate(() => {
    return new FormData(document.querySelector("form[data-editor]")).get("markdown");
  });
  assert.equal(given.length, "One\n".length + long.length);
  assert.equal(given, `One\n${long}`);
  await text(page).press("Control+z");
  await page.waitForFunction(() => document.querySelectorAll(".cm-line").length === 2);
  assert.equal(await value(page), "One\n");
  assert.ok(Array.isArray(await copiesOnDevice(page)));
  assert.deepEqual(faults, []);
});
