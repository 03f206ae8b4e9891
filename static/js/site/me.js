import { $, $$, el } from "../shared/dom.js";
import { write } from "../shared/storage.js";
import { showAccountMenu } from "./account_menu.js";
import { addCommentActions } from "./comment_actions.js";
import { showReadOnlyNotice } from "./read_only_notice.js";

/** Asks `/me.json` for what this reader may do here, and adds it to the page, which is the same for all readers. */
export async function showMe() {
  const brought = $(".bar .menu"); // by a private page
  if (brought ? !waitingLink() : !$(".bar-me")) return;
  const me = await fetchMe();
  if (!me) return;
  if (brought) {
    showWaiting(me);
    return;
  }
  if (me.read_only) showReadOnlyNotice();
  const kind = me.user ? (me.can_write ? "writer" : "reader") : null;
  rememberKind(kind);
  if (!kind) return;
  showAccountMenu(me);
  showWaiting(me);
  if (me.post?.can_edit) showEditLinks(me.post.edit_url);
  addCommentActions(me);
}

function waitingLink() {
  return $('.bar .menu a[href="/dashboard/comments"]');
}

/** How many comments wait for a decision, where the menu leads to them. */
function showWaiting({ waiting }) {
  if (!waiting) return;
  waitingLink().append(" ", el("span", { class: "count" }, waiting > 99 ? "99+" : waiting));
  $(".bar .menu").classList.add("waits");
}

async function fetchMe() {
  const post = document.body.dataset.post;
  const query = post ? "?post=" + encodeURIComponent(post) : "";
  try {
    const response = await fetch("/me.json" + query, {
      credentials: "same-origin",
      cache: "no-store",
    });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

/** For theme_early.js: the next page hides what is not for this reader before the first paint. */
function rememberKind(kind) {
  const { dataset } = document.documentElement;
  write("mh-me", kind);
  if (kind) dataset.me = kind;
  else delete dataset.me;
}

function showEditLinks(href) {
  for (const slot of $$("[data-edit]")) {
    slot.replaceChildren(
      el("span", { class: "dot" }),
      el("a", { href, "data-own": "" }, "ftl:reading-edit"),
    );
  }
}
