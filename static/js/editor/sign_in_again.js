import { el, parsePage } from "../shared/dom.js";
import { fill } from "../shared/words.js";
import { form } from "./elements.js";

const ADDRESS = "/login?next=/me.json";

/** A button for the bar that signs in on this page; `then` goes on where the session ended. */
export function signInButton(then) {
  const button = el("button", { type: "button", class: "as-link" }, "ftl:accounts-title-sign-in");
  button.addEventListener("click", async () => {
    if (await signIn()) then();
  });
  return button;
}

/** Whether this account is signed in again. */
async function signIn() {
  const response = await fetch(ADDRESS, { credentials: "same-origin" });
  // In another tab it is already.
  if (response.redirected) return isSameAccount();
  const page = await parsePage(response);
  const fields = page.querySelector('form[action="/login"]');
  return fields ? ask(document.adoptNode(fields)) : false;
}

/** The form of the sign-in page in a dialog, until it leads in or is closed. */
function ask(fields) {
  const fault = el("p", { class: "error", role: "alert" });
  const close = el("button", { type: "button", class: "button quiet" }, "ftl:posts-editor-close");
  fields.querySelector(".form-actions")?.append(close);
  const heading = el("h2", {}, "ftl:accounts-title-sign-in");
  const dialog = el("dialog", {}, heading, fault, fields);
  document.body.append(dialog);
  dialog.showModal();
  fields.elements.login.value ||= form.dataset.user;
  fields.elements.password.focus();
  return new Promise((done) => {
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      done(dialog.returnValue === "in");
    });
    fields.addEventListener("submit", async (event) => {
      event.preventDefault();
      fault.textContent = "";
      const why = await refusal(fields);
      if (why) fault.textContent = why;
      else dialog.close("in");
    });
  });
}

/** Why the sign-in was refused; nothing where it was not. */
async function refusal(fields) {
  try {
    const body = new URLSearchParams(new FormData(fields));
    const response = await fetch("/login", { method: "POST", body, credentials: "same-origin" });
    if (response.redirected) {
      if (await isSameAccount()) return null;
      return fill("ftl:posts-editor-other-account", { user: form.dataset.user });
    }
    const page = await parsePage(response);
    return page.querySelector(".errors li, .errors p, main p")?.textContent.trim();
  } catch {
    return "ftl:posts-preview-no-answer";
  }
}

async function isSameAccount() {
  const response = await fetch("/me.json", { credentials: "same-origin", cache: "no-store" });
  const me = await response.json();
  return me.user?.username === form.dataset.user;
}
