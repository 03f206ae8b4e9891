// Markdown as the server reads it: CommonMark with the tables, tasks and struck-out words of GitHub.
import { defineLanguageFacet, Language, syntaxHighlighting } from "@codemirror/language";
import { tagHighlighter, tags } from "@lezer/highlight";
import { GFM, parser } from "@lezer/markdown";

const markdown = new Language(defineLanguageFacet({}), parser.configure([GFM]), [], "markdown");

/** Names for the style sheet; each mark of Markdown is dimmed, and what it marks looks like it. */
const names = tagHighlighter([
  { tag: tags.heading, class: "md-heading" },
  { tag: tags.emphasis, class: "md-emphasis" },
  { tag: tags.strong, class: "md-strong" },
  { tag: tags.strikethrough, class: "md-struck" },
  { tag: tags.monospace, class: "md-code" },
  { tag: tags.link, class: "md-link" },
  { tag: [tags.url, tags.labelName, tags.string], class: "md-address" },
  { tag: [tags.processingInstruction, tags.contentSeparator, tags.comment], class: "md-mark" },
  { tag: [tags.escape, tags.character, tags.atom], class: "md-mark" },
]);

export const markdownText = [markdown.extension, syntaxHighlighting(names)];
