import { writing } from "./writing.js";

/** An address that is pasted over words makes them a link. Says whether it was. */
export function pasteLink(event) {
  const address = event.clipboardData?.getData("text/plain").trim() ?? "";
  if (!/^(https?:\/\/|mailto:)\S+$/.test(address)) return false;
  const words = writing.slice(writing.from, writing.to);
  if (!words.trim() || words.includes("\n") || /^https?:\/\//.test(words)) return false;
  event.preventDefault();
  writing.replace(`[${words}](${address})`);
  return true;
}
