// The theme's script: small helps only. Everything on a public page works without it.

// Load an embed in place. Without a script the button is a link to the provider's page.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-embed-src]");
  const box = link?.closest(".embed");
  if (!box || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const frame = document.createElement("iframe");
  frame.src = link.dataset.embedSrc;
  frame.title = link.dataset.embedTitle || box.getAttribute("aria-label") || "";
  frame.allow = "fullscreen; encrypted-media; picture-in-picture";
  frame.allowFullscreen = true;
  frame.referrerPolicy = "strict-origin-when-cross-origin";
  box.replaceChildren(frame);
  box.classList.add("is-loaded");
  frame.focus();
});

// The switch for light and dark is a form; with a script it changes at once and tells the server behind the scenes.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const button = event.submitter;
  if (button?.name !== "theme" || form.method !== "post") return;
  event.preventDefault();
  const root = document.documentElement;
  const body = new FormData(form, button);
  if (button.value === "auto") root.removeAttribute("data-bs-theme");
  else root.dataset.bsTheme = button.value;
  for (const other of document.querySelectorAll(".theme-switch [name=theme]")) {
    other.setAttribute("aria-pressed", String(other.value === button.value));
  }
  fetch(form.action, { method: "POST", body, redirect: "manual", credentials: "same-origin" }).catch(() => form.submit());
});

// The contents in the margin say which section is being read.
const entries = new Map();
for (const link of document.querySelectorAll('.toc a[href^="#"]')) {
  const heading = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (heading) entries.set(heading, link);
}
if (entries.size && "IntersectionObserver" in window) {
  const mark = () => {
    const passed = [...entries.keys()].filter((heading) => heading.getBoundingClientRect().top < innerHeight / 3);
    const current = entries.get(passed.at(-1) ?? entries.keys().next().value);
    for (const link of entries.values()) link.toggleAttribute("aria-current", false);
    current.setAttribute("aria-current", "true");
  };
  const observer = new IntersectionObserver(mark, { rootMargin: "0px 0px -66% 0px" });
  for (const heading of entries.keys()) observer.observe(heading);
}
