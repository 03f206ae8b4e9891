import { listsOfWord } from "./word_lists.js";

const DROPPED = "script, style, meta, title, link, template, noscript, iframe, object, svg, head";
const ADDRESS = /^(?:https?:|mailto:|tel:|#|\/)/i;
const BLOCKS = "p, div, ul, ol, table, blockquote, pre, h1, h2, h3, h4, h5, h6";

/** The body of pasted HTML with what its program meant in elements in the place of styles. */
export function tidied(html) {
  const { body } = new DOMParser().parseFromString(quiet(html), "text/html");
  for (const node of body.querySelectorAll(DROPPED)) node.remove();
  listsOfWord(body);
  for (const node of body.querySelectorAll("[data-style]")) styled(node);
  unwrapAll(body);
  for (const list of body.querySelectorAll(":is(ul, ol) > :is(ul, ol)")) putIntoItem(list);
  for (const table of body.querySelectorAll("table")) nameColumns(table);
  for (const cell of body.querySelectorAll("li > p, td > p, th > p")) unwrapOnly(cell);
  for (const link of body.querySelectorAll("a")) lead(link);
  for (const image of body.querySelectorAll("img")) keepLoadable(image);
  lower(body);
  return body;
}

/** Also in a document that is never shown, a browser complains of styles and handlers that the policy of the page forbids. */
function quiet(html) {
  return html
    .replace(/<(style|script)\b[^>]*>[\s\S]*?<\/\1\s*>/gi, "")
    .replace(/(<[^<>]*?\s)style(\s*=)/gi, "$1data-style$2")
    .replace(/(<[^<>]*?\s)on(\w+\s*=)/gi, "$1data-on$2");
}

function styleOf(node) {
  return node.getAttribute("data-style") ?? "";
}

/** Bold, italic and struck out as Google Docs writes them. Headings are bold by themselves. */
function styled(node) {
  if (node.closest("pre, code")) return;
  const style = styleOf(node).toLowerCase();
  if (node.nodeName !== "SPAN") return;
  const isHeading = node.closest("h1, h2, h3, h4, h5, h6");
  if (!isHeading && /font-weight:\s*(?:bold|[6-9]00)/.test(style)) wrap(node, "strong");
  if (/font-style:\s*italic/.test(style)) wrap(node, "em");
  if (/text-decoration[^;]*line-through/.test(style)) wrap(node, "del");
}

function wrap(node, name) {
  const outer = node.ownerDocument.createElement(name);
  outer.append(...node.childNodes);
  node.append(outer);
}

/** A `b` that is not bold is what Google Docs puts around everything; elements of Word have names with a colon. */
function unwrapAll(body) {
  for (const node of body.querySelectorAll("b, strong, *")) {
    const isNotBold = /font-weight:\s*(?:normal|400)/i.test(styleOf(node));
    const isEmpty = /^(?:B|STRONG)$/.test(node.nodeName) && (isNotBold || holdsBlocks(node));
    if (isEmpty || node.nodeName.includes(":")) node.replaceWith(...node.childNodes);
  }
}

function holdsBlocks(node) {
  return node.querySelector(BLOCKS) !== null;
}

function putIntoItem(list) {
  const before = list.previousElementSibling;
  if (before?.nodeName === "LI") before.append(list);
}

/** The first row names the columns where none says so: Markdown has no table without. */
function nameColumns(table) {
  for (const columns of table.querySelectorAll("colgroup")) columns.remove();
  if (table.querySelector("th")) return;
  for (const cell of table.querySelector("tr")?.querySelectorAll("td") ?? []) {
    const head = cell.ownerDocument.createElement("th");
    head.append(...cell.childNodes);
    cell.replaceWith(head);
  }
}

function unwrapOnly(node) {
  const paragraphs = node.parentElement.querySelectorAll(":scope > p");
  if (paragraphs.length === 1) node.replaceWith(...node.childNodes);
}

/** Links lead to where they say, not through the redirect of a program; other addresses than those of pages are only words. */
function lead(link) {
  const href = link.getAttribute("href") ?? "";
  const behind = /^https?:\/\/www\.google\.com\/url\?(.*)/.exec(href)?.[1];
  const target = (behind && new URLSearchParams(behind).get("q")) || href;
  if (ADDRESS.test(target) && link.textContent.trim() + link.innerHTML.includes("<img"))
    link.setAttribute("href", target);
  else link.replaceWith(...link.childNodes);
}

/** A picture within the text itself has no address that a post could name. */
function keepLoadable(image) {
  if (!/^https?:/i.test(image.getAttribute("src") ?? "")) image.remove();
}

/** The first level is the title of the post. */
function lower(body) {
  if (!body.querySelector("h1")) return;
  for (const level of [5, 4, 3, 2, 1]) {
    for (const heading of body.querySelectorAll(`h${level}`)) {
      const deeper = heading.ownerDocument.createElement(`h${level + 1}`);
      deeper.append(...heading.childNodes);
      heading.replaceWith(deeper);
    }
  }
}
