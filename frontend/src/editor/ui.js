// Icons, menus and dialogs of the editor.
import shapes from "icons:list";
import { h } from "../shared/dom.js";
import { t } from "../shared/strings.js";

/** An element of SVG. */
function drawn(tag, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** A lucide icon. The shapes come from the build; nothing is parsed, as Trusted Types want it. */
export function icon(name) {
  const attributes = { class: "mh-icon", viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", "stroke-width": "1.75", "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true" };
  const svg = drawn("svg", attributes);
  svg.append(...(shapes[name] ?? []).map(([tag, shape]) => drawn(tag, shape)));
  return svg;
}

/** A button that shows only an icon; the name is read out and shown on hover. */
export const iconButton = (name, label, onclick, kind = "mh-iconbtn mh-iconbtn--sm") =>
  h("button", { type: "button", class: kind, "aria-label": label, title: label, onclick }, icon(name));

/** Moves the focus among `items()` with the arrow keys, Home and End; only one of them is in the tab order. */
export function roving(container, items, { vertical = false } = {}) {
  const step = vertical ? { ArrowDown: 1, ArrowUp: -1 } : { ArrowRight: 1, ArrowLeft: -1 };
  const focus = (item) => {
    for (const other of items()) other.tabIndex = other === item ? 0 : -1;
    item?.focus();
  };
  container.addEventListener("keydown", (event) => {
    const list = items();
    const at = list.indexOf(document.activeElement);
    if (at < 0) return;
    const rtl = !vertical && getComputedStyle(container).direction === "rtl" ? -1 : 1;
    let next = null;
    if (step[event.key]) next = list[(at + step[event.key] * rtl + list.length) % list.length];
    else if (event.key === "Home") next = list[0];
    else if (event.key === "End") next = list.at(-1);
    if (!next) return;
    event.preventDefault();
    focus(next);
  });
  container.addEventListener("focusin", (event) => {
    const item = event.target.closest("button");
    if (items().includes(item)) for (const other of items()) other.tabIndex = other === item ? 0 : -1;
  });
  items().forEach((item, index) => void (item.tabIndex = index === 0 ? 0 : -1));
}

/** Puts a popover below (or above) a rectangle, inside the window. Moved through the style object: the policy allows that. */
export function place(popover, rectangle) {
  const { innerWidth: width, innerHeight: height } = window;
  const box = popover.getBoundingClientRect();
  const rtl = document.documentElement.dir === "rtl";
  const left = rtl ? rectangle.right - box.width : rectangle.left;
  const below = rectangle.bottom + 6 + box.height <= height || rectangle.top < height / 2;
  popover.style.left = `${Math.max(8, Math.min(left, width - box.width - 8))}px`;
  popover.style.top = `${Math.max(8, below ? rectangle.bottom + 6 : rectangle.top - box.height - 6)}px`;
}

/**
 * A button with a menu of actions. `groups()` gives [{title, items: [{label, icon, run, checked, hint, disabled}]}], asked anew
 * at each opening. `after` gets the focus back into the text.
 */
export function menuButton(button, groups, after) {
  const menu = h("div", { popover: "auto", class: "mh-menu__list mh-popmenu", role: "menu", "aria-label": button.getAttribute("aria-label") || button.title || button.textContent });
  button.setAttribute("aria-haspopup", "menu");
  button.setAttribute("aria-expanded", "false");
  button.after(menu);
  const items = () => [...menu.querySelectorAll("button:not(:disabled)")];
  const fill = () => {
    menu.replaceChildren(...groups().flatMap((group) => [group.title ? h("div", { class: "mh-menu__head", role: "presentation" }, group.title) : null, ...group.items.map(entry)]).filter(Boolean));
    roving(menu, items, { vertical: true });
  };
  const entry = (item) =>
    h(
      "button",
      {
        type: "button", class: "mh-menu__item", role: item.checked === undefined ? "menuitem" : "menuitemradio",
        "aria-checked": item.checked === undefined ? null : String(item.checked), disabled: item.disabled,
        onclick: () => {
          menu.hidePopover();
          after();
          item.run();
        },
      },
      icon(item.icon), item.label, item.hint ? h("kbd", {}, item.hint) : null,
    );
  button.addEventListener("click", () => {
    if (menu.matches(":popover-open")) return menu.hidePopover();
    fill();
    menu.showPopover();
    place(menu, button.getBoundingClientRect());
    (menu.querySelector('[aria-checked="true"]') ?? items()[0])?.focus();
  });
  button.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && !menu.matches(":popover-open")) {
      event.preventDefault();
      event.stopPropagation();
      button.click();
    }
  });
  menu.addEventListener("toggle", (event) => button.setAttribute("aria-expanded", String(event.newState === "open")));
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Tab") menu.hidePopover();
    if (event.key === "Escape") button.focus();
    event.stopPropagation();
  });
  return menu;
}

