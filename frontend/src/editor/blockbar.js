// The small bar over the chosen block, and the outline round it.
import { Plugin } from "@tiptap/pm/state";
import { Decoration, DecorationSet } from "@tiptap/pm/view";
import { h } from "../shared/dom.js";
import { blockActions, chosenBlock, nameOfBlock } from "./blocks.js";
import { iconButton, roving } from "./ui.js";

/** Outlines the chosen block. */
export const chosenPlugin = () =>
  new Plugin({
    props: {
      decorations(state) {
        const chosen = chosenBlock(state);
        if (!chosen) return null;
        return DecorationSet.create(state.doc, [Decoration.node(chosen.position, chosen.position + chosen.node.nodeSize, { class: "is-chosen" })]);
      },
    },
  });

/** A bar that follows the chosen block; returns refresh(). */
export function makeBlockbar(context) {
  const { editor, paper } = context;
  const bar = h("div", { class: "mh-blockbar mh-blockbar--floating", role: "toolbar", hidden: true });
  paper.append(bar);
  let drawn = "";
  const items = () => [...bar.querySelectorAll("button")];
  // Alt-F10 is where screen reader users look for the tools of a thing.
  editor.view.dom.addEventListener("keydown", (event) => {
    if (event.key === "F10" && event.altKey && !bar.hidden) {
      event.preventDefault();
      items()[0]?.focus();
    }
  });
  bar.addEventListener("keydown", (event) => event.key === "Escape" && editor.view.focus());
  bar.addEventListener("mousedown", (event) => event.preventDefault());
  roving(bar, items);
  return () => {
    const chosen = editor.isEditable ? chosenBlock(editor.state) : null;
    const inside = editor.view.hasFocus() || bar.contains(document.activeElement) || document.querySelector("dialog[open]");
    bar.hidden = !chosen || !inside;
    if (bar.hidden) return void (drawn = "");
    const actions = blockActions(context, chosen);
    const key = `${chosen.position} ${actions.map((action) => `${action.label}${action.pressed ?? ""}`).join()} ${JSON.stringify(chosen.node.attrs)} ${chosen.node.nodeSize}`;
    if (key !== drawn) {
      drawn = key;
      const focused = items().indexOf(document.activeElement);
      bar.setAttribute("aria-label", nameOfBlock(chosen.node.type.name));
      bar.replaceChildren(...actions.map(({ icon, label, run, pressed }) => {
        const button = iconButton(icon, label, run);
        if (pressed !== undefined) button.setAttribute("aria-pressed", String(pressed));
        return button;
      }));
      items().forEach((item, index) => void (item.tabIndex = index ? -1 : 0));
      if (focused >= 0) items()[Math.min(focused, items().length - 1)]?.focus();
    }
    const dom = editor.view.nodeDOM(chosen.position);
    if (!(dom instanceof HTMLElement)) return;
    const box = dom.getBoundingClientRect();
    const base = paper.getBoundingClientRect();
    const picture = chosen.node.type.name === "image";
    const middle = box.left - base.left + (box.width - bar.offsetWidth) / 2;
    const end = getComputedStyle(paper).direction === "rtl" ? box.left - base.left : box.right - base.left - bar.offsetWidth;
    bar.style.left = `${Math.max(0, picture ? middle : end)}px`;
    bar.style.top = `${box.top - base.top + (picture ? 12 : -bar.offsetHeight - 6)}px`;
  };
}
