// How a post is set: the length of its lines, its pictures, its notes beside it and its tables, on windows from narrow to wide.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, visitor } from "./browser.mjs";
import { setUp, start, write } from "./site.mjs";

const LONG = "/@mira/write-it-down-first";
const WORDS = "A clock that is trusted for its fault needs no repair. ".repeat(6);
const CHAPTERS = ["One", "Two", "Three"].map((name) => `## ${name}\n\n${WORDS.repeat(6)}`);
const NOTES = [
  `${WORDS}[^a] ${WORDS}[^b][^c] And again.[^a]`,
  ...CHAPTERS,
  `${WORDS}[^d]`,
  "[^a]: The first note.",
  `[^b]: The second note. ${WORDS}`,
  "[^c]: The third note.",
  "[^d]: الملاحظة الرابعة.",
].join("\n\n");
const PICTURES = [
  WORDS,
  '![Boats](/pictures/1600x900.svg "As wide as the text")',
  '![Boats](/pictures/1600x900.svg#measure "Strictly so")',
  '![Boats](/pictures/1600x900.svg#wide "Wider")',
  "![Boats](/pictures/1600x900.svg#full)",
  "![A mast](/pictures/400x4000.svg)",
  "![A mast](/pictures/400x4000.svg#wide)",
  '<img src="/pictures/300x200.svg" width="300" height="200" alt="Known">',
  ...CHAPTERS,
].join("\n\n");

let site, browser, owner;
const posts = {};

before(async () => {
  [site, browser] = await Promise.all([start(), launch()]);
  owner = await setUp(site);
  const publish = (fields) => write(site, owner, { ...fields, publish: true });
  posts.notes = await publish({ title: "Noted", markdown: NOTES });
  posts.plain = await publish({ title: "Noted at the end", markdown: "Hm.[^a]\n\n[^a]: - one" });
  posts.right = await publish({
    title: "ملاحظات",
    language: "ar",
    markdown: `${"كانت الساعة متأخرة أربع دقائق. ".repeat(20)}[^a]\n\n[^a]: ملاحظة قصيرة.`,
  });
  posts.pictures = await publish({ title: "Pictures", markdown: PICTURES });
  posts.cover = await publish({
    title: "A cover",
    markdown: WORDS,
    cover_url: `${site.origin}/pictures/700x1400.svg`,
  });
  posts.long = await publish({ title: "A long title ".repeat(12), markdown: WORDS });
});

after(async () => {
  await browser?.close();
  await site?.stop();
});

/** Opens a post; its pictures are drawn here, once `late` is settled. */
async function open(path, { width = 1440, late, ...options } = {}) {
  const viewport = { width, height: 900 };
  const { context, page, faults } = await visitor(browser, site, { viewport, ...options });
  await page.route("**/pictures/*.svg", async (route) => {
    const [, w, h] = /(\d+)x(\d+)/.exec(route.request().url());
    await late;
    await route.fulfill({
      contentType: "image/svg+xml",
      body: `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}"><path d="M0 0h${w}v${h}H0z"/></svg>`,
    });
  });
  await page.addInitScript(() => {
    globalThis.shifts = [];
    new PerformanceObserver((list) =>
      globalThis.shifts.push(...list.getEntries().map((entry) => entry.value)),
    ).observe({ type: "layout-shift", buffered: true });
  });
  await page.goto(path, { waitUntil: late ? "domcontentloaded" : "load" });
  return { context, page, faults };
}

const shown = (page) =>
  page.evaluate(async () => {
    await document.fonts.ready;
    for (const picture of document.images) {
      picture.loading = "eager";
      await picture.decode();
    }
  });

const boxes = (page, selector) =>
  page.$$eval(selector, (nodes) =>
    nodes.map((node) => {
      const { left, right, top, bottom, width, height } = node.getBoundingClientRect();
      return { left, right, top: top + scrollY, bottom: bottom + scrollY, width, height };
    }),
  );

test("a font of the system takes the room of ours until ours is there, so that nothing moves", async () => {
  const widths = async (arrives) => {
    const { context, page } = await visitor(browser, site, { expects: [/woff2/] });
    if (!arrives) await page.route("**/*.woff2", (route) => route.abort());
    await page.goto("/login");
    const measured = await page.evaluate(async () => {
      const kinds = ["400 1rem var(--sans)", "600 1rem var(--sans)", "400 1rem var(--serif)"];
      const spans = kinds.map((font) => {
        const span = document.createElement("span");
        span.textContent =
          "Mira Halvorsen, 8 November 2026: the harbour clock is four minutes slow";
        span.style.cssText = `position: absolute; white-space: nowrap; font: ${font}`;
        document.body.append(span);
        return span;
      });
      await document.fonts.ready;
      return spans.map((span) => span.getBoundingClientRect().width);
    });
    await context.close();
    return measured;
  };
  const [ours, others] = [await widths(true), await widths(false)];
  for (const [index, width] of ours.entries()) {
    const ratio = others[index] / width;
    assert.ok(ratio > 0.96 && ratio < 1.04, `${index}: ${ratio}`);
  }
});

