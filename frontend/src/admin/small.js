// Copying, messages, filters, and a field that shows its password.
import { h } from "../shared/dom.js";
import { t } from "../shared/strings.js";

const SHOWN = 2000;
const TOAST = 12000;

async function copy(button) {
  const source = button.dataset.copyFrom && document.querySelector(button.dataset.copyFrom);
  const text = source ? (source.value ?? source.textContent).trim() : button.dataset.copy;
  const label = button.querySelector("[data-copy-label]") ?? button;
  const before = label === button && button.querySelector("svg") ? null : label.textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    return;
  }
  button.setAttribute("aria-label", t("Copied"));
  if (before !== null) label.textContent = t("Copied");
  button.classList.add("is-done");
  setTimeout(() => {
    button.removeAttribute("aria-label");
    if (before !== null) label.textContent = before;
    button.classList.remove("is-done");
  }, SHOWN);
}

document.addEventListener("click", (event) => {
  const copier = event.target.closest("[data-copy], [data-copy-from]");
  if (copier) copy(copier);
  const dismiss = event.target.closest("[data-dismiss]");
  if (dismiss) {
    event.preventDefault();
    dismiss.closest(".mh-toast, .mh-note, .mh-banner")?.remove();
  }
  const reveal = event.target.closest("[data-reveal]");
  if (reveal) {
    const field = document.querySelector(reveal.dataset.reveal);
    field.type = field.type === "password" ? "text" : "password";
    reveal.setAttribute("aria-pressed", String(field.type === "text"));
  }
});

// The error summary takes the focus, as a page of its own would.
document.querySelector("[data-focus]")?.focus();

// A toast can be sent away, and goes by itself unless there is something to press in it or it is an error.
for (const toast of document.querySelectorAll("[data-toast]")) {
  toast.append(h("button", { type: "button", class: "mh-toast__close", "aria-label": t("Close"), onclick: () => toast.remove() }, "×"));
  if (toast.matches('[role="alert"]') || toast.querySelector("form")) continue;
  const hide = () => (toast.matches(":hover, :focus-within") ? setTimeout(hide, TOAST) : toast.remove());
  setTimeout(hide, TOAST);
}

// An address says only what was chosen.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-filters]")) return;
  for (const field of event.target.elements) if (field.name && field.value === "") field.disabled = true;
});
addEventListener("pageshow", () => {
  for (const field of document.querySelectorAll("form[data-filters] :disabled")) field.disabled = false;
});

// Links to the sections of a long form follow the scrolling.
const sections = new Map([...document.querySelectorAll('a[data-spy][href^="#"]')].map((link) => [document.querySelector(link.hash), link]));
if (sections.size) {
  const mark = () => {
    const passed = [...sections.keys()].filter((section) => section && section.getBoundingClientRect().top < innerHeight / 3);
    const current = sections.get(passed.at(-1)) ?? sections.values().next().value;
    for (const link of sections.values()) link === current ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
  };
  addEventListener("scroll", mark, { passive: true });
}
