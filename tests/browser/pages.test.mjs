// Every page, narrow and wide, light and dark: no violated rule of accessibility, one first heading, nothing
// to scroll sideways at 320 px, and nothing that the browser complains about.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { violations } from "./axe.mjs";
import { launch, visitor } from "./browser.mjs";
import {
  comment,
  correct,
  invite,
  noteForm,
  send,
  setUp,
  shareForNotes,
  signUp,
  start,
  write,
} from "./site.mjs";

// Colours decide nothing but contrast, so the other rules are asked once for each width.
const LOOKS = [
  [390, "light"],
  [390, "dark", ["color-contrast", "link-in-text-block"]],
  [1440, "dark"],
  [1440, "light", ["color-contrast", "link-in-text-block"]],
];

let site, browser;
const made = {}; // what the pages of the list need
const people = {}; // who looks: one browser window each, so that a page costs no new one

before(async () => {
  [site, browser] = await Promise.all([start(), launch()]);
});

after(async () => {
  await browser?.close();
  await site?.stop();
});

// First, while there is no owner yet; then the site is filled for all the others.
test("the set-up page, empty and with faults", async () => {
  try {
    const { page, faults } = await look("nobody", [/422/]);
    await page.goto("/setup");
    await inspect(page);
    await page.getByLabel("Username").fill("a b");
    await submitUnchecked(page, "Create the site");
    await inspect(page);
    assert.deepEqual(faults, []);
  } finally {
    await fill();
  }
});

async function fill() {
  made.owner = await setUp(site);
  const author = await signUp(site, "rita", "Rita Lund");
  const other = await signUp(site, "olaf", "Olaf Moe");
  const post = await write(site, made.owner, {
    title: "High water",
    markdown: "A **bold** start.",
    tags: "sea, tides",
    comment_policy: "first_held",
    publish: true,
  });
  const draft = await write(site, made.owner, {
    title: "Low water",
    markdown: "Not yet.\n\n```rust\nfn main() {}\n```",
  });
  await correct(site, post.id, made.owner);
  made.contributor = await invite(site, made.owner, "contributor", "cora");
  const submitted = await write(site, made.contributor, { title: "Low tide", markdown: "Mud." });
  const review = `/p/${submitted.id}/review`;
  const sent = await send(site, review, { note: "Is this enough?" }, made.contributor);
  assert.equal(sent.status, 303, await sent.text());
  const again = { id: draft.id, kind: "post", version: "1", authors: "anna", action: "save" };
  const otherText = { title: "Lower water", markdown: "Not *yet*.\n\n```rust\nfn main() {}\n```" };
  const saved = await send(site, `/p/${draft.id}/edit`, { ...again, ...otherText }, made.owner);
  assert.equal(saved.status, 303, await saved.text());
  const gone = await write(site, made.owner, { title: "Still water", markdown: "Never mind." });
  await send(site, `/p/${gone.id}/trash`, {}, made.owner);
  const planned = await write(site, made.owner, { title: "High water", markdown: "Tomorrow." });
  const noon = { at: `${new Date().getFullYear() + 1}-06-01T12:00`, zone: "UTC" };
  const plan = await send(site, `/p/${planned.id}/schedule`, noon, made.owner);
  assert.equal(plan.status, 303, await plan.text());
  const link = await send(site, `/p/${draft.id}/preview-links`, { days: "7" }, made.owner);
  const preview = /\/preview\/[\w-]{22}/.exec(await link.text())[0];
  const noted = await write(site, made.owner, {
    title: "Spring tide",
    markdown: "The sea is *calm*.\n\nBoats lie at anchor.\n\nGone.",
  });
  const notes = await shareForNotes(site, noted.id, made.owner);
  const note = await noteForm(site, notes);
  const suggestion = { comment: "Is it?", suggestion: "The sea is *rough*.", name: "Ada" };
  await send(site, note, suggestion);
  await send(site, note, { comment: "Well said." });
  const held = await comment(site, author, post.path, "First!");
  await send(
    site,
    "/admin/invitations",
    { role: "author", days: "7", max_uses: "3", note: "The crew" },
    made.owner,
  );
  const long = "/@mira/write-it-down-first";
  const said = await comment(site, author, long, "I wrote it down.");
  await comment(site, made.owner, long, "And *where*?", said);
  await send(site, `/comments/${said}/report`, { reason: "spam", details: "" }, made.owner);
  Object.assign(made, { author, other, post, draft, submitted, preview, held, long, said });
  Object.assign(made, { noted, notes, note });
}

