// Ctrl-K and "/" go to the search; a single letter clicks the element that names it in data-key.
const typing = (target) => target.isContentEditable || target.matches?.("input:not([type=checkbox], [type=radio]), textarea, select");

function search() {
  const field = [...document.querySelectorAll("[data-find], .mh-search input")].find((element) => element.offsetParent !== null);
  field?.focus();
  field?.select?.();
  return Boolean(field);
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || document.querySelector("dialog[open]")) return;
  const command = event.ctrlKey || event.metaKey;
  if (command && event.key.toLowerCase() === "k" && !event.target.isContentEditable) {
    if (search()) event.preventDefault();
    return;
  }
  if (command || typing(event.target) || event.key.length !== 1) return;
  if (event.key === "/") {
    if (search()) event.preventDefault();
    return;
  }
  const target = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (target && !event.repeat) {
    event.preventDefault();
    target.click();
  }
});
