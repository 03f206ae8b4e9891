// Rich text as Markdown, which the editor loads when such text is pasted for the first time. It holds no words.
export { toMarkdown } from "./rich_text/markdown.js";
