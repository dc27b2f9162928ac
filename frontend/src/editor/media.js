// Media files: what is known of them, and the picker.
import { h, size } from "../shared/dom.js";
import { t } from "../shared/strings.js";
import { upload } from "../shared/upload.js";
import { isOwnPicture } from "./address.js";
import { dialog, icon } from "./ui.js";

/** Looks up media files by id in batches, remembers them, and tells views that wait. */
export class Library {
  constructor({ pickerUrl, uploadUrl, csrf }) {
    Object.assign(this, { pickerUrl, uploadUrl, csrf, known: new Map(), waiting: new Map() });
  }
  remember(item) {
    this.known.set(Number(item.id), item);
    return item;
  }
  /** Calls `found(item|null)` now or as soon as the file is known. */
  find(id, found) {
    if (this.known.has(id)) return found(this.known.get(id));
    if (!this.pickerUrl) return found(null);
    if (this.waiting.size === 0) queueMicrotask(() => this.fetchWaiting());
    this.waiting.set(id, [...(this.waiting.get(id) ?? []), found]);
  }
  async fetchWaiting() {
    const asked = new Map(this.waiting);
    this.waiting.clear();
    const answer = await this.query({ ids: [...asked.keys()].join(",") }).catch(() => ({ items: [] }));
    for (const item of answer.items ?? []) this.remember(item);
    for (const [id, listeners] of asked) {
      const item = this.known.get(id) ?? null;
      this.known.set(id, item);
      for (const listener of listeners) listener(item);
    }
  }
  async query(parameters) {
    const address = new URL(this.pickerUrl, location.href);
    for (const [name, value] of Object.entries(parameters)) if (value) address.searchParams.set(name, value);
    const answer = await fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    if (!answer.ok) throw new Error(t("The media could not be listed. Try again."));
    return answer.json();
  }
  async upload(file, options = {}) {
    const item = await upload(file, { url: this.uploadUrl, csrf: this.csrf, ...options });
    return this.remember({ bytes: file.size, mediaType: file.type, ...item });
  }
  /** The address to show a picture by, never one of another host. */
  pictureOf(item, src) {
    const address = item ? item.display || item.url || item.thumbnail : src;
    return isOwnPicture(address) ? address : null;
  }
}

/** The block for a media file of any kind. */
export function blockFor(item) {
  const id = Number(item.id);
  if (item.kind === "image") return { type: "image", attrs: { mediaId: id, alt: item.alt || null, width: item.width ?? null, height: item.height ?? null } };
  if (item.kind === "audio") return { type: "audio", attrs: { mediaId: id } };
  if (item.kind === "video") return { type: "video", attrs: { mediaId: id, width: item.width ?? null, height: item.height ?? null } };
  return { type: "file", attrs: { mediaId: id, name: item.filename || null, bytes: item.bytes ?? null, mediaType: item.mediaType ?? item.media_type ?? null } };
}

function tile(item, pressed, onclick) {
  const picture = item.thumbnail && isOwnPicture(item.thumbnail) ? h("span", { class: "mh-tile__pic" }, h("img", { src: item.thumbnail, alt: "", loading: "lazy" })) : h("span", { class: "mh-tile__pic mh-tile__pic--file" }, icon(item.kind === "audio" ? "file-audio" : item.kind === "video" ? "file-video" : "file-text"));
  const sub = item.kind === "image" && !item.alt ? h("span", { class: "mh-tile__sub mh-tile__sub--warn" }, t("No alt text yet")) : h("span", { class: "mh-tile__sub" }, item.width ? `${item.width} × ${item.height}` : "");
  return h("li", { class: "mh-tile" }, h("button", { type: "button", "aria-pressed": String(pressed), onclick }, picture, h("span", { class: "mh-tile__name" }, item.filename), sub));
}

const ACCEPT = { image: "image/*", audio: "audio/*", video: "video/*" };
const SEARCH_PAUSE = 250;

/** Lets somebody choose files: resolves with the items, or []. `kind` image|audio|video|document or "". */
export async function pick(library, { kind = "", many = false, title }) {
  const chosen = new Map();
  const grid = h("ul", { class: "mh-grid list-unstyled" });
  const status = h("p", { class: "mh-picker__empty", role: "status" });
  const more = h("button", { type: "button", class: "btn btn-secondary", hidden: true }, t("Show more"));
  const search = h("input", { type: "search", class: "form-control", placeholder: t("Name or alt text"), "aria-label": t("Search media"), autofocus: true });
  const input = h("input", { type: "file", hidden: true, multiple: many, accept: ACCEPT[kind] ?? null });
  const send = h("button", { type: "button", class: "btn btn-secondary", onclick: () => input.click() }, icon("upload"), t("Upload"));
  let handle = null;
  let cursor = null;
  let asked = 0;
  const choose = (item, button) => {
    if (!many) chosen.clear();
    if (chosen.has(item.id)) chosen.delete(item.id);
    else chosen.set(item.id, item);
    for (const other of grid.querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === button ? chosen.has(item.id) : many && other.getAttribute("aria-pressed") === "true"));
    if (!many) handle.finish("submit");
  };
  const add = (item, first) => {
    const element = tile(library.remember(item), chosen.has(item.id), (event) => choose(item, event.currentTarget));
    first ? grid.prepend(element) : grid.append(element);
    return element;
  };
  const load = async (fresh) => {
    const turn = ++asked;
    if (fresh) cursor = null;
    try {
      const answer = await library.query({ q: search.value.trim(), kind, cursor });
      if (turn !== asked) return;
      if (fresh) grid.replaceChildren();
      for (const item of answer.items) add(item);
      cursor = answer.next ?? null;
      more.hidden = !cursor;
      status.textContent = grid.childElementCount ? "" : search.value ? t("Nothing has this name.") : t("Nothing here yet. Upload the first one.");
    } catch (error) {
      status.textContent = error.message;
    }
  };
  let timer;
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => load(true), SEARCH_PAUSE);
  });
  search.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  more.addEventListener("click", () => load(false));
  const take = async (files) => {
    for (const file of files) {
      status.textContent = t("Uploading {name}…", { name: file.name });
      try {
        const item = await library.upload(file, { progress: (sent, total) => void (status.textContent = t("Uploading {name}: {sent} of {total}", { name: file.name, sent: size(sent), total: size(total) })) });
        status.textContent = "";
        choose(item, add(item, true).querySelector("button"));
      } catch (error) {
        status.textContent = `${file.name}: ${error.message}`;
      }
    }
  };
  input.addEventListener("change", () => take([...input.files]));
  const result = await dialog({
    title: title ?? t("Choose from the media"), wide: true, submit: many ? t("Insert") : null,
    check: () => (chosen.size ? null : t("Choose at least one.")),
    body: h("div", { class: "mh-picker" }, h("div", { class: "mh-picker__tools" }, h("div", { class: "mh-search" }, icon("search"), search), send, input), grid, status, h("div", { class: "mh-picker__more" }, more)),
    ready: (opened) => {
      handle = opened;
      load(true);
    },
  });
  return result ? [...chosen.values()] : [];
}
