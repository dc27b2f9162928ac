// Light, dark or as the system; and buttons that switch a class. Both are kept in cookies, so the server writes the page right.
import { recall, remember } from "../shared/cookies.js";

const COOKIE = "mh_appearance";
const root = document.documentElement;

function show(choice) {
  if (choice === "light" || choice === "dark") root.dataset.bsTheme = choice;
  else root.removeAttribute("data-bs-theme");
  for (const button of document.querySelectorAll("[data-appearance]")) button.setAttribute("aria-pressed", String(button.dataset.appearance === choice));
}

const kept = recall(COOKIE);
show(kept ?? root.dataset.bsTheme ?? "auto");

function toggle(button) {
  const { toggleClass, toggleOn, remember: cookie } = button.dataset;
  const targets = toggleOn ? document.querySelectorAll(toggleOn) : [root];
  const on = button.getAttribute("aria-pressed") !== "true";
  for (const target of targets) target.classList.toggle(toggleClass, on);
  for (const twin of document.querySelectorAll(`[data-toggle-class="${toggleClass}"]`)) twin.setAttribute("aria-pressed", String(on));
  if (cookie) remember(cookie, on ? "1" : null);
}

document.addEventListener("click", (event) => {
  const choice = event.target.closest("[data-appearance]");
  if (choice) {
    event.preventDefault();
    remember(COOKIE, choice.dataset.appearance === "auto" ? null : choice.dataset.appearance);
    show(choice.dataset.appearance);
  }
  const button = event.target.closest("[data-toggle-class]");
  if (button) toggle(button);
});

document.addEventListener("keydown", (event) => {
  // Escape leaves writing without distraction.
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  const calm = document.querySelector('[data-toggle-class="mh-frame--calm"][aria-pressed="true"]');
  if (calm) toggle(calm);
});
