// The link dialog: an address, or words to find an entry by.
import { h } from "../shared/dom.js";
import { t } from "../shared/strings.js";
import { completeAddress, looksLikeAddress, safeAddress } from "./address.js";
import { linkAt } from "./marks.js";
import { dialog, field } from "./ui.js";

const PAUSE = 200;

/** A list of entries under the address field; choosing one fills it. */
function entrySearch(input, url, choose) {
  const list = h("ul", { class: "mh-choices list-unstyled", "aria-label": t("Entries with this name") });
  let timer;
  let turn = 0;
  const show = (items) => list.replaceChildren(...items.map((item) => h("li", {}, h("button", { type: "button", onclick: () => choose(item) }, item.title, h("small", {}, item.url || t("not published yet"))))));
  input.addEventListener("input", () => {
    clearTimeout(timer);
    const words = input.value.trim();
    const mine = ++turn;
    if (words.length < 2 || looksLikeAddress(words)) return show([]);
    timer = setTimeout(async () => {
      const address = new URL(url, location.href);
      address.searchParams.set("q", words);
      const answer = await fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin" }).catch(() => null);
      const found = answer?.ok ? await answer.json() : [];
      const items = (Array.isArray(found) ? found : (found.items ?? [])).map((item) => ({ title: item.title, url: item.url ?? item.address, entryId: item.entryId ?? item.id }));
      if (mine === turn) show(items);
    }, PAUSE);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" || !list.firstElementChild) return;
    event.preventDefault();
    list.querySelector("button").focus();
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const buttons = [...list.querySelectorAll("button")];
    (buttons[buttons.indexOf(document.activeElement) + step] ?? input).focus();
  });
  return list;
}

/** Opens the dialog for the link at the selection, or for a new one. */
export async function editLink({ editor, linkUrl }) {
  const old = linkAt(editor.state);
  const { from, to, empty } = editor.state.selection;
  let entry = old?.attrs.entryId ? { entryId: old.attrs.entryId, url: old.attrs.href ?? "" } : null;
  const mediaId = old?.attrs.mediaId ?? null;
  const shown = old?.attrs.href ?? (entry ? `cms:entry/${entry.entryId}` : mediaId ? `cms:media/${mediaId}` : "");
  const address = field({ name: "href", label: linkUrl ? t("Address, or the title of an entry") : t("Address"), value: shown, placeholder: "https://" });
  const input = address.querySelector("input");
  input.setAttribute("autofocus", "");
  if (linkUrl) {
    address.append(entrySearch(input, linkUrl, (item) => {
      entry = { entryId: item.entryId ?? null, url: item.url || `cms:entry/${item.entryId}`, title: item.title };
      input.value = item.url || `cms:entry/${item.entryId}`;
      address.querySelector("ul").replaceChildren();
      input.focus();
    }));
  }
  const title = field({ name: "title", label: t("Title"), value: old?.attrs.title, help: t("Optional: shown when the pointer rests on the link.") });
  const tab = field({ name: "blank", kind: "check", label: t("Open in a new tab"), value: old?.attrs.target === "_blank" });
  const check = ({ href }) => (safeAddress(completeAddress(href)) ? null : t("This is no address that a link may lead to."));
  const answer = await dialog({ title: old ? t("Link") : t("New link"), body: [address, title, tab], submit: t("Done"), check, extra: old ? [{ label: t("Remove the link"), value: "remove" }] : [] });
  editor.view.focus();
  if (!answer) return;
  const range = old ?? { from, to };
  const type = editor.state.schema.marks.link;
  const tr = editor.state.tr.removeMark(range.from, range.to, type);
  if (answer.action === "submit") {
    const typed = answer.values.href.trim();
    const kept = entry && (typed === entry.url || typed === shown);
    const attrs = {
      ...(old?.attrs ?? {}),
      href: kept && entry.entryId ? null : mediaId && typed === shown ? old.attrs.href : safeAddress(completeAddress(typed)),
      entryId: kept ? entry.entryId : null,
      mediaId: mediaId && typed === shown ? mediaId : null,
      title: answer.values.title.trim() || null,
      target: answer.values.blank ? "_blank" : null,
    };
    const words = (kept && entry.title) || typed;
    if (empty && !old) tr.insertText(words, range.from);
    tr.addMark(range.from, empty && !old ? range.from + words.length : range.to, type.create(attrs)).removeStoredMark(type);
  }
  editor.view.dispatch(tr);
}
