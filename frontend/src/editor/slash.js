// "/" on an empty line opens the blocks; typing on narrows them.
import { Plugin } from "@tiptap/pm/state";
import { h } from "../shared/dom.js";
import { t } from "../shared/strings.js";
import { insertables } from "./blocks.js";
import { icon, place } from "./ui.js";

function typed(state) {
  const { $from, empty } = state.selection;
  if (!empty || $from.parent.type.name !== "paragraph" || $from.parentOffset !== $from.parent.content.size) return null;
  const match = /^\/([\p{L}\d -]{0,20})$/u.exec($from.parent.textContent);
  return match ? { words: match[1].trim().toLowerCase(), from: $from.start(), to: $from.end() } : null;
}

/** The plugin; `context()` is asked late, since the editor does not exist yet when plugins are made. */
export function slashPlugin(context) {
  let menu = null;
  let shown = [];
  let active = 0;
  let dismissed = null;
  const close = () => {
    if (menu?.matches(":popover-open")) menu.hidePopover();
    shown = [];
    context().editor?.view.dom.removeAttribute("aria-activedescendant");
  };
  const choose = (item) => {
    const { editor } = context();
    const hit = typed(editor.state);
    close();
    if (hit) editor.view.dispatch(editor.state.tr.delete(hit.from, hit.to));
    item.run();
  };
  const draw = (view) => {
    menu.replaceChildren(...shown.map((item, index) => h("button", { type: "button", class: "mh-menu__item", role: "option", id: `mh-slash-${index}`, "aria-selected": String(index === active), tabindex: "-1", onmousedown: (event) => event.preventDefault(), onclick: () => choose(item) }, icon(item.icon), item.label)));
    menu.children[active]?.scrollIntoView({ block: "nearest" });
    view.dom.setAttribute("aria-activedescendant", `mh-slash-${active}`);
  };
  const update = (view) => {
    const hit = typed(view.state);
    if (!hit) dismissed = null;
    if (!hit || dismissed === hit.from || !view.hasFocus()) return close();
    const items = insertables(context()).flatMap((group) => group.items).filter((item) => !item.disabled);
    const matches = items.filter((item) => `${item.label} ${item.words}`.toLowerCase().split(" ").some((word, at, all) => all.slice(at).join(" ").startsWith(hit.words)));
    if (!matches.length) return close();
    if (matches.map((item) => item.label).join() !== shown.map((item) => item.label).join()) active = 0;
    shown = matches;
    draw(view);
    if (!menu.matches(":popover-open")) menu.showPopover();
    place(menu, view.coordsAtPos(hit.from));
  };
  return new Plugin({
    view(view) {
      menu = h("div", { popover: "manual", class: "mh-menu__list mh-popmenu", role: "listbox", "aria-label": t("Blocks") });
      view.dom.after(menu);
      return { update: (next) => update(next), destroy: () => menu.remove() };
    },
    props: {
      handleKeyDown(view, event) {
        if (!shown.length) return false;
        if (event.key === "Escape") dismissed = typed(view.state)?.from ?? null;
        if (event.key === "Escape") close();
        else if (event.key === "Enter" || event.key === "Tab") choose(shown[active]);
        else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
          active = (active + (event.key === "ArrowDown" ? 1 : -1) + shown.length) % shown.length;
          draw(view);
        } else return false;
        return true;
      },
      handleDOMEvents: { blur: () => void setTimeout(close, 150) },
    },
  });
}
