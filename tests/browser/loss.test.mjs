// An author types without a pause, and something ends in the middle of it. What is lost is counted: nothing where the page lives on,
// and of a killed page or browser at most the keys of the last two seconds. With MASTHEAD_PROVE=full each fault comes thirty times.
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { chromium } from "playwright-core";
import { launch, visitor } from "./browser.mjs";
import { copiesOnDevice } from "./device.mjs";
import { PASSWORD, send, setUp, start, write } from "./site.mjs";
import { SURFACES } from "./surface.mjs";

const ROUNDS = process.env.MASTHEAD_PROVE === "full" ? 30 : 1;
/** So much of what a killed page held may be missing. */
const GRACE = 2_000;

let site, browser, owner;
const table = [];

before(async () => {
  [site, browser] = await Promise.all([start(), launch()]);
  owner = await setUp(site, { sample: false });
});

after(async () => {
  for (const line of table) console.log(line);
  await browser?.close();
  await site?.stop();
});

/** What the author writes on. */
let writes = "plain";
const text = (page) => SURFACES[writes].text(page);
const value = (page) => SURFACES[writes].value(page);
const ready = (page) => SURFACES[writes].ready(page);
const someone = (cookie = owner) => visitor(browser, site, { cookie, writes, expects: [/./] });

/** Once, on what authors have if they choose nothing; on each of them in the long proof. */
const surfaces = ROUNDS === 1 ? ["codemirror"] : Object.keys(SURFACES);

function each(name, act) {
  for (const surface of surfaces)
    test(`${name}: ${surface}`, { timeout: 3_600_000 }, () => {
      writes = surface;
      return act();
    });
}

const status = (page, words) =>
  page.locator("[data-save-status]").filter({ hasText: words }).waitFor();
const SAVED = /^Saved \d\d:\d\d$/;

/** Types words that have numbers, until it is stopped or the page is gone. */
function typing(page, mark = "w") {
  const typed = [];
  let goes_on = true;
  const done = (async () => {
    for (let n = 0; goes_on; n += 1) {
      const word = `${mark}${n} `;
      await page.keyboard.type(word, { delay: 12 });
      typed.push({ word, at: Date.now() });
    }
  })().catch(() => {});
  return {
    typed,
    async stop() {
      goes_on = false;
      await done;
      return typed.map(({ word }) => word).join("");
    },
  };
}

/** A post of one line, open at its end. */
async function open(context) {
  const { id } = await write(site, owner, { title: "Typed", markdown: "Begin: " });
  const page = context.pages()[0] ?? (await context.newPage());
  await page.goto(`${site.origin}/p/${id}/edit`);
  await ready(page);
  await text(page).click();
  await page.keyboard.press("Control+End");
  return { page, id };
}

async function saved(id) {
  const page = await fetch(`${site.origin}/p/${id}/edit`, { headers: { Cookie: owner } });
  const html = await page.text();
  return /<textarea[^>]*id="markdown"[^>]*>\n([^<]*)<\/textarea>/.exec(html)[1];
}

/** Some time into the typing: not always at the same point between two saves. */
const aWhile = (least = 1_500) => pause(least + Math.random() * 4_000);

async function rounds(name, round) {
  let [lost, late] = [0, 0];
  for (let n = 0; n < ROUNDS; n += 1) {
    const result = await round();
    lost += result.lost;
    late = Math.max(late, result.late ?? 0);
  }
  table.push(
    `${name}, ${writes}: ${ROUNDS} runs, ${lost} characters lost, newest missing key ${late} ms old`,
  );
  assert.equal(lost, 0, name);
}

/** The page lives on: everything that was typed is on the server in the end. */
async function survives(fault) {
  const person = await someone();
  const { page, id } = await open(person.context);
  const writer = typing(page);
  await aWhile();
  const words = (await fault(page, writer, person.context)) ?? (await writer.stop());
  await status(page, SAVED);
  const expected = `Begin: ${words}`;
  const found = await saved(id);
  await person.context.close();
  if (found !== expected) console.log({ expected, found });
  return { lost: found === expected ? 0 : expected.length };
}

/** The page is gone: the next one has what was typed until shortly before. */
async function restored(page, id, typed, killed) {
  await page.goto(`${site.origin}/p/${id}/edit`);
  await ready(page);
  const shown = await value(page);
  const copies = (await copiesOnDevice(page)).filter(({ key }) => key.includes(id));
  // It may have been saved to the last key, and then nothing is offered.
  if (copies.some(({ values }) => values.markdown.trim() !== shown.trim()))
    await page.getByRole("button", { name: "Restore it" }).click();
  const found = await value(page);
  const missing = typed.filter(
    ({ word }) => !found.includes(` ${word}`) && !found.endsWith(word.trim()),
  );
  const lost = missing.filter(({ at }) => at < killed - GRACE);
  const late = missing.length ? killed - missing[0].at : 0;
  if (lost.length) console.log({ found, lost });
  return { lost: lost.reduce((sum, { word }) => sum + word.length, 0), late };
}

