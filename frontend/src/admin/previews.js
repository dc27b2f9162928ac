// What a form will become: the address, the result of a search engine, counts, and the value of a closed panel.
import { count, t } from "../shared/strings.js";

/** Much as the server makes it (the server decides): letters and digits of any script, joined by hyphens. */
export const slugOf = (text) =>
  text.normalize("NFKD").replace(/\p{Mn}(?<=[a-z]\p{Mn})/giu, "").normalize("NFC").toLowerCase().replace(/['’]/g, "").replace(/[^\p{L}\p{N}\p{M}]+/gu, "-").replace(/^-+|-+$/g, "").slice(0, 80);

const valueOf = (selectors) => {
  for (const field of (selectors ?? "").split(",").map((selector) => selector.trim() && document.querySelector(selector))) {
    const value = field?.value?.trim();
    if (value) return value;
  }
  return "";
};

function slugs() {
  for (const field of document.querySelectorAll("[data-slug-from]")) {
    const slug = field.value.trim() || slugOf(valueOf(field.dataset.slugFrom));
    if (!field.value) field.placeholder = slug;
    for (const place of document.querySelectorAll("[data-slug-preview]")) {
      place.textContent = (place.dataset.slugPreview || "{slug}").replace("{slug}", slug || "…");
    }
  }
}

function results() {
  for (const preview of document.querySelectorAll("[data-seo-preview]")) {
    const set = (name, text) => {
      const place = preview.querySelector(name);
      if (place && text) place.textContent = text;
    };
    set("[data-seo-title]", valueOf(preview.dataset.title));
    set("[data-seo-text]", valueOf(preview.dataset.text));
  }
}

function counters() {
  for (const place of document.querySelectorAll("[data-count-for]")) {
    const field = document.querySelector(place.dataset.countFor);
    if (!field) continue;
    const length = [...field.value].length;
    const most = Number(place.dataset.countMax || 0);
    place.textContent = most ? t("{count} of {most}", { count: count(length), most: count(most) }) : count(length);
    place.classList.toggle("is-over", most > 0 && length > most);
  }
}

function panelValues() {
  for (const place of document.querySelectorAll("[data-value-of]")) {
    const field = document.querySelector(place.dataset.valueOf);
    if (!field) continue;
    const text = field.matches("select") ? [...field.selectedOptions].map((option) => option.textContent.trim()).join(", ") : field.value.trim();
    place.textContent = text || place.dataset.valueEmpty || "";
  }
}

function refresh() {
  slugs();
  results();
  counters();
  panelValues();
}

document.addEventListener("input", refresh);
document.addEventListener("change", refresh);
refresh();
