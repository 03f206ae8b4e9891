import { $ } from "../shared/dom.js";

/** Reads out what the address of this page says to an author who has just published, and takes it from the address: readers who
    get it from there would be told too. Only once the page is loaded has the browser found what the address names. */
export function readLanding() {
  forgetMessage();
  if (!location.hash) return;
  if (document.readyState === "complete") read();
  else addEventListener("load", () => setTimeout(read));
}

/** A private page has its message in the address; loaded again later it would say it again. */
function forgetMessage() {
  const { searchParams } = new URL(location.href);
  if (!searchParams.has("said") && !searchParams.has("undo")) return;
  searchParams.delete("said");
  searchParams.delete("undo");
  const query = searchParams.size ? `?${searchParams}` : "";
  history.replaceState(history.state, "", location.pathname + query + location.hash);
}

function read() {
  const said = $(".landed:target");
  if (!said) return;
  said.focus();
  history.replaceState(history.state, "", location.pathname + location.search);
}
