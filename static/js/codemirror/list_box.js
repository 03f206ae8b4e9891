export const MENU = "block-menu";

export function optionId(at) {
  return `${MENU}-${at}`;
}

/** The open menu; pressing an option leaves the caret where it is. */
export function listBox({ found, chosen }, label, choose) {
  const list = document.createElement("ul");
  Object.assign(list, { id: MENU, role: "listbox", ariaLabel: label, className: "block-menu" });
  found.forEach((block, at) => {
    const option = document.createElement("li");
    Object.assign(option, { id: optionId(at), role: "option", textContent: block.label });
    option.setAttribute("aria-selected", String(at === chosen));
    option.addEventListener("mousedown", (event) => event.preventDefault());
    option.addEventListener("click", () => choose(at));
    list.append(option);
  });
  return list;
}
