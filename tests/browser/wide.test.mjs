// Nothing that people type makes a page wider than the window of a small telephone: every field filled with the
// longest words it takes, every kind of page looked at.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, visitor } from "./browser.mjs";
import { comment, noteForm, send, setUp, shareForNotes, signUp, start, write } from "./site.mjs";

const WIDTH = 320;
const word = (letters) => "Wmqx".repeat(letters).slice(0, letters);
const HANDLE = "w".repeat(30);
const LINK = `https://example.org/${word(150)}`;

// In posts and in comments.
const FORMULAS = [
  String.raw`$\hspace{9999em}x$`,
  String.raw`$x\kern9999pt y\hskip -9999em z\mkern99999mu w$`,
  String.raw`$a\hspace{20em}b\hspace{20em}c\hspace{20em}d$`,
  `$${"x+".repeat(300)}y$`,
  String.raw`$\text{${word(300)}}$`,
  String.raw`$\begin{matrix}${Array(60).fill("a").join("&")}\end{matrix}$`,
  String.raw`$$\begin{pmatrix}${Array(80).fill("x^2").join("&")}\end{pmatrix}$$`,
  String.raw`$$\frac{\hspace{9999em}}{\sqrt{${"x".repeat(200)}}}$$`,
];
const TEXT = [
  word(300),
  `**${word(200)}** *${word(200)}* ~~${word(200)}~~`,
  `\`${word(200)}\``,
  `[${word(200)}](https://example.org/)`,
  LINK,
  "```js\n" + word(300) + "\n```",
  `> ${word(200)}\n\n- ${word(200)}\n  - ${word(200)}\n    - ${word(200)}\n      - ${word(200)}\n\n1. ${word(200)}`,
  "> ".repeat(30) + word(80),
  "- ".repeat(12) + word(80),
  `- [ ] ${word(200)}`,
  `| ${word(100)} | \`${word(100)}\` |\n|---|---|\n| ${word(200)} | $${"x".repeat(100)}$ |`,
  `> [!NOTE]\n> ${word(200)}`,
  `字`.repeat(200),
  ...FORMULAS,
].join("\n\n");
const POST = [
  `# ${word(150)}`,
  `## A \`${word(150)}\` in a heading`,
  `### $${"x".repeat(150)}$`,
  `![${word(200)}](/nothing.png)`,
  `![${word(100)}](/nothing.png "${word(200)}")`,
  `![${word(100)}](/nothing.png#wide "${word(200)}")`,
  `![${word(100)}](/nothing.png#full)`,
  `Noted.[^${word(40)}]\n\n[^${word(40)}]: ${word(200)}`,
  `${word(150)}\n: ${word(200)}`,
  `<kbd>${word(150)}</kbd> <ruby>${word(100)}<rt>${word(100)}</rt></ruby> <sup>${word(100)}</sup>`,
  `<details><summary>${word(150)}</summary>${word(150)}</details>`,
  `<img src="/nothing.png" width="5000" height="20" alt="${word(100)}"> <video src="/nothing.mp4" width="5000"></video>`,
  `<audio src="/nothing.mp3"></audio> <pre>${word(300)}</pre> <center>${word(150)}</center>`,
  TEXT,
].join("\n\n");

const made = {};
let site, browser;

before(async () => {
  [site, browser] = await Promise.all([start(), launch()]);
  await fill();
});

after(async () => {
  await browser?.close();
  await site?.stop();
});

