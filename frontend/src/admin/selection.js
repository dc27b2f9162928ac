// Choosing rows of a list: all at once, a range with Shift, and a bar that says how many.
import { count, t } from "../shared/strings.js";

const rows = (list) => [...list.querySelectorAll("input[data-select]")];
let last = null;

/** Brings the bar, the marks of the rows and "select all" in line with the boxes. */
function refresh(list) {
  const boxes = rows(list);
  const chosen = boxes.filter((box) => box.checked);
  for (const box of boxes) box.closest("tr, .mh-tile, li")?.classList.toggle("is-selected", box.checked);
  for (const all of list.querySelectorAll("[data-select-all]")) {
    all.checked = boxes.length > 0 && chosen.length === boxes.length;
    all.indeterminate = chosen.length > 0 && !all.checked;
  }
  for (const bar of list.querySelectorAll("[data-bulk]")) bar.hidden = chosen.length === 0;
  const total = Number(list.dataset.total || boxes.length);
  for (const place of list.querySelectorAll("[data-bulk-count]")) {
    place.textContent = t("{count} of {total} selected", { count: count(chosen.length), total: count(total) });
  }
}

function setAll(list, checked) {
  for (const box of rows(list)) box.checked = checked;
  refresh(list);
}

for (const list of document.querySelectorAll("[data-selection]")) refresh(list);
// Boxes that the browser ticks again on "back" are ticked after this script.
addEventListener("pageshow", () => document.querySelectorAll("[data-selection]").forEach(refresh));

document.addEventListener("change", (event) => {
  const list = event.target.closest("[data-selection]");
  if (!list) return;
  if (event.target.matches("[data-select-all]")) setAll(list, event.target.checked);
  else if (event.target.matches("[data-select]")) refresh(list);
});

document.addEventListener("click", (event) => {
  const list = event.target.closest("[data-selection]");
  if (!list) return;
  if (event.target.closest("[data-bulk-clear]")) {
    event.preventDefault();
    setAll(list, false);
    return;
  }
  const box = event.target.closest("input[data-select]");
  if (!box) return;
  const boxes = rows(list);
  if (event.shiftKey && last && boxes.includes(last)) {
    const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
    for (const between of boxes.slice(from, to + 1)) between.checked = box.checked;
    refresh(list);
  }
  last = box;
});
