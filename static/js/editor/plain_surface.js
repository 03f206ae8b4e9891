import { text } from "./elements.js";
import { insert } from "./text_edit.js";

/** The textarea of the form as a surface to write on; `static/js/codemirror/surface.js` has the same methods. */
export const plainSurface = {
  get value() {
    return text.value;
  },
  get from() {
    return text.selectionStart;
  },
  get to() {
    return text.selectionEnd;
  },
  slice: (from, to) => text.value.slice(from, to),
  lineStart: (at) => text.value.lastIndexOf("\n", at - 1) + 1,
  lineEnd(at) {
    const end = text.value.indexOf("\n", at);
    return end < 0 ? text.value.length : end;
  },
  select: (from, to = from) => text.setSelectionRange(from, to),
  replace: (words, from, to) => insert(text, words, from, to),
  rewrite: (value) => insert(text, value, 0, text.value.length),
  focus: () => text.focus(),
  /** Scrolls to a place; the browser scrolls to what is typed. */
  reveal(at) {
    const line = text.value.slice(0, at).split("\n").length;
    scrollTo({ top: scrollY + this.heightOf(line) - 160 });
  },
  contains: (node) => node === text,
  /** How many lines there are. */
  get lines() {
    return text.value.split("\n").length;
  },
  /** The line, counted from 1 and with its part, that stands at a height in the window; a field only says how high it is in all. */
  lineAt(y) {
    const { top, height } = text.getBoundingClientRect();
    return 1 + Math.max(0, (y - top) / height) * this.lines;
  },
  heightOf(line) {
    const { top, height } = text.getBoundingClientRect();
    return top + ((line - 1) / this.lines) * height;
  },
  /** The field holds the text itself. */
  settle() {},
};
