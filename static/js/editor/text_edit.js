/** Replaces the selection the way typing would, so that the browser's own undo takes it back. */
export function insert(field, value, from = field.selectionStart, to = field.selectionEnd) {
  field.focus();
  field.setSelectionRange(from, to);
  const done =
    value === ""
      ? document.execCommand("delete")
      : document.execCommand("insertText", false, value);
  if (!done) {
    field.setRangeText(value, from, to, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