async function fill() {
  made.owner = await setUp(site, { sample: false });
  const site_form = {
    name: word(60),
    tagline: word(200),
    language: "en",
    sign_up: "open",
    sign_up_role: "author",
    comment_policy: "members",
  };
  await done(send(site, "/admin/site", site_form, made.owner));
  made.author = await signUp(site, HANDLE, word(80));
  await done(
    send(
      site,
      "/settings/profile",
      { name: word(80), bio: `${word(400)} ${LINK}`, website: LINK },
      made.author,
    ),
  );
  const post = {
    title: word(300),
    markdown: POST,
    tags: `${word(60)}, ${word(59)}`,
    excerpt: word(300),
    slug: word(100).toLowerCase(),
    cover_url: `${site.origin}/nothing.png`,
    cover_alt: word(300),
    canonical_url: LINK,
    authors: HANDLE,
  };
  made.post = await write(site, made.author, { ...post, publish: true });
  made.draft = await write(site, made.author, { ...post, slug: "" });
  made.plain = await write(site, made.author, {
    title: `${word(40)} `.repeat(5),
    markdown: word(300),
    authors: HANDLE,
    publish: true,
  });
  const trashed = await write(site, made.author, { ...post, slug: "" });
  await send(site, `/p/${trashed.id}/trash`, {}, made.author);
  const planned = await write(site, made.author, { ...post, slug: "" });
  const noon = { at: `${new Date().getFullYear() + 1}-06-01T12:00`, zone: "UTC" };
  await send(site, `/p/${planned.id}/schedule`, noon, made.author);
  const link = await send(site, `/p/${made.draft.id}/preview-links`, { days: "7" }, made.author);
  made.preview = /\/preview\/[\w-]{22}/.exec(await link.text())[0];
  const review = `/p/${made.draft.id}/review`;
  await send(site, review, { note: `${word(300)} ${LINK}` }, made.author);
  made.notes = await shareForNotes(site, made.draft.id, made.author);
  made.note = await noteForm(site, made.notes);
  const wide = { comment: word(300), suggestion: word(300), name: word(40) };
  await send(site, made.note, wide);
  const page = { kind: "page", markdown: POST, authors: "anna", publish: true };
  for (const [slug, position] of [
    ["one", "1"],
    ["two", "2"],
    [word(60).toLowerCase(), "3"],
  ]) {
    made.page = await write(site, made.owner, {
      ...page,
      title: word(80) + slug,
      slug,
      menu_position: position,
    });
  }
  made.said = await comment(site, made.author, made.post.path, TEXT.slice(0, 9_500));
  let parent = made.said;
  for (let depth = 0; depth < 8; depth += 1)
    parent = await comment(
      site,
      made.author,
      made.post.path,
      `${word(200)}\n\n${FORMULAS[2]}`,
      parent,
    );
  await comment(site, made.author, made.plain.path, FORMULAS.join("\n\n"));
  await send(
    site,
    `/comments/${made.said}/report`,
    { reason: "other", details: word(500) },
    made.owner,
  );
  await send(
    site,
    "/admin/invitations",
    { role: "author", days: "7", max_uses: "3", note: word(100) },
    made.owner,
  );
}

async function done(sent) {
  const answer = await sent;
  assert.equal(answer.status, 303, await answer.text());
}