const anybody = {
  "front page": "/",
  newest: "/newest",
  "an author": "/@mira",
  "an author without posts": "/@rita",
  archive: "/archive",
  "a month": "/archive/2026/09",
  authors: "/authors",
  tags: "/t",
  "a tag": "/t/sea",
  "a long post with code, footnotes and a thread": "/@mira/write-it-down-first",
  "a post with every kind of formatting": "/@mira/a-tour-of-what-you-can-write",
  "a post with mathematics": "/@ewan/how-far-can-you-see",
  "a post with a wide table": "/@ewan/a-year-of-weather",
  "a very long title": "/@odile/in-defence-of-the-second-best-knife",
  "two authors": "/@odile/bread-at-sea",
  Arabic: "/@salma/rasail-lam-tuktab-bil-ajala",
  Chinese: "/@linyao/jiu-shudian",
  Japanese: "/@linyao/ame-no-hi-no-yohaku",
  "a page": "/about",
  "sign in": "/login",
  "sign up": "/signup",
  "not found": "/nothing-here",
};

const corrected = {
  "a post that was corrected": () => made.post.path,
  "what was corrected": () => `${made.post.path}/corrections`,
  "an author's corrections": "/@anna/-/corrections",
};

const owner = {
  settings: "/settings",
  "posts on the dashboard": "/dashboard",
  "drafts on the dashboard": "/dashboard?shelf=drafts",
  "pages on the dashboard": "/dashboard?shelf=pages",
  "trash on the dashboard": "/dashboard?shelf=trash",
  "templates on the dashboard": "/dashboard?shelf=templates",
  "a search on the dashboard": "/dashboard?q=water&sort=title",
  "a search without a result": "/dashboard?q=nothing-has-this",
  "a new post": "/new",
  "a new page": "/new?kind=page",
  "an existing draft": () => `/p/${made.draft.id}/edit`,
  "the step before publishing": () => `/p/${made.draft.id}/publish`,
  "links to a preview": () => `/p/${made.draft.id}/preview-links`,
  "what is planned": () => "/dashboard?shelf=scheduled",
  "what is in review": "/dashboard?shelf=review",
  "a post to review": () => `/p/${made.submitted.id}/publish`,
  "a shared preview": () => made.preview,
  "a shared preview that takes notes": () => made.notes,
  "a note to write": () => made.note,
  "notes of guests": () => `/p/${made.noted.id}/notes`,
  "the versions of a post": () => `/p/${made.draft.id}/history`,
  "what a version changed": () => `/p/${made.draft.id}/history/2`,
  "what a version changed for readers": () => `/p/${made.draft.id}/history/2?rendered=true`,
  "a version that can be brought back": () => `/p/${made.draft.id}/history/1?with=2`,
  "a saved preview": () => `/p/${made.draft.id}/preview`,
  "a comment to write": () => `${made.long}/comment`,
  "a reply to write": () => `${made.long}/comment?parent=${made.said}`,
  "a comment of one's own that is held": () => `/comments/${made.held}`,
  "comments that are held": "/dashboard/comments",
  "comments that were reported": "/dashboard/comments?show=reported",
  "all comments": "/dashboard/comments?show=all",
  "a decision": () => `/comments/${made.said}/decide?decision=hide`,
  "jobs in the background": "/admin/jobs",
  "the site": "/admin/site",
  people: "/admin/people",
  invitations: "/admin/invitations",
  "all tags": "/admin/tags",
  "a tag to change": "/admin/tags/sea",
  "the question before two tags become one": "/admin/tags/sea/merge?into=tides",
};

const contributor = {
  "posts of a contributor": "/dashboard?shelf=review",
  "what is submitted": () => `/p/${made.submitted.id}/publish`,
  "what is submitted, in the editor": () => `/p/${made.submitted.id}/edit`,
};

for (const [who, pages] of Object.entries({ anybody, corrected, owner, contributor })) {
  for (const [name, path] of Object.entries(pages)) {
    test(`${who}: ${name}`, async () => {
      const { page, faults } = await look(who, name === "not found" ? [/404/] : []);
      await page.goto(typeof path === "string" ? path : path());
      await inspect(page);
      assert.deepEqual(faults, []);
    });
  }
}

