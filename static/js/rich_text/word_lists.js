const LIST = /mso-list:\s*l\d+\s+level(\d+)/i;
const MARK = /mso-list:\s*ignore/i;
const NUMBERED = /^\s*(?:\d+|[a-z]|[ivx]+)[.)]/i;

/** Word writes the items of a list as paragraphs that say their level in their style, with the mark as text. */
export function listsOfWord(body) {
  let open = [];
  for (const paragraph of [...body.querySelectorAll("p")]) {
    const level = Number(LIST.exec(paragraph.getAttribute("data-style") ?? "")?.[1] ?? 0);
    if (level === 0) {
      open = [];
      continue;
    }
    const item = itemOf(paragraph);
    // Another text between two items ends their list.
    if (open.length > 0 && paragraph.previousElementSibling !== open[0].list) open = [];
    open = open.filter((list) => list.level <= level);
    if (open.at(-1)?.level !== level) open = [...open, begin(paragraph, item, open.at(-1), level)];
    open.at(-1).list.append(item.element);
    paragraph.remove();
  }
}

function itemOf(paragraph) {
  const marks = [...paragraph.querySelectorAll("span")].filter((span) =>
    MARK.test(span.getAttribute("data-style") ?? ""),
  );
  const numbered = NUMBERED.test(marks[0]?.textContent ?? "");
  for (const mark of marks) mark.remove();
  const element = paragraph.ownerDocument.createElement("li");
  element.append(...paragraph.childNodes);
  return { element, numbered };
}

function begin(paragraph, item, outer, level) {
  const list = paragraph.ownerDocument.createElement(item.numbered ? "ol" : "ul");
  if (outer) outer.list.lastElementChild.append(list);
  else paragraph.before(list);
  return { list, level };
}
