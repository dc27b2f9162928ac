// What a form will become: the address, the result of a search engine, counts, the value of a closed panel, fields that apply.
import { h } from "../shared/dom.js";
import { count, t } from "../shared/strings.js";

/** Much as the server makes it (the server decides): letters and digits of any script, joined by hyphens. */
export const slugOf = (text) =>
  text.normalize("NFKC").toLowerCase().replace(/['’]/g, "").replace(/[^\p{L}\p{N}\p{M}]+/gu, "-").replace(/^-+|-+$/g, "").slice(0, 80);

const named = (name) => document.querySelector(`[name="${CSS.escape(name)}"]`);
const valueOf = (...names) => names.map((name) => named(name)?.value.trim()).find(Boolean) ?? "";
const title = document.querySelector("[data-title]");

// A title is one line: Enter goes on to the next field.
title?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing) return;
  event.preventDefault();
  (document.querySelector(".ProseMirror") ?? named("excerpt"))?.focus();
});

function slug() {
  const field = named("slug");
  if (field && title) field.placeholder = slugOf(title.value);
  return field ? field.value.trim() || field.placeholder : "";
}

function results(address) {
  for (const box of document.querySelectorAll("[data-result]")) {
    const set = (name, text) => {
      const place = box.querySelector(name);
      if (place && text) place.textContent = text;
    };
    set("[data-result-title]", valueOf("seo_title", "title"));
    set("[data-result-text]", valueOf("seo_description", "excerpt"));
    if (address && box.dataset.base) set("[data-result-url]", `${box.dataset.base.replace(/[/› ]+$/, "")}${box.dataset.base.includes("›") ? " › " : "/"}${address}`);
  }
}

function counters() {
  for (const field of document.querySelectorAll("[data-count]")) {
    const label = field.labels?.[0];
    if (!label) continue;
    let place = label.querySelector("[data-counted]");
    if (!place) {
      const words = h("span", {}, ...label.childNodes);
      place = h("span", { class: "mh-quiet fw-normal", "data-counted": true, "aria-hidden": "true" });
      label.classList.add("mh-count", "d-flex");
      label.append(words, place);
    }
    const most = Number(field.dataset.count);
    const length = [...field.value].length;
    place.textContent = t("{count} of {most}", { count: count(length), most: count(most) });
    place.classList.toggle("is-over", length > most);
  }
}

/** What a field says: the words of chosen options, or what was typed. */
function wordsOf(name) {
  const field = named(name);
  if (!field) return null;
  return field.matches("select") ? [...field.selectedOptions].map((option) => option.textContent.trim()).join(", ") : field.value.trim();
}

function panelValues() {
  for (const place of document.querySelectorAll("[data-value-of]")) {
    place.dataset.valueBefore ??= place.textContent;
    const words = wordsOf(place.dataset.valueOf);
    const before = named(place.dataset.valueOf)?.defaultValue ?? "";
    // Untouched, the server's words stand: it knows the whole address, or what is used instead.
    place.textContent = words === null || words === before ? place.dataset.valueBefore : words || t("From the title");
  }
}

function conditions() {
  for (const part of document.querySelectorAll("[data-shown-for]")) {
    const [name, value] = part.dataset.shownFor.split("=");
    const field = named(name);
    if (field) part.hidden = field.value !== value;
  }
}

// Where CSS can do it (field-sizing), there is nothing to do.
const grows = !CSS.supports("field-sizing", "content");
function grow() {
  for (const field of grows ? document.querySelectorAll("textarea[data-grow]") : []) {
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
  }
}

function refresh() {
  results(slug());
  counters();
  panelValues();
  conditions();
  grow();
}

document.addEventListener("input", refresh);
document.addEventListener("change", refresh);
refresh();
