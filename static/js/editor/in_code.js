import { writing } from "./writing.js";

/** Whether the caret stands between the fences of a program, where Markdown means nothing. */
export function isInCode() {
  const fences = writing.slice(0, writing.lineStart(writing.from)).match(/^ {0,3}(?:```|~~~)/gm);
  return (fences?.length ?? 0) % 2 === 1;
}
