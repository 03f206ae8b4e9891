import { el } from "../shared/dom.js";

const WORDS =
  "The site is read-only right now: signing in, saving and commenting are paused. What you are writing stays on this device.";

/** The page itself may be hours old and stays the same bytes: only `/me.json` knows how the site is now. */
export function showReadOnlyNotice() {
  document.body.append(el("p", { class: "read-only", role: "status" }, WORDS));
}
