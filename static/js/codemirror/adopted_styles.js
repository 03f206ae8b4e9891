import { StyleModule } from "style-mod";

/** Takes constructed style sheets, which a content security policy without a nonce and without inline styles allows. */
const root = {
  ownerDocument: document,
  get adoptedStyleSheets() {
    return document.adoptedStyleSheets;
  },
  set adoptedStyleSheets(sheets) {
    document.adoptedStyleSheets = sheets;
  },
};

/** The library would write a style element into the page. */
export function adoptStyles() {
  const mount = StyleModule.mount.bind(StyleModule);
  StyleModule.mount = (_, modules) => mount(root, modules);
}
