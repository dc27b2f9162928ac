// Choosing rows of a list: all at once, a range with Shift, and a bar that says how many.
import { count, t } from "../shared/strings.js";

const LIST = "form[data-bulk]";
const rows = (list) => [...list.querySelectorAll('tbody input[type="checkbox"], .mh-tile input[type="checkbox"]')];
let last = null;

/** Brings the bar, the marks of the rows and "select all" in line with the boxes. */
function refresh(list) {
  const boxes = rows(list);
  const chosen = boxes.filter((box) => box.checked);
  for (const box of boxes) box.closest("tr, .mh-tile")?.classList.toggle("is-selected", box.checked);
  for (const all of list.querySelectorAll("[data-bulk-all]")) {
    all.checked = boxes.length > 0 && chosen.length === boxes.length;
    all.indeterminate = chosen.length > 0 && !all.checked;
  }
  const every = list.querySelector("[data-bulk-every]");
  if (every && chosen.length < boxes.length) every.checked = false;
  for (const bar of list.querySelectorAll("[data-bulk-bar]")) bar.hidden = chosen.length === 0;
  list.querySelector(".mh-table")?.classList.toggle("mh-table--under-bulk", chosen.length > 0);
  // "All that match" is offered once every row shown is ticked, and only if there are more of them.
  const total = Number(list.dataset.total || 0);
  const label = every?.closest(".mh-bulk__every");
  const more = total ? total > boxes.length : Boolean(document.querySelector(".mh-pager a[rel]"));
  if (label) label.hidden = !more || chosen.length < boxes.length;
  for (const place of list.querySelectorAll("[data-bulk-count]")) {
    const number = every?.checked && total ? total : chosen.length;
    place.textContent = total ? t("{count} of {total} selected", { count: count(number), total: count(total) }) : t("{count} selected", { count: count(number) });
  }
}

function setAll(list, checked) {
  for (const box of rows(list)) box.checked = checked;
  refresh(list);
}

const refreshAll = () => document.querySelectorAll(LIST).forEach(refresh);
refreshAll();
// Boxes that the browser ticks again on "back" are ticked after this script.
addEventListener("pageshow", refreshAll);

document.addEventListener("change", (event) => {
  const list = event.target.closest(LIST);
  if (!list) return;
  if (event.target.matches("[data-bulk-all]")) setAll(list, event.target.checked);
  else if (event.target.matches('[type="checkbox"]')) refresh(list);
});

// A reset changes the boxes after its event.
document.addEventListener("reset", (event) => event.target.matches(LIST) && setTimeout(() => setAll(event.target, false)));

document.addEventListener("click", (event) => {
  const list = event.target.closest(LIST);
  const box = event.target.closest('input[type="checkbox"]');
  const boxes = list ? rows(list) : [];
  if (!boxes.includes(box)) return;
  if (event.shiftKey && boxes.includes(last)) {
    const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
    for (const between of boxes.slice(from, to + 1)) between.checked = box.checked;
    refresh(list);
  }
  last = box;
});
