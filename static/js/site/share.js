import { $ } from "../shared/dom.js";
import { sayBriefly } from "../shared/say_briefly.js";

/** Lets a reader copy the address of a post, or hand it to another program. */
export function offerSharing() {
  const box = $(".share");
  if (!box) return;
  const [copy, send, status] = ["[data-copy]", "[data-send]", "[role=status]"].map((part) =>
    $(part, box),
  );
  const url = $(".share-address", box).textContent;
  // Where it cannot be copied, the address is there to be selected.
  const show = () => box.classList.add("plain");
  if (!navigator.clipboard) show();
  copy.addEventListener("click", () =>
    navigator.clipboard.writeText(url).then(() => {
      for (const element of [copy, status]) sayBriefly(element, copy.dataset.copy);
    }, show),
  );
  send.hidden = !navigator.share;
  // A reader who closes the list of programs has not failed.
  send.addEventListener("click", () =>
    navigator.share({ title: document.title, url }).catch(() => {}),
  );
}
