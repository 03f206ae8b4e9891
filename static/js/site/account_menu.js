import { $, $$, el } from "../shared/dom.js";
import { fill } from "../shared/words.js";

/** Puts the menu of the account that is signed in at the place of “Sign in”. */
export function showAccountMenu(me) {
  const name = me.user.name || me.user.username;
  const summary = el(
    "summary",
    { "aria-label": fill("ftl:layout-your-menu", { name }) },
    avatar(me.user, name),
  );
  $(".bar-me").replaceChildren(el("details", { class: "menu" }, summary, list(me, name)));
  for (const link of $$('.foot a[href^="/login"]')) link.closest("li").hidden = true;
}

function avatar(user, name) {
  return user.avatar
    ? el("img", {
        class: "avatar small",
        src: user.avatar,
        alt: "",
        width: 28,
        height: 28,
      })
    : el(
        "span",
        { class: "avatar small hue-" + hue(name), "aria-hidden": "true" },
        [...name][0].toUpperCase(),
      );
}

/** As the pages have it. */
function hue(name) {
  return [...name].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % 8;
}

function list(me, name) {
  const { username } = me.user;
  const links = [
    [me.can_write, "ftl:layout-write", "/new"],
    [me.can_write, "ftl:layout-dashboard", "/dashboard"],
    [me.can_decide, "ftl:layout-comments", "/dashboard/comments"],
    [true, "ftl:layout-your-page", "/@" + username],
    [true, "ftl:layout-settings", "/settings"],
    [me.can_manage, "ftl:layout-admin", "/admin"],
  ];
  return el(
    "ul",
    {},
    el("li", { class: "menu-who" }, el("b", {}, name), "@" + username),
    ...links
      .filter(([shown]) => shown)
      .map(([, words, href]) => el("li", {}, el("a", { href }, words))),
    el(
      "li",
      {},
      el(
        "form",
        { method: "post", action: "/logout" },
        el("button", { type: "submit" }, "ftl:layout-sign-out"),
      ),
    ),
  );
}
