// Pictures of the pages by which the look is judged: `node shots.mjs DIRECTORY`, with MASTHEAD_BIN and
// CHROMIUM set as for the tests. Not a test: somebody has to look at them.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { launch, visitor } from "./browser.mjs";
import { comment, send, setUp, signUp, start, write } from "./site.mjs";

const folder = process.argv[2];
if (!folder) {
  console.error("usage: node shots.mjs DIRECTORY");
  process.exit(2);
}

const LONG = "/@mira/write-it-down-first";
const TEXT = `The harbour clock is *four minutes* slow, and everybody knows it.

## What the clock is for

Nobody reads it to learn the time. They read it to learn whether **the harbour master** is awake, see
[the tide tables](https://example.org/tides).

- wind it on Sundays
- never set it

> A clock that is trusted for its fault needs no repair.

\`\`\`sh
date --set '-4 minutes'
\`\`\`
`;

const site = await start();
const browser = await launch();
try {
  await mkdir(folder, { recursive: true });
  const pages = await prepare();
  for (const [name, path, cookie] of pages) {
    const { context, page } = await visitor(browser, site, { cookie, reducedMotion: "reduce" });
    for (const width of [390, 1440]) {
      await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        await page.goto(path, { waitUntil: "networkidle" });
        await page.evaluate(() => document.fonts.ready);
        const file = join(folder, `${name}-${width}-${colorScheme}.png`);
        await page.screenshot({ path: file, fullPage: true });
        console.log(file);
      }
    }
    await context.close();
  }
} finally {
  await browser.close();
  await site.stop();
}

/** Fills the site; gives the pages with the cookie of who looks at them. */
async function prepare() {
  const owner = await setUp(site);
  const rita = await signUp(site, "rita", "Rita Lund");
  const olaf = await signUp(site, "olaf", "Olaf Moe");
  const post = await write(site, owner, {
    title: "The harbour clock",
    markdown: TEXT,
    tags: "harbour, time",
    comment_policy: "all_held",
    publish: true,
  });
  const first = await comment(
    site,
    rita,
    LONG,
    "Our log has a column for *why*. Nobody fills it in, and it is the only one that I ever read.",
  );
  await comment(
    site,
    olaf,
    LONG,
    "Buy cheap watches at https://example.org/watches and tell your friends!!!",
  );
  const spam = await comment(site, olaf, LONG, "Best prices for anchors, click here.", first);
  await send(site, `/comments/${spam}/report`, { reason: "spam", details: "" }, rita);
  await comment(site, rita, post.path, "It was five minutes last winter.");
  await comment(site, olaf, post.path, "I set my watch by it and have been on time ever since.");
  return [
    ["front", "/"],
    ["post", LONG],
    ["editor", `/p/${post.id}/edit`, owner],
    ["queue", "/dashboard/comments", owner],
    ["queue-all", "/dashboard/comments?show=all", owner],
    ["settings", "/settings", owner],
    ["tour", "/@mira/a-tour-of-what-you-can-write"],
    ["arabic", "/@salma/rasail-lam-tuktab-bil-ajala"],
    ["dashboard", "/dashboard", owner],
    ["people", "/admin/people", owner],
    ["tags", "/admin/tags", owner],
  ];
}
