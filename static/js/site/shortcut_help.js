import { $, el } from "../shared/dom.js";
import { read, write } from "../shared/storage.js";

/** The list of keys, with a box that switches them off. */
export function showShortcutHelp() {
  const dialog = el(
    "dialog",
    { "aria-labelledby": "keys-title" },
    el("h2", { id: "keys-title" }, "ftl:layout-keys"),
    list(),
    el(
      "div",
      { class: "check" },
      box(),
      el("label", { for: "keys-on" }, "ftl:layout-use-these-keys"),
    ),
    el(
      "form",
      { method: "dialog", class: "form-actions" },
      el("button", { class: "button quiet" }, "ftl:layout-close"),
    ),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function list() {
  const keys = [
    ...($('a[href="/search"]') ? [["/", "ftl:layout-search"]] : []),
    ["j", "ftl:layout-key-next"],
    ["k", "ftl:layout-key-previous"],
    ["?", "ftl:layout-key-help"],
  ];
  const lines = keys.flatMap(([key, words]) => [
    el("dt", {}, el("kbd", {}, key)),
    el("dd", {}, words),
  ]);
  return el("dl", { class: "keys" }, ...lines);
}

function box() {
  const input = el("input", { type: "checkbox", id: "keys-on" });
  input.checked = read("mh-keys") !== "off";
  input.addEventListener("change", () => write("mh-keys", input.checked ? null : "off"));
  return input;
}
