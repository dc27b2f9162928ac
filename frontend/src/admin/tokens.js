// A text field with comma separated values becomes chips and a field to add one; the form sends the same text.
import { h } from "../shared/dom.js";
import { t } from "../shared/strings.js";

const split = (text) => text.split(",").map((part) => part.trim()).filter(Boolean);
const same = (left, right) => left.toLocaleLowerCase() === right.toLocaleLowerCase();

function enhance(field) {
  let values = split(field.value);
  const options = () => [...(field.list?.options ?? [])].map((option) => option.value);
  const known = options();
  const chips = h("div", { class: "mh-tokens" });
  const entry = h("input", { type: "text", class: field.className, id: field.id, list: field.getAttribute("list"), placeholder: field.placeholder, autocomplete: "off", "aria-describedby": field.getAttribute("aria-describedby") });
  const status = h("span", { class: "visually-hidden", role: "status" });
  field.removeAttribute("id");
  field.removeAttribute("list");
  field.type = "hidden";
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
    const fresh = split(text).map((value) => known.find((option) => same(option, value)) ?? value).filter((value) => !values.some((other) => same(other, value)));
    entry.value = "";
    if (!fresh.length) return;
    values = [...values, ...fresh];
    status.textContent = t("{name} added", { name: fresh.join(", ") });
    changed();
  };
  const draw = () => {
    chips.replaceChildren(...values.map((value) => h("span", { class: "mh-chip" }, value, h("button", { type: "button", class: "mh-chip__x", "aria-label": t("Remove {name}", { name: value }), onclick: () => remove(value) }, "×"))));
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
    if (entry.value.includes(",") || (!event.data && !event.inputType?.startsWith("delete") && known.includes(entry.value))) add(entry.value);
  });
  entry.addEventListener("blur", () => add(entry.value));
  field.form?.addEventListener("submit", () => add(entry.value), { capture: true });
  field.after(chips, entry, status);
  draw();
}

for (const field of document.querySelectorAll("input[data-token-input]")) enhance(field);
