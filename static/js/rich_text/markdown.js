import { gfm } from "@joplin/turndown-plugin-gfm";
import TurndownService from "turndown";
import { tidied } from "./tidy.js";

const turndown = new TurndownService({
  headingStyle: "atx",
  hr: "---",
  bulletListMarker: "-",
  codeBlockStyle: "fenced",
  emDelimiter: "*",
});
turndown.use(gfm);
// `Vec<String>` would be a tag, which no reader sees.
const { escape } = turndown;
turndown.escape = (words) => escape.call(turndown, words).replace(/</g, "\\<");
turndown.addRule("item", { filter: "li", replacement: item });
turndown.addRule("struck", {
  filter: ["del", "s", "strike"],
  replacement: (content) => (content.trim() ? `~~${content}~~` : content),
});

/** Nothing of the HTML is run or loaded: its document is never shown. */
export function toMarkdown(html) {
  return turndown
    .turndown(tidied(html))
    .replace(/\u00a0/g, " ")
    .trim();
}

/** An item as the editor itself continues it: one space behind its mark. */
function item(content, node) {
  const list = node.parentNode;
  const at = [...list.children].filter(({ nodeName }) => nodeName === "LI").indexOf(node);
  const start = Number(list.getAttribute("start") ?? 1);
  const mark = list.nodeName === "OL" ? `${start + at}. ` : "- ";
  const lines = content.trim().replace(/\n{2,}(?=\s*(?:[-*+]|\d+\.) )/g, "\n");
  const indented = lines.replace(/\n(?=.)/g, `\n${" ".repeat(mark.length)}`);
  return `${mark}${indented}${node.nextElementSibling ? "\n" : ""}`;
}
