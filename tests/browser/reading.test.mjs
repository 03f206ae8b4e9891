// How a post arrives and how it is used: nothing jumps, nothing flashes, little is sent, and the keyboard
// reaches everything.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, signedIn, visitor } from "./browser.mjs";
import { compressed, contains, setUp, signUp, start } from "./site.mjs";

const LONG = "/@mira/write-it-down-first";
const TYPICAL = "/@mira/small-tools-kept-sharp";

let site, browser, reader;

before(async () => {
  [site, browser] = await Promise.all([start(), launch()]);
  await setUp(site);
  reader = await signUp(site, "rita", "Rita Lund");
  // A page that changes is sent in its long form once. The lists of related posts are the last thing to come.
  await contains(site, TYPICAL, 'class="related"');
  for (const path of ["/", LONG, TYPICAL]) await compressed(site, path);
});

after(async () => {
  await browser?.close();
  await site?.stop();
});

for (const [who, path, width] of [
  ["anybody", "/", 1280],
  ["anybody", LONG, 1280],
  ["anybody", LONG, 390],
  ["a reader", "/", 1280],
  ["a reader", LONG, 390],
]) {
  test(`nothing jumps while ${path} loads for ${who} at ${width} px`, async () => {
    const options = {
      viewport: { width, height: 900 },
      cookie: who === "a reader" ? reader : undefined,
    };
    const { context, page, faults } = await visitor(browser, site, options);
    await page.addInitScript(() => {
      globalThis.shifts = [];
      new PerformanceObserver((list) =>
        globalThis.shifts.push(...list.getEntries().map((entry) => entry.value)),
      ).observe({ type: "layout-shift", buffered: true });
    });
    // Slow enough for the text to stand in the fallback faces first.
    const devtools = await context.newCDPSession(page);
    await devtools.send("Network.enable");
    await devtools.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: 60,
      downloadThroughput: 100_000,
      uploadThroughput: 100_000,
    });
    await page.goto(path);
    if (who === "a reader") await signedIn(page);
    await page.evaluate(() => document.fonts.ready);
    const sum = await shiftsAfterFrames(page);
    assert.ok(sum <= 0.01, `layout shift ${sum}`);
    // The instrument works: a block that comes late is seen.
    await page.evaluate(() => {
      const late = document.createElement("div");
      late.style.setProperty("height", "300px");
      document.querySelector("main").prepend(late);
    });
    assert.ok((await shiftsAfterFrames(page)) > sum + 0.05, "a late block counts");
    assert.deepEqual(faults, []);
    await context.close();
  });
}

function shiftsAfterFrames(page) {
  return page.evaluate(async () => {
    for (let i = 0; i < 3; i += 1)
      await new Promise((resolve) => {
        requestAnimationFrame(() => requestAnimationFrame(resolve));
      });
    return globalThis.shifts.reduce((sum, value) => sum + value, 0);
  });
}

test("the theme follows the system until a reader chooses, and the choice is there before the first paint", async () => {
  const { page, faults } = await visitor(browser, site, { colorScheme: "light" });
  await page.addInitScript(() => {
    new MutationObserver(() => {
      globalThis.themeAt ??= performance.now();
    }).observe(document, { attributes: true, attributeFilter: ["data-theme"], subtree: true });
  });
  const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
  const paper = () =>
    page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  await page.goto("/");
  const light = await paper();
  await page.emulateMedia({ colorScheme: "dark" });
  const dark = await paper();
  assert.notEqual(light, dark, "the system's wish is followed");
  assert.equal(await theme(), undefined);

  await page.emulateMedia({ colorScheme: "light" });
  await page.getByRole("button", { name: "Dark" }).click();
  assert.deepEqual([await theme(), await paper()], ["dark", dark]);
  await page.goto(LONG);
  assert.deepEqual([await theme(), await paper()], ["dark", dark], "the choice goes along");
  const frames = () =>
    page.$$eval('meta[name="theme-color"]', (metas) => metas.map((meta) => meta.content));
  assert.deepEqual(await frames(), ["#161513", "#161513"], "the browser's own bars follow");
  assert.equal(
    await page.getByRole("button", { name: "Dark" }).getAttribute("aria-pressed"),
    "true",
  );
  const [set, painted] = await page.evaluate(async () => {
    const paint = () => performance.getEntriesByName("first-paint")[0]?.startTime;
    while (paint() === undefined) await new Promise(requestAnimationFrame);
    return [globalThis.themeAt, paint()];
  });
  assert.ok(set < painted, `the theme is set at ${set} ms, the first paint is at ${painted} ms`);

  await page.getByRole("button", { name: "Auto" }).click();
  assert.deepEqual([await theme(), await paper()], [undefined, light]);
  assert.deepEqual(await frames(), ["#fdfcf9", "#161513"]);
  await page.reload();
  assert.equal(await theme(), undefined);
  assert.deepEqual(faults, []);
});

