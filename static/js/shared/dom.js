/** The first element for a selector, or null. */
export function $(selector, within = document) {
  return within.querySelector(selector);
}

/** All elements for a selector, as an array. */
export function $$(selector, within = document) {
  return [...within.querySelectorAll(selector)];
}

/** Builds an element; text goes in as text, so a name can never become markup. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** The document of a page that was fetched. */
export async function parsePage(response) {
  return new DOMParser().parseFromString(await response.text(), "text/html");
}