let serial = 0;

/** One labelled field of a dialog: {name, label, kind: text|textarea|number|select|check, options, help, value}. */
export function field({ name, label, kind = "text", options = [], help, value, required, rows, placeholder, lang }) {
  const id = `mh-f${++serial}`;
  const described = help ? { "aria-describedby": `${id}h` } : {};
  const note = help ? h("div", { class: "form-text", id: `${id}h` }, help) : null;
  if (kind === "check") {
    const box = h("input", { type: "checkbox", class: "form-check-input", id, name, ...described });
    box.checked = Boolean(value);
    return h("div", { class: "form-check mh-field" }, box, h("label", { class: "form-check-label", for: id }, label), note);
  }
  const common = { id, name, required, placeholder, lang, ...described };
  let control;
  if (kind === "select") {
    control = h("select", { class: "form-select", ...common }, options.map(([key, text]) => h("option", { value: key }, text)));
    control.value = value ?? "";
  } else if (kind === "textarea") {
    control = h("textarea", { class: "form-control", rows: rows ?? 3, ...common, value: value ?? "" });
  } else {
    control = h("input", { class: "form-control", type: kind, ...common, value: value ?? "" });
  }
  return h("div", { class: "mh-field" }, h("label", { class: "form-label", for: id }, label), control, note);
}

/**
 * Opens a modal dialog. `body` are elements; buttons: submit (word), extra [{label, kind, value}]. Resolves with
 * {action, values} or null when it was closed. `check(values)` may return a sentence that keeps it open.
 */
export function dialog({ title, body, submit, extra = [], wide = false, check = () => null, ready = () => {} }) {
  return new Promise((resolve) => {
    let result = null;
    const wrong = h("p", { class: "invalid-feedback", role: "alert", hidden: true });
    const id = `mh-d${++serial}`;
    const close = () => element.close();
    const foot = h(
      "div", { class: "mh-dialog__foot" },
      h("span", {}, extra.map(({ label, value, kind = "btn-quiet" }) => h("button", { type: "button", class: `btn ${kind}`, onclick: () => finish(value) }, label))),
      h("button", { type: "button", class: "btn btn-quiet", onclick: close }, t("Cancel")),
      submit ? h("button", { type: "submit", class: "btn btn-primary" }, submit) : null,
    );
    const form = h(
      "form", { method: "dialog", class: "mh-dialog__form", novalidate: true },
      h("div", { class: "mh-dialog__head" }, h("h2", { class: "mh-dialog__title", id }, title), iconButton("x", t("Close"), close, "mh-iconbtn")),
      h("div", { class: "mh-dialog__body" }, body, wrong), foot,
    );
    const element = h("dialog", { class: `mh-dialog${wide ? " mh-dialog--wide" : ""}`, "aria-labelledby": id }, form);
    const values = () => {
      const entries = [...form.elements].filter((control) => control.name).map((control) => [control.name, control.type === "checkbox" ? control.checked : control.value]);
      return Object.fromEntries(entries);
    };
    const finish = (action) => {
      const problem = action === "submit" ? check(values()) : null;
      wrong.hidden = !problem;
      wrong.textContent = problem ?? "";
      if (problem) return;
      result = { action, values: values() };
      element.close();
    };
    form.addEventListener("submit", (event) => {
      // The dialog may lie inside the page's form: its submit must not reach it.
      event.preventDefault();
      event.stopPropagation();
      finish("submit");
    });
    element.addEventListener("keydown", (event) => event.stopPropagation());
    element.addEventListener("click", (event) => event.target === element && close());
    element.addEventListener("close", () => {
      element.remove();
      resolve(result);
    });
    document.body.append(element);
    element.showModal();
    ready({ element, form, finish });
    (form.querySelector("[autofocus]") ?? form.querySelector(".mh-dialog__body :is(input, textarea, select, button)"))?.focus();
  });
}
