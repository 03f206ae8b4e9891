export const MENU = "block-menu";

/** Of its block, and not of its place: another option in the same place has to be heard. */
export function optionId({ name }) {
  return `${MENU}-${name}`;
}

/** The open menu; pressing an option leaves the caret where it is. */
export function listBox({ found, chosen }, label, choose) {
  const list = document.createElement("ul");
  Object.assign(list, { id: MENU, role: "listbox", ariaLabel: label, className: "block-menu" });
  found.forEach((block, at) => {
    const option = document.createElement("li");
    Object.assign(option, { id: optionId(block), role: "option", textContent: block.label });
    option.setAttribute("aria-selected", String(at === chosen));
    option.addEventListener("mousedown", (event) => event.preventDefault());
    option.addEventListener("click", () => choose(at));
    list.append(option);
  });
  return list;
}
