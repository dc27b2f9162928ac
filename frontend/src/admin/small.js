// Copying, messages, and a field that shows its password.
import { t } from "../shared/strings.js";

const SHOWN = 2000;

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
document.querySelector('.mh-note--error[role="alert"][tabindex="-1"]')?.focus();

// A toast stays until it was read: it goes by itself only when nobody points at it or is in it.
for (const toast of document.querySelectorAll(".mh-toast[data-autohide]")) {
  const wait = Number(toast.dataset.autohide) || 12000;
  const hide = () => (toast.matches(":hover, :focus-within") ? setTimeout(hide, wait) : toast.remove());
  setTimeout(hide, wait);
}
