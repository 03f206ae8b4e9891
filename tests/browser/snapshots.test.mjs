// The main pages, at two widths, light and dark, compared with pictures kept beside this file: a change of a style sheet that moves
// or colours what it was not meant to is seen here. Pictures have half the size, so that the smoothing of letters, which differs
// between builds of the browser, is evened out. After a change that is meant: SNAPSHOTS=write node --test snapshots.test.mjs, and
// look at the new pictures before they are committed.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { test } from "node:test";
import pixelmatch from "pixelmatch";
import { PNG } from "pngjs";
import { launch, visitor } from "./browser.mjs";
import { send, setUp, signUp, startSite, write } from "./site.mjs";

/** Of a pixel, from 0 to 1: what counts as another colour. */
const COLOUR = 0.1;
/** Share of the pixels that may have another one. */
const PIXELS = 0.001;

const PARAGRAPHS = `The harbour clock is *four minutes* slow, and everybody knows it. Nobody reads it to learn the time: they read
it to learn whether **the harbour master** is awake, see [the tide tables](/tides).

## What the clock is for

- wind it on Sundays
- never set it

> A clock that is trusted for its fault needs no repair.

| Ship | Due | Came |
| --- | --- | --- |
| Mira | 09:40 | 09:44 |
| Olga | 11:10 | 11:14 |

\`\`\`sh
date --set '-4 minutes'
\`\`\`

Whoever wants the right time asks the ferry.[^1]

[^1]: It is the ferry that is fast.
`;

const LOOKS = [
  { name: "390-light", width: 390, height: 844, colorScheme: "light" },
  { name: "390-dark", width: 390, height: 844, colorScheme: "dark" },
  { name: "1440-light", width: 1440, height: 900, colorScheme: "light" },
  { name: "1440-dark", width: 1440, height: 900, colorScheme: "dark" },
];

test("the main pages look as they did", async (t) => {
  const site = await startSite(t);
  const pages = await prepare(site);
  const browser = await launch(t);
  for (const look of LOOKS) {
    const { width, height, colorScheme } = look;
    const options = { viewport: { width, height }, colorScheme, reducedMotion: "reduce" };
    const { page, faults } = await visitor(browser, site, options);
    // The font of titles is shown where it arrives at once, which on a busy machine is not always.
    await page.route("**/site-*.css", async (route) => {
      const response = await route.fetch();
      const body = (await response.text()).replaceAll(
        "font-display:optional",
        "font-display:block",
      );
      await route.fulfill({ response, body });
    });
    for (const [name, path] of pages) {
      await t.test(`${name} at ${look.name}`, async () => {
        await page.goto(path, { waitUntil: "networkidle" });
        await page.evaluate(() => document.fonts.ready);
        await compare(`${name}-${look.name}`, halved(PNG.sync.read(await page.screenshot())));
      });
    }
    assert.deepEqual(faults, []);
  }
});

/** A site on which nothing depends on the day of the test. */
async function prepare(site) {
  const owner = await setUp(site, { sample: false });
  const rita = await signUp(site, "rita", "Rita Lund");
  const post = (day, title, fields = {}) =>
    write(site, fields.authors ? rita : owner, {
      title,
      markdown: PARAGRAPHS,
      tags: "harbour",
      date: `2024-${day}T09:00`,
      publish: true,
      ...fields,
    });
  await post("02-11", "Where the old pilots drank");
  await post("02-29", "A day more", { authors: "rita" });
  await post("03-04", "Ropes, and what holds them");
  await post("03-18", "Letters to a lighthouse", { authors: "rita", tags: "letters" });
  await post("04-02", "The ferry that is fast");
  const long = await post("04-20", "The harbour clock is four minutes slow");
  return [
    ["front", "/"],
    ["post", long.path],
    ["author", "/@anna"],
    ["tag", "/t/harbour"],
    ["archive", "/archive"],
    ["tags", "/t"],
    ["sign-in", "/login"],
  ];
}

/** Each pixel is the mean of four. */
function halved({ width, height, data }) {
  const small = new PNG({ width: width >> 1, height: height >> 1 });
  for (let y = 0; y < small.height; y += 1) {
    for (let x = 0; x < small.width; x += 1) {
      for (let channel = 0; channel < 4; channel += 1) {
        const at = (2 * y * width + 2 * x) * 4 + channel;
        const sum = data[at] + data[at + 4] + data[at + 4 * width] + data[at + 4 * width + 4];
        small.data[(y * small.width + x) * 4 + channel] = sum >> 2;
      }
    }
  }
  return small;
}

async function compare(name, seen) {
  const file = new URL(`snapshots/${name}.png`, import.meta.url);
  if (process.env.SNAPSHOTS === "write") {
    await writeFile(file, PNG.sync.write(seen, { colorType: 2, deflateLevel: 9 }));
    return;
  }
  const kept = PNG.sync.read(await readFile(file));
  assert.deepEqual([seen.width, seen.height], [kept.width, kept.height]);
  const difference = new PNG({ width: seen.width, height: seen.height });
  const options = { threshold: COLOUR, includeAA: true };
  const other = pixelmatch(kept.data, seen.data, difference.data, seen.width, seen.height, options);
  if (other > PIXELS * seen.width * seen.height) {
    const place = `/tmp/masthead-snapshot-${name}`;
    await writeFile(`${place}.png`, PNG.sync.write(seen));
    await writeFile(`${place}-difference.png`, PNG.sync.write(difference));
    assert.fail(`${name}: ${other} pixels differ, see ${place}.png and ${place}-difference.png`);
  }
}
