import { text } from "./elements.js";
import { insert } from "./text_edit.js";

/** An address that is pasted over words makes them a link. */
export function pasteLink(event) {
  const address = event.clipboardData?.getData("text/plain").trim() ?? "";
  const words = text.value.slice(text.selectionStart, text.selectionEnd);
  if (!words.trim() || words.includes("\n") || /^https?:\/\//.test(words)) return;
  if (!/^(https?:\/\/|mailto:)\S+$/.test(address)) return;
  event.preventDefault();
  insert(text, `[${words}](${address})`);
}
