// A changed form warns before one leaves it; Ctrl-S saves.
import { t } from "../shared/strings.js";

const FORMS = "form[data-warn-unsaved]";
const changed = new WeakSet();
let leaving = false;

function mark(form) {
  if (!form?.matches(FORMS) || changed.has(form)) return;
  changed.add(form);
  form.dataset.changed = "";
  const places = [...form.querySelectorAll("[data-save-state]"), ...document.querySelectorAll(".mh-editbar [data-save-state]")];
  for (const place of places) place.textContent = t("Unsaved changes");
}

for (const kind of ["input", "change", "masthead:changed"]) {
  document.addEventListener(kind, (event) => {
    // What one looks for in a dialog or the picker is no change of the form.
    if (event.target.closest?.("dialog, [data-no-warn]")) return;
    mark(event.target.form ?? event.target.closest?.(FORMS));
  });
}

document.addEventListener("submit", (event) => {
  if (event.target.matches(FORMS) && !event.defaultPrevented) leaving = true;
});
addEventListener("pageshow", () => void (leaving = false));
addEventListener("beforeunload", (event) => {
  const open = [...document.querySelectorAll(FORMS)].some((form) => changed.has(form));
  if (open && !leaving) event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "s") return;
  const form = document.activeElement?.closest("form[data-warn-unsaved]") ?? document.querySelector(FORMS);
  if (!form || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  // Without a button of its own for saving, the first one is what Enter would press.
  const button = form.querySelector("[data-save]") ?? (form.id && document.querySelector(`[data-save][form="${form.id}"]`));
  const usual = [...form.elements].find((element) => element.type === "submit");
  form.requestSubmit(button || usual || undefined);
});
