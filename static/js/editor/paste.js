import { form } from "./elements.js";
import { isInCode } from "./in_code.js";
import { pasteLink } from "./paste_link.js";
import { state } from "./state.js";
import { writing } from "./writing.js";

/** More is pasted as it reads: turning it into Markdown would be felt. */
const LONGEST = 2_000_000;
/** For how long a paste waits for what turns it into Markdown, in milliseconds. */
const PATIENCE = 1_500;
const MEANS_SOMETHING =
  /<(?:h[1-6]|[uo]l|table|blockquote|pre|a\s|img|strong|em|b|i|del|s|code|hr)\b|font-(?:weight|style)|mso-list/i;
let asPlainText = false;

/** What is pasted into the text, before a surface takes it as it is. */
export function listenToPaste() {
  form.addEventListener("keydown", noteKey, { capture: true });
  form.addEventListener("paste", listen, { capture: true });
}

/** The keys by which browsers paste without style: some of them still hand the style out. */
function noteKey({ key, shiftKey, ctrlKey, metaKey }) {
  asPlainText = shiftKey && (ctrlKey || metaKey) && key.toLowerCase() === "v";
}

function listen(event) {
  if (!writing.contains(event.target) || pasteLink(event)) return;
  const html = event.clipboardData?.getData("text/html") ?? "";
  const isSource = event.clipboardData?.types.includes("vscode-editor-data");
  if (asPlainText || isSource || html.length > LONGEST || !MEANS_SOMETHING.test(html)) return;
  if (isInCode()) return;
  event.preventDefault();
  paste(html, event.clipboardData.getData("text/plain"));
}

/** Whatever cannot be loaded soon, or read, is pasted as plain text. What was written meanwhile stays, behind what is pasted. */
async function paste(html, plain) {
  const { from, to } = writing;
  const { edits } = state;
  const tooLong = new Promise((resolve) => setTimeout(resolve, PATIENCE, plain));
  const converted = import(form.dataset.richText)
    .then(({ toMarkdown }) => toMarkdown(html))
    .catch(() => plain);
  const words = (await Promise.race([converted, tooLong])) || plain;
  if (state.edits === edits) writing.replace(words, from, to);
  else writing.replace(words, writing.to, writing.to);
}