test("a form to report a comment", async () => {
  const { page, faults } = await look("other");
  await page.goto(`/comments/${made.said}/report`);
  // Its writer may not report it, the owner has: somebody third sees the form.
  await page.getByRole("group", { name: "What is wrong?" }).waitFor();
  await inspect(page);
  assert.deepEqual(faults, []);
});

for (const [name, path, fill, button] of [
  ["sign in", "/login", { "Username or email": "anna", Password: "wrong" }, "Sign in"],
  [
    "sign up",
    "/signup",
    { Username: "anna", "E-mail address": "nowhere", Password: "short" },
    "Create account",
  ],
]) {
  test(`anybody: ${name} with faults`, async () => {
    const { page, faults } = await look("anybody", [/422/]);
    await page.goto(path);
    for (const [label, value] of Object.entries(fill)) await page.getByLabel(label).fill(value);
    await submitUnchecked(page, button);
    await inspect(page);
    assert.deepEqual(faults, []);
  });
}

test("owner: the editor with faults", async () => {
  const { page, faults } = await look("owner", [/422/]);
  await page.goto(`/p/${made.draft.id}/edit`);
  await page.getByLabel("Address", { exact: true }).fill("!!!");
  await page.getByText("More", { exact: true }).click();
  await page.getByLabel("Language").fill("not a language");
  await submitUnchecked(page, "Publish…");
  await inspect(page);
  assert.deepEqual(faults, []);
});

test("owner: the preview over the editor", async () => {
  const { page, faults } = await look("owner");
  await page.goto(`/p/${made.draft.id}/edit`);
  await page.getByRole("button", { name: "Preview" }).click();
  await page.getByRole("region", { name: "Preview" }).waitFor();
  await inspect(page);
  assert.deepEqual(faults, []);
});

test("reader: the form opened under a post", async () => {
  const { page, faults } = await look("author");
  await page.goto(made.long);
  await page.getByRole("link", { name: "Write a comment" }).click();
  await page.getByLabel("Your comment").waitFor();
  await inspect(page);
  assert.deepEqual(faults, []);
});

test("the rules are really asked", async () => {
  const { page } = await look("anybody");
  await page.goto("/newest");
  await page.evaluate(() => {
    document.querySelector("main h1").outerHTML = "<p style='color:#ccc'>faint</p>";
    const button = document.createElement("button");
    button.style.setProperty("width", "2000px");
    // In the page itself what is too wide is cut off.
    document.body.append(button);
  });
  const found = (await faultsOf(page)).join("\n");
  for (const expected of [
    "button-name",
    "page-has-heading-one",
    "first headings: 0",
    "scrolls sideways",
  ]) {
    assert.match(found, new RegExp(expected));
  }
});

/** The window of this person, with a clean slate of faults; complaints that fit `expects` are none. */
async function look(who, expects = []) {
  people[who] ??= await visitor(browser, site, {
    cookie: made[who],
    expects: [],
    reducedMotion: "reduce",
  });
  people[who].expects.splice(0, Infinity, ...expects);
  people[who].faults.length = 0;
  return people[who];
}

/** Sends a form past the browser's own checks, so that the server's faults are shown. */
async function submitUnchecked(page, button) {
  await page.evaluate(() => {
    for (const form of document.forms) form.noValidate = true;
  });
  const answer = page.waitForResponse((response) => response.request().method() === "POST");
  await page.getByRole("button", { name: button, exact: true }).click();
  assert.equal((await answer).status(), 422);
  await page.getByRole("alert").waitFor();
}

async function inspect(page) {
  assert.deepEqual(await faultsOf(page), []);
}

async function faultsOf(page) {
  const found = [];
  for (const [width, colorScheme, only] of LOOKS) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    found.push(...(await violations(page, only)).map((line) => `${width} ${colorScheme}: ${line}`));
  }
  // What is inert stands behind something and is not read.
  const headings = await page.locator("h1:not([inert] h1)").count();
  if (headings !== 1) found.push(`first headings: ${headings}`);
  await page.setViewportSize({ width: 320, height: 800 });
  const [whole, seen] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ]);
  if (whole > seen) found.push(`scrolls sideways at 320 px: ${whole} px`);
  return found;
}