const PAGES = {
  nobody: {
    "front page": "/",
    newest: "/newest",
    "an author": `/@${HANDLE}`,
    tags: "/t",
    "a tag": `/t/${word(60).toLowerCase()}`,
    "a post with a thread": () => made.post.path,
    "a post of one word": () => made.plain.path,
    "a page": () => made.page.path,
    "sign in": "/login",
    "sign up": "/signup",
    "not found": `/${word(200)}`,
  },
  author: {
    "front page": "/",
    settings: "/settings",
    posts: "/dashboard",
    drafts: "/dashboard?shelf=drafts",
    trash: "/dashboard?shelf=trash",
    templates: "/dashboard?shelf=templates",
    "a search": "/dashboard?q=water&sort=title",
    "a new post": "/new",
    "a draft": () => `/p/${made.draft.id}/edit`,
    "a published post": () => `/p/${made.post.id}/edit`,
    "the step before publishing": () => `/p/${made.draft.id}/publish`,
    "links to a preview": () => `/p/${made.draft.id}/preview-links`,
    "a shared preview": () => made.preview,
    "a note to write": () => made.note,
    "notes of guests": () => `/p/${made.draft.id}/notes`,
    "what is planned": () => "/dashboard?shelf=scheduled",
    "what is in review": "/dashboard?shelf=review",
    versions: () => `/p/${made.post.id}/history`,
    "a version": () => `/p/${made.post.id}/history/1`,
    preview: () => `/p/${made.draft.id}/preview`,
    "a comment to write": () => `${made.post.path}/comment`,
    "a reply to write": () => `${made.post.path}/comment?parent=${made.said}`,
    "own comment": () => `/comments/${made.said}`,
    "own comment to change": () => `/comments/${made.said}/edit`,
    "own comment to delete": () => `/comments/${made.said}/delete`,
    "comments under own posts": "/dashboard/comments?show=all",
  },
  owner: {
    "front page": "/",
    pages: "/dashboard?shelf=pages",
    "a page": () => `/p/${made.page.id}/edit`,
    reported: "/dashboard/comments?show=reported",
    "all comments": "/dashboard/comments?show=all",
    "a decision": () => `/comments/${made.said}/decide?decision=hide`,
    "a report": () => `/comments/${made.said}/report`,
    "the site": "/admin/site",
    people: "/admin/people",
    "nobody found": `/admin/people?q=${word(100)}`,
    invitations: "/admin/invitations",
    "all tags": "/admin/tags",
    "a tag to change": `/admin/tags/${word(60).toLowerCase()}`,
    "two tags to merge": `/admin/tags/${word(60).toLowerCase()}/merge?into=${word(59)}`,
  },
};

for (const [who, pages] of Object.entries(PAGES)) {
  for (const [name, path] of Object.entries(pages)) {
    test(`${who}: ${name}`, async () => {
      const page = await window_of(who);
      await page.goto(typeof path === "string" ? path : path());
      await fits(page);
    });
  }
}

test("a form that comes back with faults", async () => {
  const page = await window_of("author");
  await page.goto("/settings");
  await page.locator("[name=name]").fill(word(200));
  await page.locator("[name=website]").fill(word(170));
  const answer = page.waitForResponse((response) => response.request().method() === "POST");
  await page.evaluate(() => {
    const form = document.querySelector("[name=website]").form;
    form.noValidate = true;
    form.requestSubmit();
  });
  assert.equal((await answer).status(), 422);
  await page.getByRole("alert").waitFor();
  await fits(page);
});

const windows = {};

async function window_of(who) {
  windows[who] ??= await visitor(browser, site, {
    cookie: made[who],
    expects: [/./],
    viewport: { width: WIDTH, height: 800 },
  });
  return windows[who].page;
}

async function fits(page) {
  await page.evaluate(() => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
  const [whole, widest] = await page.evaluate(() => {
    const edge = (element) => element.getBoundingClientRect().right;
    const visible = [...document.querySelectorAll("body *")].filter((element) =>
      element.checkVisibility(),
    );
    const scrolls = (element) =>
      element &&
      (/auto|scroll|hidden/.test(getComputedStyle(element).overflowX) ||
        scrolls(element.parentElement));
    // Words with a reading above them cannot be broken; they are cut off at the edge of the page.
    const breaks = (element) => !element.closest("ruby");
    const over = visible.filter(
      (element) =>
        edge(element) > innerWidth + 1 && breaks(element) && !scrolls(element.parentElement),
    );
    return [
      document.scrollingElement.scrollWidth,
      over
        .slice(0, 8)
        .map(
          (e) =>
            `<${e.tagName.toLowerCase()} class="${e.className}"> to ${Math.round(edge(e))} in ${e.parentElement.className}`,
        ),
    ];
  });
  assert.ok(whole <= WIDTH, `${page.url()} is ${whole} px wide: ${widest.join("; ")}`);
  assert.deepEqual(widest, [], page.url());
}