const isOver = (a, b) =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

for (const width of [768, 1440, 2560]) {
  test(`a line of English has 60 to 68 characters at ${width} px`, async () => {
    const { context, page, faults } = await open(LONG, { width });
    await page.evaluate(() => document.fonts.ready);
    const lines = (await page.evaluate(charactersOfLines)).sort((a, b) => a - b);
    const at = (part) => lines[Math.floor(lines.length * part)];
    assert.ok(lines.length > 100);
    assert.ok(at(0.5) >= 60 && at(0.5) <= 68, `half of the lines have up to ${at(0.5)}`);
    assert.ok(at(0.95) <= 76, `nineteen of twenty have up to ${at(0.95)}`);
    assert.deepEqual(faults, []);
    await context.close();
  });
}

/** How many characters stand in each line of the paragraphs of a post, without their last ones. */
function charactersOfLines() {
  const lines = [];
  for (const paragraph of document.querySelectorAll(".prose > p")) {
    const texts = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
    let [top, count] = [null, 0];
    while (texts.nextNode()) {
      for (let at = 0; at < texts.currentNode.length; at += 1) {
        const range = document.createRange();
        range.setStart(texts.currentNode, at);
        range.setEnd(texts.currentNode, at + 1);
        const box = range.getClientRects()[0];
        if (!box?.width) continue;
        if (top !== null && Math.abs(box.top - top) > 12) {
          lines.push(count);
          count = 0;
        }
        if (count === 0) top = box.top;
        count += 1;
      }
    }
  }
  return lines;
}

test("text grows on a wide window, and a very long title is smaller", async () => {
  const size = async (path, selector, width) => {
    const { context, page } = await open(path, { width });
    const found = await page
      .locator(selector)
      .first()
      .evaluate((node) => getComputedStyle(node).fontSize);
    await context.close();
    return parseFloat(found);
  };
  assert.ok((await size(LONG, ".prose", 1440)) > (await size(LONG, ".prose", 1024)));
  for (const width of [390, 1440]) {
    const [long, short] = [posts.long.path, LONG].map((path) => size(path, "h1.title", width));
    assert.ok((await long) < 0.75 * (await short), `at ${width} px`);
  }
});

test("light letters on dark are lighter", async () => {
  const { context, page, faults } = await open(LONG, { colorScheme: "dark" });
  await page.evaluate(() => document.fonts.ready);
  const widthAt = (weight) =>
    page
      .locator(".prose > p")
      .first()
      .evaluate((node, weight) => {
        const probe = document.createElement("span");
        probe.style.cssText = "position:absolute;white-space:nowrap";
        if (weight) probe.style.fontWeight = weight;
        probe.textContent = node.textContent;
        node.append(probe);
        const { width } = probe.getBoundingClientRect();
        probe.remove();
        return width;
      }, weight);
  const [own, regular] = [await widthAt(), await widthAt("400")];
  assert.ok(own < regular, `${own} px, and ${regular} px where letters are dark`);
  assert.deepEqual(faults, []);
  await context.close();
});

test("pictures have three widths, are never cut off, and keep their proportions", async () => {
  for (const width of [390, 1440, 2560]) {
    const { context, page, faults } = await open(posts.pictures.path, { width });
    await shown(page);
    const [text] = await boxes(page, ".prose > p");
    const found = await boxes(page, ".prose img");
    const [usual, measure, wide, full, tall, tallWide, known] = found;
    const near = (a, b) => assert.ok(Math.abs(a - b) < 2, `${a}, not ${b}, at ${width} px`);
    near(measure.width, text.width);
    near(measure.left, text.left);
    near(full.width, width);
    near(full.left, 0);
    near(usual.left + usual.right, width);
    near(wide.left + wide.right, width);
    near(known.width, 300);
    near(known.height, 200);
    if (width > 1000) {
      assert.ok(wide.width > 1.3 * text.width && wide.width < width);
      assert.ok(usual.width > text.width && usual.width < wide.width);
    } else {
      near(wide.width, text.width);
    }
    for (const picture of [tall, tallWide])
      assert.ok(picture.height <= 0.86 * 900, `${picture.height} px high`);
    near(tall.height / tall.width, 10);
    const fits = await page.$$eval(".prose img", (all) =>
      all.every((picture) => getComputedStyle(picture).objectFit === "contain"),
    );
    assert.ok(fits, "what its box does not fit is not stretched");
    const contents = await page.locator(".toc").boundingBox();
    for (const picture of found)
      assert.ok(
        !isOver(picture, {
          right: contents.x + contents.width,
          left: contents.x,
          top: contents.y,
          bottom: contents.y + contents.height,
        }),
      );
    const whole = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(whole <= width, `${whole} px wide`);
    assert.deepEqual(faults, []);
    await context.close();
  }
});

