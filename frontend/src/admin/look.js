// Light or dark, navigation folded, rows close together: forms that the server answers with the whole page in the new look.
// Here they are sent behind the scenes and only the look is taken over, so that nothing typed is lost.
const FRAME = ".mh-frame";

/** Takes the look of `fresh`, another copy of this page. */
function adopt(fresh, form) {
  const theme = fresh.documentElement.dataset.bsTheme;
  if (theme) document.documentElement.dataset.bsTheme = theme;
  else document.documentElement.removeAttribute("data-bs-theme");
  const folded = fresh.querySelector(FRAME)?.classList.contains("mh-frame--folded");
  if (folded !== undefined) document.querySelector(FRAME)?.classList.toggle("mh-frame--folded", folded);
  const compact = fresh.querySelector(".mh-table")?.classList.contains("mh-table--compact");
  if (compact !== undefined) for (const table of document.querySelectorAll(".mh-table")) table.classList.toggle("mh-table--compact", compact);
  for (const name of ["data-appearance", "data-fold", "data-density"]) {
    const now = form.querySelector(`[${name}]`) ?? document.querySelector(`[${name}][form="${form.id}"]`);
    const next = fresh.querySelector(`[${name}]`);
    if (!now || !next) continue;
    const focused = now === document.activeElement;
    const taken = document.importNode(next, true);
    now.replaceWith(taken);
    if (focused) taken.focus();
  }
}

/** Sends a form and resolves with the page that answers. The request parses it: Trusted Types let no text become a page. */
function pageFor(form, submitter) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.responseType = "document";
    request.addEventListener("load", () => (request.status < 400 && request.response ? resolve(request.response) : reject(new Error(String(request.status)))));
    request.addEventListener("error", () => reject(new Error("offline")));
    request.send(new FormData(form, submitter));
  });
}

document.addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  if (!submitter?.matches("[data-appearance], [data-fold], [data-density]")) return;
  event.preventDefault();
  try {
    adopt(await pageFor(form, submitter), form);
  } catch {
    // The plain way: the browser sends the form and shows the answer.
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: submitter.name, value: submitter.value }));
    form.submit();
  }
});

const CALM = "mh-frame--calm";
function calm(on) {
  document.querySelector(FRAME)?.classList.toggle(CALM, on);
  for (const button of document.querySelectorAll("[data-calm]")) button.setAttribute("aria-pressed", String(on));
}
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-calm]")) calm(!document.querySelector(FRAME)?.classList.contains(CALM));
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open], :popover-open") && document.querySelector(`.${CALM}`)) calm(false);
});
