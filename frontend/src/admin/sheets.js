// The drawer and the sheets open as :target of a plain link. With a script the focus goes in and stays, and Escape leaves.
const SHEETS = "#nav, #details, .mh-detail--sheet";
const FOCUSABLE = "a[href], button:not(:disabled), input:not(:disabled), select, textarea, summary";
let opener = null;

const current = () => {
  const target = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
  // On a wide window the same elements stand in the page: nothing to trap then.
  return target?.matches(SHEETS) && getComputedStyle(target).position === "fixed" ? target : null;
};

function leave() {
  // Not location.hash = "": that would scroll to the top and add to the history.
  const place = window.scrollY;
  location.replace("#main");
  history.replaceState(null, "", location.pathname + location.search);
  window.scrollTo(0, place);
  opener?.focus({ preventScroll: true });
  opener = null;
}

addEventListener("hashchange", () => {
  const sheet = current();
  if (!sheet) return;
  opener = document.activeElement?.closest("a") ?? opener;
  sheet.querySelector(FOCUSABLE)?.focus({ preventScroll: true });
});

document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#"]');
  if (link && !link.closest(SHEETS)) opener = link;
  const sheet = current();
  if (sheet && link && (link.matches(".mh-scrim") || (sheet.contains(link) && ["#", "#main"].includes(link.getAttribute("href"))))) {
    event.preventDefault();
    leave();
  }
});

document.addEventListener("keydown", (event) => {
  const sheet = current();
  if (!sheet || event.defaultPrevented) return;
  if (event.key === "Escape") {
    event.preventDefault();
    leave();
  } else if (event.key === "Tab") {
    const list = [...sheet.querySelectorAll(FOCUSABLE)].filter((element) => element.offsetParent !== null);
    const edge = event.shiftKey ? list[0] : list.at(-1);
    if (document.activeElement !== edge && sheet.contains(document.activeElement)) return;
    event.preventDefault();
    (event.shiftKey ? list.at(-1) : list[0])?.focus();
  }
});
