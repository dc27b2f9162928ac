// Files dropped, pasted or chosen on the media page go up one after the other, with progress and with words when one is refused.
//
//   <form class="mh-drop" data-drop data-upload-url="…" data-csrf="…" data-max-bytes="…">… <input type="file" multiple> …</form>
//   <ul class="mh-uploads" data-uploads hidden></ul>
//   <a href="#upload" data-upload-button>Upload</a>
//
// Without a script the form is sent as it is. When all files arrived the page is loaded again.
import { h, size } from "../shared/dom.js";
import { t } from "../shared/strings.js";
import { upload } from "../shared/upload.js";
import { sprite } from "./sprite.js";

/** Sends one file and shows it as a row; resolves with whether it arrived. */
async function send(zone, list, file) {
  const stop = new AbortController();
  const started = performance.now();
  const progress = h("progress", { class: "mh-progress", max: 100, value: 0, "aria-label": file.name });
  const state = h("span", { class: "mh-uploads__state", role: "status" }, size(file.size));
  const button = h("button", { type: "button", class: "mh-iconbtn mh-iconbtn--sm", "aria-label": t("Stop {name}", { name: file.name }), onclick: () => stop.abort() }, sprite("x", "×"));
  const row = h("li", {}, h("span", { class: "mh-uploads__name" }, file.name), progress, state, button);
  list.append(row);
  try {
    const most = Number(zone.dataset.maxBytes || 0);
    if (most && file.size > most) throw new Error(t("Not taken: it has {size}, the most is {most}.", { size: size(file.size), most: size(most) }));
    await upload(file, {
      url: zone.dataset.uploadUrl, csrf: zone.dataset.csrf, signal: stop.signal,
      progress: (sent, total) => {
        progress.value = (100 * sent) / total;
        const left = Math.ceil((((performance.now() - started) / Math.max(sent, 1)) * (total - sent)) / 1000);
        state.textContent = left > 1 ? t("{sent} of {total}, {seconds} s left", { sent: size(sent), total: size(total), seconds: left }) : t("{sent} of {total}", { sent: size(sent), total: size(total) });
      },
    });
    row.remove();
    return true;
  } catch (error) {
    if (error.name === "AbortError") {
      row.remove();
      return true;
    }
    row.classList.add("is-error");
    progress.remove();
    state.setAttribute("role", "alert");
    state.textContent = error.message;
    button.setAttribute("aria-label", t("Dismiss {name}", { name: file.name }));
    button.onclick = () => row.remove();
    return false;
  }
}

async function take(zone, files) {
  const list = document.querySelector("[data-uploads]") ?? zone.parentElement.appendChild(h("ul", { class: "mh-uploads", "aria-label": t("Uploads") }));
  list.hidden = false;
  let arrived = 0;
  let refused = 0;
  for (const file of files) (await send(zone, list, file)) ? (arrived += 1) : (refused += 1);
  zone.dispatchEvent(new CustomEvent("masthead:uploaded", { bubbles: true, detail: { arrived, refused } }));
  if (!arrived) return;
  if (!refused) location.reload();
  else list.append(h("li", {}, h("a", { class: "mh-link", href: location.href }, t("Show the new files"))));
}

const zoneOf = (event) => event.target.closest?.("[data-drop]") ?? document.querySelector("[data-drop]");
const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

for (const kind of ["dragenter", "dragover"]) {
  document.addEventListener(kind, (event) => {
    const zone = carriesFiles(event) && zoneOf(event);
    if (!zone) return;
    event.preventDefault();
    zone.classList.add("is-over");
  });
}
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) document.querySelector("[data-drop]")?.classList.remove("is-over");
});
document.addEventListener("drop", (event) => {
  const zone = carriesFiles(event) && !event.defaultPrevented && zoneOf(event);
  if (!zone) return;
  event.preventDefault();
  zone.classList.remove("is-over");
  take(zone, [...event.dataTransfer.files]);
});
document.addEventListener("paste", (event) => {
  const zone = document.querySelector("[data-drop]");
  const files = [...(event.clipboardData?.files ?? [])];
  if (!zone || !files.length || event.defaultPrevented || event.target.closest?.("input, textarea, [contenteditable=true]")) return;
  take(zone, files);
});
document.addEventListener("change", (event) => {
  const zone = event.target.matches('input[type="file"]') && event.target.closest("[data-drop]");
  if (!zone) return;
  take(zone, [...event.target.files]);
  event.target.value = "";
});
document.addEventListener("click", (event) => {
  const input = event.target.closest("[data-upload-button]") && document.querySelector('[data-drop] input[type="file"]');
  if (!input) return;
  event.preventDefault();
  input.click();
});
