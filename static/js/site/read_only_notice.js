import { el } from "../shared/dom.js";

/** The page itself may be hours old and stays the same bytes: only `/me.json` knows how the site is now. */
export function showReadOnlyNotice() {
  document.body.append(el("p", { class: "read-only", role: "status" }, "ftl:layout-read-only"));
}
