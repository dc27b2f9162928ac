// Menus are <details>: Escape and a click elsewhere close them, arrow keys walk their entries.
const MENU = "details.mh-menu";

const entries = (menu) => [...menu.querySelectorAll(".mh-menu__item:not(:disabled)")].filter((item) => item.offsetParent !== null);

function closeOthers(kept) {
  for (const menu of document.querySelectorAll(`${MENU}[open]`)) if (!kept || !menu.contains(kept)) menu.open = false;
}

document.addEventListener("click", (event) => {
  closeOthers(event.target);
  // A chosen entry that does not lead away closes its menu.
  const item = event.target.closest(".mh-menu__item");
  if (item && !item.closest("form[method=dialog], .mh-popover")) setTimeout(() => item.closest(MENU)?.removeAttribute("open"));
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.(MENU);
  if (!menu) return;
  if (event.key === "Escape" && menu.open) {
    event.preventDefault();
    menu.open = false;
    menu.querySelector("summary").focus();
    return;
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || event.target.matches("input, select, textarea")) return;
  event.preventDefault();
  menu.open = true;
  const list = entries(menu);
  const at = list.indexOf(document.activeElement);
  const next = at < 0 ? (step > 0 ? 0 : list.length - 1) : (at + step + list.length) % list.length;
  list[next]?.focus();
});

document.addEventListener("focusout", (event) => {
  const menu = event.target.closest?.(`${MENU}[open]`);
  if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
});