test("each choice shows its own colours, on screen, in the browser's frame and on paper", async () => {
  const { page, faults } = await visitor(browser, site, { colorScheme: "light" });
  const colours = () =>
    page.evaluate(() => {
      const { backgroundColor, color } = getComputedStyle(document.documentElement);
      return [backgroundColor, color];
    });
  await page.goto("/");
  const light = await colours();
  await page.emulateMedia({ colorScheme: "dark" });
  const dark = await colours();
  assert.notDeepEqual(light, dark);
  for (const [scheme, choice, wanted] of [
    ["dark", "Light", light],
    ["light", "Dark", dark],
    ["light", "Light", light],
    ["dark", "Dark", dark],
    ["light", "Auto", light],
    ["dark", "Auto", dark],
  ]) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.getByRole("button", { name: choice }).click();
    assert.deepEqual(await colours(), wanted, `${choice}, where the system says ${scheme}`);
    await page.emulateMedia({ media: "print" });
    assert.deepEqual(await colours(), ["rgb(255, 255, 255)", "rgb(0, 0, 0)"], "paper is white");
    await page.emulateMedia({ media: "screen" });
  }
  // The frame of the browser is named in the page, where no style sheet reaches.
  for (const [scheme, [paper]] of [
    ["light", light],
    ["dark", dark],
  ]) {
    const frame = page.locator(`meta[name=theme-color][media*=${scheme}]`);
    assert.equal(await frame.evaluate(rgb), paper);
  }
  assert.deepEqual(faults, []);
});

function rgb(meta) {
  const probe = document.createElement("i");
  probe.style.setProperty("color", meta.content);
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

test("a browser that is older than the colours shows black on white", async () => {
  for (const colorScheme of ["light", "dark"]) {
    const { context, page, faults } = await visitor(browser, site, { colorScheme });
    await page.route("**/assets/site-*.css", async (route) => {
      const response = await route.fetch();
      const css = await response.text();
      assert.match(css, /light-dark\(/);
      await route.fulfill({ response, body: css.replaceAll("light-dark(", "not-known-here(") });
    });
    await page.goto(LONG);
    const [ground, canvas, ...shown] = await page.evaluate(
      (selectors) => {
        const canvas = document.createElement("i");
        canvas.style.setProperty("color", "Canvas");
        document.body.append(canvas);
        const nodes = [canvas, ...selectors.map((selector) => document.querySelector(selector))];
        const { backgroundColor } = getComputedStyle(document.documentElement);
        return [backgroundColor, ...nodes.map((node) => getComputedStyle(node).color)];
      },
      [".bar-name", ".title", ".prose p", ".prose a", ".meta", ".button", ".foot a"],
    );
    assert.equal(ground, "rgba(0, 0, 0, 0)", "nothing is painted over the browser's canvas");
    assert.equal(canvas, "rgb(255, 255, 255)");
    assert.deepEqual(new Set(shown), new Set(["rgb(0, 0, 0)"]), colorScheme);
    assert.deepEqual(faults, []);
    await context.close();
  }
});

test("code is copied by a button, and times of this week are told from now", async () => {
  const { context, page, faults } = await visitor(browser, site);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("/@mira/a-tour-of-what-you-can-write");
  const code = page.locator(".code-box").first();
  await code.getByRole("button", { name: "Copy" }).click();
  await code.getByRole("button", { name: "Copied" }).waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied, await code.locator("pre").textContent());

  // The clock of the reader's browser goes; the page says the same instant all the time.
  const time = page.locator("time[datetime*=T]:not([data-abs])").first();
  await page.goto("/");
  const at = Date.parse(await time.getAttribute("datetime"));
  for (const [later, words] of [
    [30, "just now"],
    [60, "1 minute ago"],
    [3_599, "59 minutes ago"],
    [7_200, "2 hours ago"],
    [86_400, "yesterday"],
    [6 * 86_400, "6 days ago"],
  ]) {
    await page.clock.setFixedTime(at + later * 1000);
    await page.reload();
    assert.equal(await time.textContent(), words);
    assert.match(await time.getAttribute("title"), /\d{4}/);
  }
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  assert.match(await time.textContent(), /\d{4}/, "paper says the day");
  await page.clock.setFixedTime(at + 7 * 86_400_000);
  await page.reload();
  assert.match(await time.textContent(), /\d{4}/);
  assert.deepEqual(faults, []);
});

test("the letter of an account has one colour, whether a script or the server draws it", async () => {
  const { context, page, faults } = await visitor(browser, site, { cookie: reader });
  const hue = async (path) => {
    await page.goto(path);
    await signedIn(page);
    const letter = page.locator(".bar-me .avatar");
    return /hue-\d/.exec(await letter.getAttribute("class"))?.[0];
  };
  const [drawn, sent] = [await hue("/"), await hue("/settings")];
  assert.ok(drawn);
  assert.equal(drawn, sent);
  assert.deepEqual(faults, []);
  await context.close();
});

/** What comes over the network from now on, by request: its kind, its address and the bytes that it took. */
async function answersOf(context, page) {
  const devtools = await context.newCDPSession(page);
  await devtools.send("Network.enable");
  const answers = new Map();
  devtools.on("Network.responseReceived", ({ requestId, type, response }) =>
    answers.set(requestId, { type, url: response.url, headers: response.headers }),
  );
  devtools.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    answers.get(requestId).bytes = encodedDataLength;
  });
  return answers;
}

