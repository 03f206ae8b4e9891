// Everything on a public page works without this module. It adds what differs from reader to reader
// (so that the page itself can be cached for all) and a few comforts. Class names: see site.css.
const doc = document;
const root = doc.documentElement;
const $ = (selector, within = doc) => within.querySelector(selector);
const $$ = (selector, within = doc) => [...within.querySelectorAll(selector)];

/** Builds an element; text goes in as text, so a name can never become markup. */
function el(tag, attributes = {}, ...children) {
  const node = doc.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// Storage throws when a browser forbids it; then a choice lasts as long as the page.
const kept = {
  get(key) { try { return localStorage.getItem(key); } catch { return null; } },
  set(key, value) {
    try { value === null ? localStorage.removeItem(key) : localStorage.setItem(key, value); } catch { /* nothing to do */ }
  },
};

function theme() {
  const show = () => {
    const now = root.dataset.theme ?? "system";
    for (const b of $$("[data-theme-set]")) b.setAttribute("aria-pressed", b.dataset.themeSet === now);
  };
  doc.addEventListener("click", (event) => {
    const wish = event.target.closest("[data-theme-set]")?.dataset.themeSet;
    if (!wish) return;
    if (wish === "system") delete root.dataset.theme; else root.dataset.theme = wish;
    kept.set("mh-theme", wish === "system" ? null : wish);
    show();
  });
  show();
}

function times() {
  const relative = new Intl.RelativeTimeFormat(root.lang || "en", { numeric: "auto" });
  const steps = [[60, "minute"], [3600, "hour"], [86400, "day"], [604800, null]];
  for (const time of $$("time[datetime*=T]:not([data-abs])")) {
    const age = (Date.now() - Date.parse(time.dateTime)) / 1000;
    if (!(age > 0 && age < 604800)) continue;
    time.title = time.textContent;
    let unit = 1, name = "second";
    for (const [size, next] of steps) if (next && age >= size) [unit, name] = [size, next];
    time.textContent = relative.format(name === "second" ? 0 : -Math.floor(age / unit), name);
  }
}

function code() {
  // What scrolls sideways must be reachable by keyboard; what does not should not be a stop.
  const stops = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0; else target.removeAttribute("tabindex");
    }
  });
  for (const node of $$("pre, .table-scroll, math[display=block]")) stops.observe(node);
  if (!navigator.clipboard) return;
  for (const pre of $$(".post .prose pre")) {
    const button = el("button", { type: "button", class: "copy" }, "Copy");
    const box = el("div", { class: "code-box" });
    pre.replaceWith(box);
    box.append(pre, button);
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(pre.textContent);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Not copied";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
  }
}

async function me() {
  if ($(".bar .menu") || !$(".bar-me")) return; // a private page has brought its menu along
  const post = doc.body.dataset.post;
  let answer;
  try {
    const response = await fetch("/me.json" + (post ? "?post=" + encodeURIComponent(post) : ""), { credentials: "same-origin", cache: "no-store" });
    if (!response.ok) return;
    answer = await response.json();
  } catch {
    return;
  }
  if (answer.read_only) readOnly();
  // Remembered for the early script: the next page hides what is not for this reader before the first paint.
  const kind = answer.user ? (answer.can_write ? "writer" : "reader") : null;
  kept.set("mh-me", kind);
  if (!kind) return void delete root.dataset.me;
  root.dataset.me = kind;
  menu(answer);
  if (answer.post?.can_edit) {
    for (const slot of $$("[data-edit]")) slot.replaceChildren(el("span", { class: "dot" }), el("a", { href: answer.post.edit_url, "data-own": "" }, "Edit"));
  }
  ownComments(answer);
}

// The page itself may be hours old and stays the same bytes: only this small answer knows how the site is now.
function readOnly() {
  doc.body.append(el("p", { class: "read-only", role: "status" },
    "The site is read-only right now: signing in, saving and commenting are paused. What you are writing stays on this device."));
}

function menu({ user, can_write: canWrite, can_moderate: canModerate, can_manage: canManage }) {
  const name = user.name || user.username;
  const face = user.avatar
    ? el("img", { class: "avatar small", src: user.avatar, alt: "", width: 28, height: 28 })
    : el("span", { class: "avatar small", "aria-hidden": "true" }, [...name][0].toUpperCase());
  const places = [
    [canWrite, "Write", "/new"],
    [canWrite, "Dashboard", "/dashboard"],
    [canWrite || canModerate, "Comments", "/dashboard/comments"],
    [true, "Your page", "/@" + user.username],
    [true, "Settings", "/settings"],
    [canManage, "Site", "/admin/site"],
    [canManage, "People", "/admin/people"],
    [canManage, "Invitations", "/admin/invitations"],
  ];
  const list = el("ul", {}, el("li", { class: "menu-who" }, el("b", {}, name), "@" + user.username));
  for (const [shown, text, href] of places) if (shown) list.append(el("li", {}, el("a", { href }, text)));
  list.append(el("li", {}, el("form", { method: "post", action: "/logout" }, el("button", { type: "submit" }, "Sign out"))));
  $(".bar-me").replaceChildren(el("details", { class: "menu" }, el("summary", { "aria-label": `Your menu, ${name}` }, face), list));
  for (const link of $$('.foot a[href^="/login"]')) link.closest("li").hidden = true;
}

