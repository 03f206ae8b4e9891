// Pages come from memory and are the same for everybody; the browser keeps copies too. Neither may show somebody a page
// that was another person's, nor their own after they left.
import assert from "node:assert/strict";
import { test } from "node:test";
import { launch, signedIn, visitor } from "./browser.mjs";
import { PASSWORD, setUp, signUp, startSite, write } from "./site.mjs";

const EMAIL = "rita@example.org";

test("in, out, back and in a second tab", async (t) => {
  const site = await startSite(t);
  const browser = await launch(t);
  await setUp(site, { sample: false });
  await signUp(site, "rita", "Rita Lund");
  const { context, page: first } = await visitor(browser, site);
  const second = await context.newPage();
  for (const tab of [first, second]) {
    await tab.goto("/");
    await signedOut(tab);
  }
  await first.goto("/login");
  await first.locator("[name=login]").fill("rita");
  await first.locator("[name=password]").fill(PASSWORD);
  await first
    .getByRole("main")
    .getByRole("button", { name: /sign in/i })
    .click();
  await signedIn(first);
  await second.reload();
  await signedIn(second);

  await first.goto("/settings");
  assert.ok((await first.content()).includes(EMAIL), "the settings are there to begin with");
  await first.goto("/");
  await signedIn(first);
  await first.locator(".bar .menu summary").click();
  await first.getByRole("button", { name: "Sign out" }).click();
  await signedOut(first);
  for (let step = 0; step < 4; step += 1) {
    if (!(await first.goBack())) break;
    await first.waitForLoadState();
    assert.ok(
      !(await first.content()).includes(EMAIL),
      `step ${step} back shows ${first.url()} after signing out`,
    );
    assert.equal(
      await first.locator(".bar .menu").count(),
      0,
      `step ${step} back shows a menu at ${first.url()}`,
    );
  }
  await second.reload();
  await signedOut(second);
});

test("an edit is seen by a reader who has the page", async (t) => {
  const site = await startSite(t);
  const browser = await launch(t);
  const owner = await setUp(site, { sample: false });
  const post = await write(site, owner, { title: "Tides", markdown: "Low water.", publish: true });
  const { page } = await visitor(browser, site);
  await page.goto(post.path);
  await page.reload();
  const editor = await (
    await fetch(`${site.origin}/p/${post.id}/edit`, { headers: { Cookie: owner } })
  ).text();
  const version = /name="version" value="(\d+)"/.exec(editor)[1];
  const fields = {
    id: post.id,
    version,
    title: "Tides",
    markdown: "High water.",
    authors: "anna",
    action: "publish",
  };
  const sent = await fetch(`${site.origin}/p/${post.id}/edit`, {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: { Origin: site.origin, Cookie: owner },
    redirect: "manual",
  });
  assert.equal(sent.status, 303, await sent.text());
  await page.goto("/");
  await page.goto(post.path);
  await page.getByText("High water.").waitFor();
});

async function signedOut(page) {
  await page.getByRole("banner").getByRole("link", { name: "Sign in" }).waitFor();
}
