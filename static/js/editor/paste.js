import { form } from "./elements.js";
import { pasteLink } from "./paste_link.js";
import { writing } from "./writing.js";

/** What is pasted into the text, before a surface takes it as it is. */
export function listenToPaste() {
  form.addEventListener("paste", listen, { capture: true });
}

function listen(event) {
  if (writing.contains(event.target)) pasteLink(event);
}