function menus() {
  doc.addEventListener("click", (event) => {
    for (const open of $$(".menu[open]")) if (!open.contains(event.target)) open.open = false;
  });
  doc.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && $(".menu[open]");
    if (open) { open.open = false; $("summary", open).focus(); }
  });
}

function ownComments({ user, post }) {
  const minutes = Number(doc.body.dataset.editMinutes ?? 15);
  for (const comment of $$("[data-comment]")) {
    const actions = $(".actions", comment);
    if (!actions) continue;
    const at = `/comments/${comment.dataset.comment}/`;
    const add = (text, href) => actions.append(el("a", { href }, text));
    if (comment.dataset.author === user.username) {
      $('a[href$="/report"]', actions)?.remove();
      if (Date.now() - Date.parse($("time", comment)?.dateTime) < minutes * 60000) add("Edit", at + "edit");
      add("Delete", at + "delete");
    } else if (post?.can_decide_comments) {
      add("Decide", at + "decide");
    }
  }
}

function composing() {
  const typed = new Map(); // closed forms keep what was typed, by the address of their page
  let open = null;
  const close = () => {
    if (!open) return;
    const { form, link } = open;
    typed.set(link.href, $("textarea", form)?.value ?? "");
    form.remove();
    open = null;
    link.setAttribute("aria-expanded", "false");
    link.focus();
  };
  doc.addEventListener("click", async (event) => {
    if (event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    if (open && event.target.closest("[data-cancel]")) { event.preventDefault(); return close(); }
    const link = event.target.closest("a[data-reply]");
    if (!link) return;
    event.preventDefault();
    const again = open?.link === link;
    close();
    if (again) return;
    const form = await fetchForm(link.href);
    if (!form) return void location.assign(link.href);
    const comment = link.closest(".comment");
    if (comment) comment.append(form); else link.closest(".comments-head").after(form);
    open = { form, link };
    link.setAttribute("aria-expanded", "true");
    const text = $("textarea", form);
    if (!text) return;
    text.value ||= typed.get(link.href) ?? "";
    text.focus();
    form.scrollIntoView({ block: "nearest" });
  });
  doc.addEventListener("keydown", (event) => {
    if (!open?.form.contains(event.target)) return;
    if (event.key === "Escape" && !event.isComposing) close();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) open.form.requestSubmit();
  });
}

/** The form of the page for writing a comment, or null when the reader must go there (to sign in, say). */
async function fetchForm(href) {
  try {
    const response = await fetch(href, { credentials: "same-origin", headers: { Accept: "text/html" } });
    if (!response.ok || response.redirected) return null;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    return doc.adoptNode($("form[data-compose]", page));
  } catch {
    return null;
  }
}

function keys() {
  let index = -1;
  const help = () => {
    const box = el("input", { type: "checkbox", id: "keys-on" });
    box.checked = kept.get("mh-keys") !== "off";
    box.addEventListener("change", () => kept.set("mh-keys", box.checked ? null : "off"));
    const list = el("dl", { class: "keys" });
    for (const [key, what] of [...($('a[href="/search"]') ? [["/", "Search"]] : []), ["j", "Next"], ["k", "Previous"], ["?", "This help"]]) list.append(el("dt", {}, el("kbd", {}, key)), el("dd", {}, what));
    const dialog = el("dialog", { "aria-labelledby": "keys-title" }, el("h2", { id: "keys-title" }, "Keys"), list,
      el("div", { class: "check" }, box, el("label", { for: "keys-on" }, "Use these keys")),
      el("form", { method: "dialog", class: "form-actions" }, el("button", { class: "button quiet" }, "Close")));
    dialog.addEventListener("close", () => dialog.remove());
    doc.body.append(dialog);
    dialog.showModal();
  };
  const step = (by) => {
    const stops = $$("[data-keys] .entry-title a");
    if (!stops.length) stops.push(...$$(".comment .u-url"));
    if (!stops.length) return;
    const here = stops.indexOf(doc.activeElement);
    index = Math.min(stops.length - 1, Math.max(0, (here < 0 ? index : here) + by));
    stops[index].focus();
    stops[index].closest("article").scrollIntoView({ block: "nearest" });
  };
  doc.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    if (event.target.closest("input, textarea, select, dialog, [contenteditable]")) return;
    // Help answers always: it is where the keys are switched on again.
    if (event.key === "?") return help();
    if (kept.get("mh-keys") === "off") return;
    if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if (event.key === "/") {
      const search = $("main input[type=search]");
      const link = $('.bar a[href="/search"]');
      if (!search && !link) return;
      event.preventDefault();
      if (search) search.focus(); else link.click();
    }
  });
}

theme();
times();
code();
menus();
composing();
keys();
$(".errors[role=alert]")?.focus();
me();
