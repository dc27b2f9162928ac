// A text field with comma separated values becomes chips and a field to add one; the form sends the same text.
//
//   <div data-tokens data-suggest="…"><input name="tags" value="harbour, rents"> <div class="mh-tokens" data-tokens-shown></div></div>
//
// data-suggest answers ?q= with {items: [{name}]}, [{name}] or plain names.
import { h } from "../shared/dom.js";
import { t } from "../shared/strings.js";

const PAUSE = 200;
const split = (text) => text.split(",").map((part) => part.trim()).filter(Boolean);
const same = (left, right) => left.toLocaleLowerCase() === right.toLocaleLowerCase();
let serial = 0;

async function suggestions(url, words) {
  const address = new URL(url, location.href);
  address.searchParams.set("q", words);
  const answer = await fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  const found = answer.ok ? await answer.json() : [];
  return (Array.isArray(found) ? found : (found.items ?? [])).map((item) => (typeof item === "string" ? item : item.name));
}

function enhance(box) {
  const field = box.querySelector("input");
  let values = split(field.value);
  const list = field.list ?? h("datalist", { id: `mh-known-${++serial}` });
  let known = [...list.options].map((option) => option.value);
  const chips = box.querySelector("[data-tokens-shown]") ?? h("div", { class: "mh-tokens" });
  const entry = h("input", { type: "text", class: field.className, id: field.id, list: list.id, placeholder: t("Add one"), autocomplete: "off", "aria-describedby": field.getAttribute("aria-describedby") });
  const status = h("span", { class: "visually-hidden", role: "status" });
  field.removeAttribute("id");
  field.removeAttribute("list");
  field.removeAttribute("aria-describedby");
  field.type = "hidden";
  const draw = () => {
    chips.replaceChildren(...values.map((value) => h("span", { class: "mh-chip" }, value, h("button", { type: "button", class: "mh-chip__x", "aria-label": t("Remove {name}", { name: value }), onclick: () => remove(value) }, "×"))));
  };
  const changed = () => {
    field.value = values.join(", ");
    field.dispatchEvent(new Event("change", { bubbles: true }));
    draw();
  };
  const remove = (value) => {
    values = values.filter((other) => other !== value);
    status.textContent = t("{name} removed", { name: value });
    changed();
    entry.focus();
  };
  const add = (text) => {
    const named = split(text).map((value) => known.find((option) => same(option, value)) ?? value);
    const fresh = named.filter((value, at) => !values.some((other) => same(other, value)) && named.findIndex((other) => same(other, value)) === at);
    entry.value = "";
    if (!fresh.length) return;
    values = [...values, ...fresh];
    status.textContent = t("{name} added", { name: fresh.join(", ") });
    changed();
  };
  let timer;
  const suggest = () => {
    clearTimeout(timer);
    const words = entry.value.trim();
    if (!box.dataset.suggest || !words) return;
    timer = setTimeout(async () => {
      known = await suggestions(box.dataset.suggest, words).catch(() => known);
      list.replaceChildren(...known.map((name) => h("option", { value: name })));
    }, PAUSE);
  };
  entry.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if ((event.key === "Enter" || event.key === ",") && (entry.value.trim() || event.key === ",")) {
      event.preventDefault();
      add(entry.value);
    } else if (event.key === "Backspace" && entry.value === "" && values.length) remove(values.at(-1));
  });
  entry.addEventListener("input", (event) => {
    event.stopPropagation();
    // Chosen from the list: there is no typed character in the event.
    const chosen = !event.data && !event.inputType?.startsWith("delete") && known.includes(entry.value);
    if (entry.value.includes(",") || chosen) add(entry.value);
    else suggest();
  });
  entry.addEventListener("blur", () => add(entry.value));
  field.addEventListener("masthead:load", () => {
    values = split(field.value);
    draw();
  });
  field.form?.addEventListener("submit", () => add(entry.value), { capture: true });
  // Chips first: what is there is read before what may be added.
  field.after(chips, entry, list, status);
  draw();
}

for (const box of document.querySelectorAll("[data-tokens]")) enhance(box);
