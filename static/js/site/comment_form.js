import { $, parsePage } from "../shared/dom.js";

// Closed forms keep what was typed, by the address of their page.
const typed = new Map();
let open = null;

/** Opens the form for a comment or a reply where it was asked for, instead of on a page of its own. */
export function showCommentForms() {
  document.addEventListener("click", clicked);
  document.addEventListener("keydown", (event) => {
    if (!open?.form.contains(event.target)) return;
    if (event.key === "Escape" && !event.isComposing) close();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) open.form.requestSubmit();
  });
}

async function clicked(event) {
  if (event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  if (open && event.target.closest("[data-cancel]")) {
    event.preventDefault();
    close();
    return;
  }
  const link = event.target.closest("a[data-reply]");
  if (!link) return;
  event.preventDefault();
  const again = open?.link === link;
  close();
  if (again) return;
  const form = await fetchForm(link.href);
  if (form) show(form, link);
  else location.assign(link.href);
}

function show(form, link) {
  const comment = link.closest(".comment");
  if (comment) comment.append(form);
  else link.closest(".comments-head").after(form);
  open = { form, link };
  link.setAttribute("aria-expanded", "true");
  const text = $("textarea", form);
  if (!text) return;
  text.value ||= typed.get(link.href) ?? "";
  text.focus();
  form.scrollIntoView({ block: "nearest" });
}

function close() {
  if (!open) return;
  const { form, link } = open;
  typed.set(link.href, $("textarea", form)?.value ?? "");
  form.remove();
  open = null;
  link.setAttribute("aria-expanded", "false");
  link.focus();
}

/** The form of the page for writing a comment, or null when the reader must go there (to sign in, say). */
async function fetchForm(href) {
  try {
    const response = await fetch(href, {
      credentials: "same-origin",
      headers: { Accept: "text/html" },
    });
    if (!response.ok || response.redirected) return null;
    return document.adoptNode($("form[data-compose]", await parsePage(response)));
  } catch {
    return null;
  }
}
