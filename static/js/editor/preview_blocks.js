/** Takes the marks of lines out of a preview. Gives, for the blocks of its text in their order, the lines that they begin in. */
export function takeLines(article) {
  const prose = article.querySelector(".prose");
  const lines = new Map();
  if (prose?.firstElementChild) lines.set(prose.firstElementChild, 1);
  for (const mark of prose?.querySelectorAll("span[data-line]") ?? []) {
    const block = mark.nextElementSibling;
    if (mark.parentElement === prose && block) lines.set(block, Number(mark.dataset.line));
    mark.remove();
  }
  return [...(prose?.children ?? [])].map((block) => lines.get(block) ?? null);
}

/** Shows a preview in place of the one before. What is the same stays: pictures do not flicker, and what was opened stays open. */
export function patchArticle(pane, article) {
  const former = pane.querySelector("article > .prose");
  const next = article.querySelector(".prose");
  if (former && next) {
    patch(former, next);
    next.replaceWith(former);
  }
  pane.replaceChildren(article);
}

function patch(former, next) {
  const [old, fresh] = [[...former.children], [...next.children]];
  const shorter = Math.min(old.length, fresh.length);
  let from = 0;
  while (from < shorter && old[from].isEqualNode(fresh[from])) from += 1;
  let same = 0;
  while (same < shorter - from && old.at(-1 - same).isEqualNode(fresh.at(-1 - same))) same += 1;
  const after = old[old.length - same] ?? null;
  for (const block of old.slice(from, old.length - same)) block.remove();
  for (const block of fresh.slice(from, fresh.length - same)) former.insertBefore(block, after);
}
