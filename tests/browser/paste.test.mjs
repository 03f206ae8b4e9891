// Rich text that is pasted comes as Markdown, on both surfaces; nothing of it is loaded or run.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, visitor } from "./browser.mjs";
import { setUp, start } from "./site.mjs";
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

const GOOGLE = `<meta charset="utf-8"><b style="font-weight:normal;" id="docs-internal-guid-1f">
<h1 dir="ltr"><span style="font-size:20pt;font-weight:700;">Harbour</span></h1>
<p dir="ltr"><span style="font-weight:400;">The </span><span style="font-weight:700;">bold</span><span style="font-weight:400;"> and </span><span style="font-weight:400;font-style:italic;">slanted</span><span> <a href="https://www.google.com/url?q=https://example.org/a&amp;sa=D"><span>link</span></a>.</span></p>
<ul><li dir="ltr"><p dir="ltr"><span style="font-weight:400;">one</span></p></li><ul><li dir="ltr"><p dir="ltr"><span>inner</span></p></li></ul><li dir="ltr"><p dir="ltr"><span>two</span></p></li></ul>
<table><colgroup><col width="1"></colgroup><tbody><tr><td><p><span>Boat</span></p></td><td><p><span>Crew</span></p></td></tr><tr><td><p><span>Ida</span></p></td><td><p><span>2</span></p></td></tr></tbody></table></b>`;

const WORD = `<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p.MsoNormal {margin:0}</style></head><body>
<h2>Plan<o:p></o:p></h2>
<p class=MsoNormal>With <b>care</b>.<o:p></o:p></p>
<p class=MsoListParagraphCxSpFirst style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span style='mso-list:Ignore'>1.<span>&nbsp;&nbsp; </span></span><![endif]>first<o:p></o:p></p>
<p class=MsoListParagraphCxSpMiddle style='text-indent:-18.0pt;mso-list:l0 level2 lfo1'><span style='mso-list:Ignore'>·<span>&nbsp; </span></span>below</p>
<p class=MsoListParagraphCxSpLast style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>2.<span>&nbsp; </span></span>second</p>
<p class=MsoNormal>After.</p></body></html>`;

const CASES = [
  [
    "a page",
    "<p>One <strong>two</strong></p><blockquote>three</blockquote><pre><code>four</code></pre>",
    "One **two**\n\n> three\n\n```\nfour\n```",
  ],
  [
    "Google Docs",
    GOOGLE,
    "## Harbour\n\nThe **bold** and *slanted* [link](https://example.org/a).\n\n- one\n  - inner\n- two\n\n| Boat | Crew |\n| --- | --- |\n| Ida | 2   |",
  ],
  ["Word", WORD, "## Plan\n\nWith **care**.\n\n1. first\n   - below\n2. second\n\nAfter."],
  [
    "nothing that runs",
    '<b>safe</b><script>window.ran = 1</script><img src="x" onerror="window.ran = 1"><a href="javascript:window.ran=1">words</a>',
    "**safe**words",
  ],
  [
    "a picture is named and not loaded",
    '<p>see <img src="https://pictures.example/boat.jpg" alt="a boat"></p>',
    "see ![a boat](https://pictures.example/boat.jpg)",
  ],
];

function paste(page, surface, html, plain, type = "text/html") {
  return surface.text(page).evaluate(
    (field, [rich, words, name]) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", words);
      clipboardData.setData(name, rich);
      field.dispatchEvent(
        new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }),
      );
    },
    [html, plain, type],
  );
}

for (const [writes, surface] of Object.entries(SURFACES)) {
  test(`rich text becomes Markdown, and one undo takes it back: ${writes}`, async (t) => {
    const { page, faults } = await visitor(browser, site, { cookie: owner, writes });
    page.on("dialog", (dialog) => dialog.accept());
    for (const [name, html, wanted] of CASES) {
      await t.test(name, async () => {
        await page.goto("/new");
        await surface.ready(page);
        await surface.text(page).focus();
        await page.keyboard.insertText("Before ");
        await paste(page, surface, html, "plain");
        await page.waitForFunction(
          () =>
            new FormData(document.querySelector("form[data-editor]")).get("markdown").length > 8,
        );
        assert.equal(await surface.value(page), `Before ${wanted}`);
        await surface.text(page).press("Control+z");
        assert.equal(await surface.value(page), "Before ");
        assert.equal(await page.evaluate("window.ran"), undefined);
      });
    }
    // An asked picture would be a fault here.
    assert.deepEqual(faults, []);
  });
}

test("with Shift, and inside of code, what is pasted is plain", async () => {
  const surface = SURFACES.plain;
  const { page, faults } = await visitor(browser, site, { cookie: owner });
  await page.goto("/new");
  await surface.text(page).focus();
  await page.keyboard.insertText("```\n");
  const taken = (html) =>
    surface.text(page).evaluate((field, rich) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/html", rich);
      const init = { clipboardData, bubbles: true, cancelable: true };
      return !field.dispatchEvent(new ClipboardEvent("paste", init));
    }, html);
  assert.equal(await taken("<b>x</b>"), false);
  await page.keyboard.insertText("\n```\n");
  assert.equal(await taken("<span>only words</span>"), false);
  await page.keyboard.press("Control+Shift+V");
  assert.equal(await taken("<b>x</b>"), false);
  await page.keyboard.press("End");
  assert.equal(await taken("<b>x</b>"), true);
  assert.deepEqual(faults, []);
});

test("where the converter does not come, the words come as they are", async () => {
  const surface = SURFACES.codemirror;
  const { page } = await visitor(browser, site, {
    cookie: owner,
    writes: "codemirror",
    expects: [/./],
  });
  await page.goto("/new");
  await surface.ready(page);
  await page.route(/rich_text/, (route) => route.abort());
  await surface.text(page).focus();
  await paste(page, surface, "<b>bold</b>", "bold");
  await page.locator(".cm-line").filter({ hasText: "bold" }).waitFor();
  assert.equal(await surface.value(page), "bold");
});
