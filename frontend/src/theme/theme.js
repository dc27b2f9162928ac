// The theme's script: small helps only. Everything on a public page works without it.

// Load an embed in place. Without a script the button is a link to the provider's page.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-frame]");
  const box = link?.closest(".embed");
  if (!box || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const frame = document.createElement("iframe");
  frame.src = link.dataset.frame;
  frame.title = box.dataset.title || box.getAttribute("aria-label") || "";
  frame.allow = "fullscreen; encrypted-media; picture-in-picture";
  frame.allowFullscreen = true;
  frame.referrerPolicy = "strict-origin-when-cross-origin";
  box.replaceChildren(frame);
  box.classList.add("is-loaded");
  frame.focus();
});

// The switch for light and dark is a form; with a script it is sent behind the scenes and only the style sheet comes again,
// so one stays where one was reading. Pages are alike for everybody: the choice is in that sheet alone.
document.addEventListener("submit", async (event) => {
  const { target: form, submitter: button } = event;
  const sheet = document.querySelector('link[rel="stylesheet"][href*="/appearance.css"]');
  if (button?.name !== "theme" || !sheet) return;
  event.preventDefault();
  try {
    await fetch(form.action, { method: "POST", body: new FormData(form, button), redirect: "manual", credentials: "same-origin" });
    const fresh = sheet.cloneNode();
    const address = new URL(sheet.href);
    address.searchParams.set("at", Date.now());
    fresh.href = address.href;
    fresh.addEventListener("load", () => {
      sheet.remove();
      // The pressed button of the nameplate gives way to its twin.
      if (!button.offsetParent) [...form.querySelectorAll("button")].find((other) => other.offsetParent)?.focus();
    });
    sheet.after(fresh);
  } catch {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "theme", value: button.value }));
    form.submit();
  }
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