// The long post has code, footnotes and italics.
for (const [path, most] of [
  ["/", 150_000],
  [LONG, 180_000],
  [TYPICAL, 180_000],
]) {
  test(`${path} is read in English after ${most / 1000} kB, of which at most 120 kB are fonts`, async (t) => {
    const { context, page, faults } = await visitor(browser, site);
    const answers = await answersOf(context, page);
    await page.goto(path);
    await page.evaluate(() => document.fonts.ready);
    await page.waitForLoadState("networkidle");
    const bytes = (wanted) =>
      [...answers.values()].filter(wanted).reduce((total, { bytes }) => total + bytes, 0);
    const [fonts, whole] = [bytes(({ type }) => type === "Font"), bytes(() => true)];
    t.diagnostic(`fonts: ${fonts} bytes, all: ${whole} bytes`);
    assert.ok(fonts > 50_000 && fonts <= 120_000, `fonts: ${fonts} bytes`);
    assert.ok(whole <= most, `all: ${whole} bytes`);
    assert.deepEqual(faults, []);
    await context.close();
  });
}

test("a letter or a sign from elsewhere costs its own part of a font", async () => {
  for (const [html, ...parts] of [
    ["<p>Noted.<a class=footnote-backref>↩</a></p>"],
    ["<p>Antonín Dvořák</p>", "inter-europe"],
    ["<p>✓ done</p>", "inter-signs"],
    ["<p class=prose>½ of Łódź</p>", "literata-europe", "literata-signs"],
    ["<p class=prose><b><i>bold</i></b></p>"],
    ["<p class=prose><i>Łódź</i> and <b><i>Łódź</i></b></p>", "literata-italic-europe"],
    ["<p class=prose><b>Łódź</b></p>", "literata-europe"],
  ]) {
    const { context, page, faults } = await visitor(browser, site);
    await page.goto("/about");
    const loaded = await page.evaluate(async (html) => {
      document.querySelector("main").insertAdjacentHTML("beforeend", html);
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      await document.fonts.ready;
      return performance
        .getEntriesByType("resource")
        .map(({ name }) => /([a-z-]+)-[0-9a-f]{12}\.woff2/.exec(name)?.[1] ?? "-latin")
        .filter((name) => !name.endsWith("-latin"))
        .sort();
    }, html);
    assert.deepEqual(loaded, parts, html);
    assert.deepEqual(faults, []);
    await context.close();
  }
});

test("a typical post weighs little", async (t) => {
  const { context, page, faults } = await visitor(browser, site);
  const answers = await answersOf(context, page);
  await page.goto(TYPICAL, { waitUntil: "networkidle" });
  const preloaded = await page.evaluate(
    () => document.querySelector("link[rel=preload][as=font]").href,
  );
  const code = [...answers.values()].filter(({ type }) =>
    ["Document", "Stylesheet", "Script"].includes(type),
  );
  for (const { type, url, bytes, headers } of code) {
    t.diagnostic(`${type} ${new URL(url).pathname}: ${bytes} bytes`);
    assert.equal(headers["Content-Encoding"] ?? headers["content-encoding"], "br", url);
  }
  const sum = code.reduce((total, { bytes }) => total + bytes, 0);
  const { bytes, headers } = [...answers.values()].find(({ url }) => url === preloaded);
  const font = Number(headers["Content-Length"] ?? headers["content-length"]);
  assert.ok(bytes >= font, "the font has been sent whole");
  t.diagnostic(
    `HTML, CSS and JavaScript: ${sum} bytes with their headers; preloaded font: ${font} bytes`,
  );
  assert.deepEqual(
    new Set(code.map(({ type }) => type)),
    new Set(["Document", "Stylesheet", "Script"]),
  );
  assert.ok(sum <= 40_000, `${sum} bytes`);
  assert.ok(font <= 35_000, `font: ${font} bytes`);
  assert.deepEqual(faults, []);
});

