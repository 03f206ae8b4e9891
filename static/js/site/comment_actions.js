import { $, $$, el } from "../shared/dom.js";

/** Tells the author of a comment that readers do not see where it is. */
function showUnseenComments(unseen) {
  const head = $(".comments-head");
  for (const { text, link, url } of unseen) {
    head?.after(el("p", { class: "note" }, text, " ", el("a", { href: url }, link)));
  }
}

/** Adds to each comment what this reader may do with it. */
export function addCommentActions({ user, post }) {
  showUnseenComments(post?.unseen_comments ?? []);
  const editMinutes = Number(document.body.dataset.editMinutes ?? 15);
  for (const comment of $$("[data-comment]")) {
    const actions = $(".actions", comment);
    if (!actions) continue;
    const base = `/comments/${comment.dataset.comment}/`;
    const add = (words, href) => actions.append(el("a", { href }, words));
    if (comment.dataset.author === user.username) {
      $('a[href$="/report"]', actions)?.remove();
      const age = Date.now() - Date.parse($("time", comment)?.dateTime);
      if (age < editMinutes * 60_000) add("ftl:comments-edit", base + "edit");
      add("ftl:comments-delete-button", base + "delete");
    } else if (post?.can_decide_comments) {
      add("ftl:comments-decide", base + "decide");
    }
  }
}
