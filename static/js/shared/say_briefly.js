/** Shows words in the place of an element's own for two seconds. */
export function sayBriefly(element, words) {
  const own = (element.dataset.own ??= element.textContent);
  element.textContent = words;
  setTimeout(() => {
    element.textContent = own;
  }, 2000);
}