test("the keyboard alone: skip link, order of stops, visible focus", async () => {
  // Without transitions: what fades in would still be faint when it is looked at.
  const { page, faults } = await visitor(browser, site, { reducedMotion: "reduce" });
  await page.goto(LONG);
  await page.keyboard.press("Tab");
  assert.equal((await focus(page)).name, "Skip to the text");
  assert.ok((await page.locator(":focus").boundingBox()).y >= 0, "the skip link comes into view");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");

  await page.goto(LONG);
  const stops = [];
  while (stops.at(-1)?.name !== "Dark" && stops.length < 200) {
    await page.keyboard.press("Tab");
    stops.push(await focus(page));
  }
  const names = stops.map(({ name }) => name);
  const wanted = [
    "Skip to the text",
    "The Harbour",
    "Newest",
    "Tags",
    "Sign in",
    "Write",
    "Mira Halvorsen",
    "Permalink",
    "Write a comment",
    "Reply to",
    "Report the comment by",
    "Dark",
  ];
  let at = -1;
  for (const name of wanted) {
    at = names.findIndex((found, i) => i > at && found.startsWith(name));
    assert.ok(at >= 0, `“${name}” is not reached in order: ${names.join(" | ")}`);
  }
  assert.deepEqual(
    stops.filter(({ visible }) => !visible).map(({ name }) => name),
    [],
    "stops without visible focus",
  );
  assert.deepEqual(faults, []);
});

/** What has the focus: its name, and whether one can see that it has it. */
function focus(page) {
  return page.evaluate(() => {
    const node = document.activeElement;
    const style = getComputedStyle(node);
    const box = node.getBoundingClientRect();
    const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    return {
      name: (node.getAttribute("aria-label") ?? node.textContent).replace(/\s+/g, " ").trim(),
      visible: outlined && box.width > 0 && box.height > 0 && Number(style.opacity) > 0,
    };
  });
}

test("the keyboard alone: menu and comment form open, close and give the focus back", async () => {
  const { page, faults } = await visitor(browser, site, { cookie: reader });
  await page.goto(LONG);
  await signedIn(page);
  const summary = page.locator(".bar .menu summary");
  await summary.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "Settings" }).waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Escape");
  assert.equal(await page.locator(".bar .menu[open]").count(), 0);
  assert.ok(
    await summary.evaluate((node) => node === document.activeElement),
    "the menu gives the focus back",
  );

  const link = page.getByRole("link", { name: "Write a comment" });
  await link.focus();
  await page.keyboard.press("Enter");
  const field = page.getByLabel("Your comment");
  await field.waitFor();
  await page.keyboard.type("j k ? half a thought");
  assert.equal(await field.inputValue(), "j k ? half a thought", "letters are letters in a field");
  await page.keyboard.press("Escape");
  await field.waitFor({ state: "detached" });
  assert.ok(
    await link.evaluate((node) => node === document.activeElement),
    "the form gives the focus back",
  );
  await page.keyboard.press("Enter");
  await field.waitFor();
  assert.equal(await field.inputValue(), "j k ? half a thought", "and keeps what was typed");
  await page.keyboard.press("Control+Enter");
  await page.locator(".comment", { hasText: "j k ? half a thought" }).waitFor();
  assert.deepEqual(faults, []);
});

test("the keyboard alone: j, k and ?, which can be switched off", async () => {
  const { page, faults } = await visitor(browser, site);
  await page.goto("/newest");
  const titles = await page.locator(".entry-title a").allTextContents();
  const here = async () => (await focus(page)).name;
  await page.keyboard.press("j");
  assert.equal(await here(), titles[0]);
  await page.keyboard.press("j");
  assert.equal(await here(), titles[1]);
  await page.keyboard.press("k");
  assert.equal(await here(), titles[0]);

  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "Keys" });
  await help.getByText("Next").waitFor();
  await help.getByLabel("Use these keys").uncheck();
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => !document.querySelector("dialog"));
  assert.equal(await here(), titles[0], "the help gives the focus back");
  await page.keyboard.press("j");
  assert.equal(await here(), titles[0], "switched off");
  await page.reload();
  await page.keyboard.press("j");
  assert.ok(!titles.includes(await here()), "and still off after a reload");
  await page.keyboard.press("?");
  await help.getByLabel("Use these keys").check();
  await help.getByRole("button", { name: "Close" }).press("Enter");
  // Out of the document, not only out of sight: keys pressed inside the closing dialog are its own.
  await page.waitForFunction(
    () => !document.querySelector("dialog") && document.activeElement === document.body,
  );
  await page.keyboard.press("j");
  assert.equal(await here(), titles[0], "on again");
  assert.deepEqual(faults, []);
});
