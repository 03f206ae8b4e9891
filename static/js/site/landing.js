import { $ } from "../shared/dom.js";

/** Reads out what the address of this page says to an author who has just published, and takes it from the address: readers who
    get it from there would be told too. Only once the page is loaded has the browser found what the address names. */
export function readLanding() {
  if (!location.hash) return;
  if (document.readyState === "complete") read();
  else addEventListener("load", () => setTimeout(read));
}

function read() {
  const said = $(".landed:target");
  if (!said) return;
  said.focus();
  history.replaceState(history.state, "", location.pathname + location.search);
}
