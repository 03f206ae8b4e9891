/** What the menu of blocks inserts; `words` are others by which one is found, as Markdown and programs call them. */
export const BLOCKS = [
  { name: "heading2", label: "ftl:posts-block-heading", words: "h2 ##" },
  { name: "heading3", label: "ftl:posts-block-subheading", words: "h3 ###" },
  { name: "list", label: "ftl:posts-list", words: "ul -" },
  { name: "numbers", label: "ftl:posts-block-numbers", words: "ol 1." },
  { name: "tasks", label: "ftl:posts-block-tasks", words: "todo []" },
  { name: "quote", label: "ftl:posts-quote", words: "blockquote >" },
  { name: "code", label: "ftl:posts-code", words: "pre ```" },
  { name: "table", label: "ftl:posts-block-table", words: "|" },
  { name: "picture", label: "ftl:posts-picture", words: "image img !" },
  { name: "divider", label: "ftl:posts-block-divider", words: "hr rule ---" },
  { name: "footnote", label: "ftl:posts-block-footnote", words: "note [^" },
];