each("a tab that is killed", () =>
  rounds("tab killed", async () => {
    const { context } = await someone();
    const { page, id } = await open(context);
    const writer = typing(page);
    await aWhile();
    const session = await context.newCDPSession(page);
    const crashed = page.waitForEvent("crash");
    const killed = Date.now();
    session.send("Page.crash").catch(() => {});
    await crashed;
    await page.close();
    await writer.stop();
    const result = await restored(await context.newPage(), id, writer.typed, killed);
    await context.close();
    return result;
  }),
);

each("a browser that is killed", () =>
  rounds("browser killed", async () => {
    const dir = await mkdtemp("/tmp/masthead-profile-");
    const { context } = await profile(dir);
    const { page, id } = await open(context);
    const writer = typing(page);
    await aWhile();
    const killed = Date.now();
    await killBrowser(dir);
    await writer.stop();
    const again = await profile(dir);
    const result = await restored(await again.context.newPage(), id, writer.typed, killed);
    await again.context.close();
    await rm(dir, { recursive: true, force: true });
    return result;
  }),
);

/** A browser with a profile that outlives it. */
async function profile(dir) {
  const context = await chromium.launchPersistentContext(dir, {
    executablePath: process.env.CHROMIUM,
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"],
    locale: "en-GB",
  });
  if (writes === "plain")
    await context.addInitScript(() => localStorage.setItem("mh-editor", "plain"));
  const [name, value] = owner.split(/=(.*)/s);
  await context.addCookies([{ name, value, url: site.origin }]);
  return { context };
}

/** All processes of the browser with this profile, at once. */
async function killBrowser(dir) {
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (!line.includes(`--user-data-dir=${dir}`)) continue;
    try {
      process.kill(Number(pid), "SIGKILL");
    } catch {
      // It was a child of one that is gone already.
    }
  }
}

each("a server that is killed", () =>
  rounds("server killed", () =>
    survives(async () => {
      await site.kill();
      await aWhile(500);
    }),
  ),
);

each("a database that restarts", () =>
  rounds("database restarted", () =>
    survives(async () => {
      await site.stopDatabase();
      await aWhile(500);
    }),
  ),
);

each("a network that is cut", () =>
  rounds("network cut", () =>
    survives(async (page, writer, context) => {
      await context.setOffline(true);
      await aWhile();
      await context.setOffline(false);
      await aWhile(500);
    }),
  ),
);

each("a session that ends", () =>
  rounds("session ended", async () => {
    const session = await send(site, "/login", { login: "anna", password: PASSWORD });
    const cookie = session.headers.get("set-cookie").split(";")[0];
    const person = await someone(cookie);
    const { page, id } = await open(person.context);
    const writer = typing(page);
    await aWhile();
    await send(site, "/logout", {}, cookie);
    await status(page, "your session has ended");
    await aWhile(500);
    const words = await writer.stop();
    await page.getByRole("button", { name: "Sign in" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Password").fill(PASSWORD);
    await dialog.getByRole("button", { name: "Sign in" }).click();
    await status(page, SAVED);
    const lost = (await saved(id)) === `Begin: ${words}` ? 0 : words.length;
    await person.context.close();
    return { lost };
  }),
);

/** Everything of this page is saved, after as many conflicts as there are. */
async function settled(page) {
  const merge = page.getByRole("button", { name: "Put both together" });
  const state = page.locator("[data-save-status]").filter({ hasText: SAVED });
  for (;;) {
    await merge.or(state).first().waitFor();
    if (!(await merge.count())) return;
    await merge.click();
    await merge.waitFor({ state: "detached" });
  }
}

each("two tabs", () =>
  rounds("two tabs", async () => {
    const person = await someone();
    const { id } = await write(site, owner, { title: "Typed", markdown: "One: \n\nTwo: " });
    const [first, second] = [person.page, await person.context.newPage()];
    for (const page of [first, second]) await page.goto(`/p/${id}/edit`);
    const at = async (page, place) => {
      await ready(page);
      await text(page).focus();
      await SURFACES[writes].select(page, place, place);
    };
    await at(first, 5);
    await at(second, 12);
    const writers = [typing(first, "a"), typing(second, "b")];
    await aWhile();
    const [one, two] = await Promise.all(writers.map((writer) => writer.stop()));
    // Whoever was too late puts both together, until both are saved.
    for (const page of [first, second, first]) await settled(page);
    const found = await saved(id);
    await person.context.close();
    const lost = [one, two].filter((words) => !found.includes(words.trim()));
    if (lost.length) console.log({ found, one, two });
    return { lost: lost.join("").length };
  }),
);
