// Chromium, and people who look at the site with it. Whatever a browser complains about while somebody
// looks is collected: tests end with `assert.deepEqual(visitor.faults, [])`.
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

/** Starts a browser and closes it when the test is over. */
export async function launch(t) {
  assert.ok(process.env.CHROMIUM, "Set CHROMIUM to the browser's binary (`make test` does).");
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  t?.after(() => browser.close());
  return browser;
}

/**
 * Somebody with a browser of their own: `page` to act in, `faults` of all their pages so far.
 * `cookie` signs them in; `expects` lists patterns of complaints that the test provokes on purpose (it may
 * change while the test runs). `writes`: the surface that the editor shows, "plain" or "codemirror".
 */
export async function visitor(
  browser,
  site,
  { cookie, expects = [], writes = "plain", ...options } = {},
) {
  const context = await browser.newContext({
    baseURL: site.origin,
    locale: "en-GB",
    timezoneId: "UTC",
    viewport: { width: 1280, height: 900 },
    ...options,
  });
  context.setDefaultTimeout(60_000);
  if (writes === "plain") await context.addInitScript(choosePlain);
  if (cookie) {
    const at = cookie.indexOf("=");
    await context.addCookies([
      { name: cookie.slice(0, at), value: cookie.slice(at + 1), url: site.origin },
    ]);
  }
  const faults = [];
  const note = (words) => {
    if (!expects.some((pattern) => pattern.test(words))) faults.push(words);
  };
  context.on("page", (page) => watch(page, site, note));
  return { context, expects, faults, page: await context.newPage() };
}

/** Once: whoever presses the switch afterwards has chosen. */
function choosePlain() {
  if (location.protocol === "about:" || sessionStorage.getItem("test-chose")) return;
  sessionStorage.setItem("test-chose", "plain");
  localStorage.setItem("mh-editor", "plain");
}

// A violated content security policy is an error on the console.
function watch(page, site, note) {
  const where = () => new URL(page.url(), site.origin).pathname;
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type()))
      note(`${where()}: console: ${message.text()} ${message.location().url}`);
  });
  page.on("pageerror", (error) => note(`${where()}: uncaught: ${error.message}`));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== site.origin && !["data:", "blob:", "about:"].includes(url.protocol))
      note(`${where()}: asks another host: ${url}`);
  });
  page.on("requestfailed", (request) => {
    // Leaving a page ends what it still asked for.
    const why = request.failure()?.errorText;
    if (why !== "net::ERR_ABORTED") note(`${where()}: request failed: ${request.url()} ${why}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) note(`${where()}: ${response.status()} from ${response.url()}`);
  });
}

/** Waits for the menu of somebody signed in: on public pages it comes by the private fetch. */
export async function signedIn(page) {
  await page.locator(".bar .menu").waitFor();
}
