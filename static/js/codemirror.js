// CodeMirror, which the editor loads behind the page and puts in place of the plain field. It holds no words and asks nothing of the
// rest of the editor: what it needs, `startWriting` is given.
export { startWriting } from "./codemirror/surface.js";