test("the editor's preview and the feed show pictures too", async () => {
  const { context, page, faults } = await visitor(browser, site, { cookie: owner });
  await page.route("**/pictures/*.svg", (route) =>
    route.fulfill({
      contentType: "image/svg+xml",
      body: "<svg xmlns='http://www.w3.org/2000/svg' width='1600' height='900'/>",
    }),
  );
  await page.goto(`/p/${posts.pictures.id}/edit`);
  await page.getByRole("button", { name: "Preview" }).click();
  const preview = page.getByRole("region", { name: "Preview" });
  await preview.waitFor();
  await preview.locator(".full img").waitFor();
  const edges = await preview.evaluate((node) => {
    const { left, right } = node.querySelector(".full img").getBoundingClientRect();
    const box = node.getBoundingClientRect();
    return {
      over: node.scrollWidth - node.clientWidth,
      left: left - box.left,
      right: box.left + node.clientWidth - right,
    };
  });
  assert.ok(
    edges.over <= 0 && Math.abs(edges.left) < 2 && Math.abs(edges.right) < 2,
    JSON.stringify(edges),
  );
  const feed = await (await fetch(`${site.origin}/@anna/feed.atom`)).text();
  assert.match(feed, /\/pictures\/1600x900\.svg/);
  assert.doesNotMatch(feed, /1600x900\.svg#/);
  assert.deepEqual(faults, []);
  await context.close();
});

for (const [name, post, selector] of [
  ["a cover", "cover", ".cover"],
  ["a picture of known size", "pictures", '.prose img[width="300"]'],
]) {
  for (const width of [390, 1440]) {
    test(`${name} that comes late moves nothing at ${width} px`, async () => {
      let come;
      const late = new Promise((resolve) => (come = resolve));
      const { context, page, faults } = await open(posts[post].path, { width, late });
      await page.evaluate(() => document.fonts.ready);
      await page.locator(selector).evaluate((node) => node.scrollIntoView({ block: "center" }));
      const [before] = await boxes(page, selector);
      come();
      await page.locator(selector).evaluate((node) => (node.querySelector("img") ?? node).decode());
      await page.evaluate(
        () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
      );
      const [after] = await boxes(page, selector);
      assert.deepEqual([after.width, after.height], [before.width, before.height]);
      assert.ok(before.height > 100, "it has its place before it is there");
      if (post === "cover") {
        const sum = await page.evaluate(() =>
          globalThis.shifts.reduce((sum, value) => sum + value, 0),
        );
        assert.ok(sum <= 0.01, `layout shift ${sum}`);
      }
      assert.deepEqual(faults, []);
      await context.close();
    });
  }
}

test("short notes stand beside the text from 80rem, in order and over nothing", async () => {
  for (const width of [1280, 1440, 2560]) {
    const { context, page, faults } = await open(posts.notes.path, { width });
    await page.evaluate(() => document.fonts.ready);
    const notes = await boxes(page, ".footnotes li");
    const references = await boxes(page, ".footnote-ref a");
    const others = await boxes(
      page,
      ".prose > :not(.footnotes), .toc details, .post-head, .post-foot",
    );
    assert.equal(notes.length, 4);
    notes.forEach((note, at) => {
      assert.ok(
        note.left > references[0].right && note.right <= width,
        `note ${at + 1} at ${width} px`,
      );
      for (const other of [...others, ...notes.slice(0, at)])
        assert.ok(!isOver(note, other), `note ${at + 1} is over something at ${width} px`);
      if (at > 0) assert.ok(note.top > notes[at - 1].bottom);
    });
    for (const [note, reference] of [
      [0, 0],
      [1, 1],
      [3, 4],
    ]) {
      const far = Math.abs(notes[note].top - references[reference].top);
      assert.ok(far < 12, `note ${note + 1} is ${far} px from its reference`);
    }
    assert.deepEqual(faults, []);
    await context.close();
  }
});

test("notes beside the text are read once and reached from their references", async () => {
  const { context, page, faults } = await open(posts.notes.path);
  const aloud = await page.locator(".prose").ariaSnapshot();
  assert.equal(aloud.match(/The third note\./g).length, 1);
  await page.getByRole("link", { name: "Footnote 3" }).focus();
  await page.keyboard.press("Enter");
  assert.equal(new URL(page.url()).hash, "#fn-3");
  const note = page.locator("#fn-3");
  assert.ok(await note.evaluate((node) => node.matches(":target")));
  await page.keyboard.press("Tab");
  assert.equal(
    await page.evaluate(() => document.activeElement.getAttribute("href")),
    "#fnref-3",
    "the next stop leads back",
  );
  assert.deepEqual(faults, []);
  await context.close();
});

test("notes stand at the end on narrow windows, on paper, and where they are more than words", async () => {
  const atTheEnd = async (page) => {
    const notes = await boxes(page, ".footnotes li");
    const [last] = (await boxes(page, ".prose > p")).slice(-1);
    return notes.every((note) => note.top >= last.bottom && note.left < last.right);
  };
  for (const [post, width, media] of [
    ["notes", 390, "screen"],
    ["notes", 1279, "screen"],
    ["notes", 1440, "print"],
    ["plain", 1440, "screen"],
  ]) {
    const { context, page, faults } = await open(posts[post].path, { width });
    await page.emulateMedia({ media });
    assert.ok(await atTheEnd(page), `${post} at ${width} px, ${media}`);
    assert.deepEqual(faults, []);
    await context.close();
  }
});

test("where text runs from right to left, notes stand at its left", async () => {
  const { context, page, faults } = await open(posts.right.path);
  const [note] = await boxes(page, ".footnotes li");
  const [text] = await boxes(page, ".prose > p");
  assert.ok(note.right < text.left && note.left >= 0);
  assert.deepEqual(faults, []);
  await context.close();
});

test("a wide table keeps columns of words, scrolls in itself, and the keyboard reaches it", async () => {
  for (const width of [390, 1440]) {
    const { context, page, faults } = await open("/@ewan/a-year-of-weather", { width });
    await page.evaluate(() => document.fonts.ready);
    const table = page.locator(".table-scroll").first();
    const found = await table.evaluate((node) => ({
      hidden: node.scrollWidth - node.clientWidth,
      words: node.querySelector("tbody tr td:last-child").getBoundingClientRect().width,
      shadows: getComputedStyle(node).backgroundAttachment,
    }));
    assert.ok(found.hidden > 50);
    assert.ok(found.words > 140, `the column of words is ${found.words} px wide`);
    assert.match(found.shadows, /local.*scroll/, "what is hidden casts a shadow");
    await table.focus();
    await page.keyboard.press("ArrowRight");
    await page.waitForFunction(() => document.querySelector(".table-scroll").scrollLeft > 0);
    assert.deepEqual(faults, []);
    await context.close();
  }
});

test("colours of the system: only the current tab is underlined, and the focus is seen", async () => {
  const { context, page, faults } = await visitor(browser, site, {
    cookie: owner,
    forcedColors: "active",
  });
  await page.goto("/dashboard");
  const tabs = await page.$$eval(".tabs a", (all) =>
    all.map((tab) => {
      const probe = document.createElement("i");
      probe.style.color = "Canvas";
      document.body.append(probe);
      const canvas = getComputedStyle(probe).color;
      probe.remove();
      const { borderBlockEndColor, borderBlockEndWidth } = getComputedStyle(tab);
      const seen = borderBlockEndColor !== canvas && parseFloat(borderBlockEndWidth) > 0;
      return [tab.hasAttribute("aria-current"), seen];
    }),
  );
  assert.ok(tabs.length > 2);
  assert.ok(
    tabs.every(([current, seen]) => current === seen),
    JSON.stringify(tabs),
  );
  await page.locator(".tabs a").nth(1).focus();
  await page.keyboard.press("Shift+Tab");
  const ring = await page.evaluate(() => {
    const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
    return [document.activeElement.tagName, outlineStyle, parseFloat(outlineWidth)];
  });
  assert.ok(ring[1] !== "none" && ring[2] >= 2, String(ring));
  assert.deepEqual(faults, []);
  await context.close();
});
