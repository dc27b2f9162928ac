// The editor of the edit page. It mounts on
//
//   <div data-editor data-source="#body-json" data-upload-url="…" data-picker-url="…" data-link-url="…"
//        data-fallback="#body-markdown" data-csrf="…" data-may-edit-raw="0|1" data-direction="ltr|rtl" data-language="…" data-label="…"
//        data-media="#media-json"></div>
//   <textarea id="body-json" name="body_json" hidden>{"type":"doc",…}</textarea>
//   <div class="mh-no-js" data-markdown><label …>…</label><textarea id="body-markdown" name="body_markdown">…</textarea></div>
//
// The JSON is mirrored into the first textarea after every change and whenever the form's data are read. The Markdown textarea is
// taken out of the form once the editor stands; if the editor cannot hold the document unchanged, it is the other way round.
// Events: `masthead:changed` (bubbles) after a change, `masthead:ready` once. `masthead:load` sent to the first textarea puts its
// text into the editor, or is cancelled where the editor cannot hold it unchanged. Counts go into [data-word-count].
import { Editor, Extension } from "@tiptap/core";
import { ListKeymap } from "@tiptap/extension-list";
import { Dropcursor, Gapcursor, Placeholder, UndoRedo } from "@tiptap/extensions";
import { h } from "../shared/dom.js";
import { count, t } from "../shared/strings.js";
import { isOwnPicture, safeAddress } from "./address.js";
import { chosenPlugin, makeBlockbar } from "./blockbar.js";
import { readDocument, toJSON } from "./document.js";
import { BlockIds, nameBlocks } from "./ids.js";
import { BlockKeys, paragraphAfter } from "./keys.js";
import { editLink } from "./link.js";
import { Library } from "./media.js";
import { cleanPaste, picturesIn } from "./paste.js";
import { contentExtensions, makeSchema } from "./schema.js";
import { slashPlugin } from "./slash.js";
import { makeToolbar } from "./toolbar.js";
import { icon } from "./ui.js";
import { uploadInto, uploadPlugin } from "./uploads.js";
import { withViews } from "./views.js";

const MIRROR_PAUSE = 250;

function placeholderOf({ node, editor }) {
  if (node.type.name === "paragraph") return editor.isEmpty ? t("Write, or type / for a block") : "";
  const words = { heading: t("Heading"), detailsSummary: t("Question or title"), definitionTerm: t("Term"), verse: t("First line"), button: t("Words on the button"), codeBlock: "" };
  return words[node.type.name] ?? "";
}

/** Words of the text in any language. */
function countWords(doc, lang) {
  const text = doc.textBetween(0, doc.content.size, "\n", " ");
  if (!Intl.Segmenter) return (text.match(/\S+/g) ?? []).length;
  let words = 0;
  for (const segment of new Intl.Segmenter(lang || undefined, { granularity: "word" }).segment(text)) words += segment.isWordLike ? 1 : 0;
  return words;
}

/** Plugins and keys that need to know the page. */
const pageExtension = (context) =>
  Extension.create({
    name: "page",
    addProseMirrorPlugins: () => [uploadPlugin(), chosenPlugin(), slashPlugin(() => context)],
    addKeyboardShortcuts: () => ({
      "Mod-k": () => {
        editLink(context);
        return true;
      },
    }),
  });

const files = (transfer) => [...(transfer?.files ?? [])];

function editorProps(context, host) {
  const { language: lang, direction, label } = host.dataset;
  return {
    attributes: {
      class: "mh-prose", role: "textbox", "aria-multiline": "true", "aria-label": label || t("Text"), id: context.proseId,
      ...(lang ? { lang } : {}), ...(direction ? { dir: direction } : {}),
    },
    transformPastedHTML: (html) => cleanPaste(html, isOwnPicture),
    handlePaste(view, event) {
      const taken = files(event.clipboardData);
      const html = event.clipboardData?.getData("text/html") ?? "";
      // Word and spreadsheets add a picture of the copied text: the text is what is meant.
      const meant = taken.length && !/<(p|table|span|h\d)\b/i.test(html) ? taken : picturesIn(html);
      if (meant.length) uploadInto(context.editor, context.library, meant, view.state.selection.to);
      if (taken.length && meant === taken) return true;
      const text = event.clipboardData?.getData("text/plain").trim() ?? "";
      if (/^https?:\/\/\S+$/.test(text) && !view.state.selection.empty && safeAddress(text)) {
        return context.editor.commands.setMark("link", { href: text });
      }
      return false;
    },
    handleDrop(view, event, slice, moved) {
      const taken = files(event.dataTransfer);
      if (moved || !taken.length) return false;
      event.preventDefault();
      uploadInto(context.editor, context.library, taken, view.posAtCoords({ left: event.clientX, top: event.clientY })?.pos ?? view.state.doc.content.size);
      return true;
    },
  };
}

/** Keeps the hidden textarea equal to the text; returns mirror(). */
function mirrorInto(context, source) {
  const { editor } = context;
  // Until something changes, what the server sent is sent back letter by letter.
  let changed = false;
  let timer;
  const write = () => {
    clearTimeout(timer);
    if (changed) source.value = JSON.stringify(toJSON(editor.state.doc));
  };
  editor.on("update", () => {
    changed = true;
    clearTimeout(timer);
    timer = setTimeout(() => {
      write();
      source.dispatchEvent(new CustomEvent("masthead:changed", { bubbles: true }));
    }, MIRROR_PAUSE);
  });
  const form = source.form;
  form?.addEventListener("submit", write, { capture: true });
  form?.addEventListener("formdata", (event) => {
    write();
    if (source.name && event.formData.has(source.name)) event.formData.set(source.name, source.value);
  });
  return write;
}

function showCount({ editor }, lang) {
  const places = document.querySelectorAll("[data-word-count]");
  if (!places.length) return;
  let timer;
  const show = () => {
    const words = countWords(editor.state.doc, lang);
    for (const place of places) place.textContent = words === 1 ? t("1 word") : t("{count} words", { count: count(words) });
  };
  editor.on("update", () => {
    clearTimeout(timer);
    timer = setTimeout(show, MIRROR_PAUSE);
  });
  show();
}

function addLine(context) {
  const { editor } = context;
  const line = h("button", { type: "button", class: "mh-addblock" }, icon("plus"), t("Write on, or type / for a block"));
  line.addEventListener("click", () => {
    const { doc } = editor.state;
    const notes = doc.lastChild.type.name === "footnotes";
    const end = doc.content.size - (notes ? doc.lastChild.nodeSize : 0);
    const last = notes ? doc.maybeChild(doc.childCount - 2) : doc.lastChild;
    if (last?.type.name === "paragraph" && last.content.size === 0) editor.commands.focus(end - 1);
    else paragraphAfter(editor, end);
    editor.view.focus();
  });
  return line;
}

/** The Markdown field: taken out of the form while the editor stands, shown and sent when it cannot. */
function markdownOf(host, source) {
  const field = (host.dataset.fallback && document.querySelector(host.dataset.fallback)) ?? source?.form?.querySelector('textarea[name="body_markdown"]');
  const part = field?.closest("[data-markdown]") ?? field;
  return {
    hide() {
      if (!field) return;
      field.disabled = true;
      part.hidden = true;
    },
    show() {
      if (!field) return;
      field.disabled = false;
      part.hidden = false;
      part.classList.remove("mh-no-js");
    },
  };
}

function fallBack(host, source, markdown, problem) {
  if (source) source.disabled = true;
  markdown.show();
  host.replaceChildren(
    h("div", { class: "mh-note mh-note--warn mt-4", role: "status" }, icon("triangle-alert"), h("div", {}, t("The editor cannot show this text unchanged ({problem}). It is open as Markdown instead; nothing is lost.", { problem }))),
  );
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function mount(host) {
  const source = document.querySelector(host.dataset.source);
  const markdown = markdownOf(host, source);
  const read = readDocument(makeSchema(), source.value.trim() ? parse(source.value) : { type: "doc" });
  if (!read.doc) return fallBack(host, source, markdown, read.problem);

  const library = new Library({ pickerUrl: host.dataset.pickerUrl, uploadUrl: host.dataset.uploadUrl, csrf: host.dataset.csrf });
  for (const item of parse(document.querySelector(host.dataset.media || null)?.textContent ?? "[]") ?? []) library.remember(item);
  const paper = h("div", { class: "mh-editor" });
  const sheet = host.closest(".mh-sheet");
  const toolbar = document.querySelector("[data-editor-toolbar]") ?? h("div", { class: "mh-toolbar" });
  if (!toolbar.isConnected) sheet ? sheet.prepend(toolbar) : host.before(toolbar);
  const context = { library, linkUrl: host.dataset.linkUrl, mayEditRaw: host.dataset.mayEditRaw === "1", paper, toolbar, proseId: "mh-text" };
  host.classList.remove("mh-prose");
  host.replaceChildren(paper);
  const editor = new Editor({
    element: paper,
    injectCSS: false,
    content: read.doc,
    enableContentCheck: false,
    extensions: [
      ...withViews(contentExtensions, library), BlockIds, BlockKeys, ListKeymap, UndoRedo, Gapcursor, Dropcursor.configure({ class: "mh-dropcursor", color: false, width: 2 }),
      Placeholder.configure({ placeholder: placeholderOf, showOnlyCurrent: false, includeChildren: true }), pageExtension(context),
    ],
    editorProps: editorProps(context, host),
  });
  context.editor = editor;
  host.mastheadEditor = editor;
  const naming = nameBlocks(editor.state);
  if (naming) editor.view.dispatch(naming.setMeta("preventUpdate", true));
  host.append(addLine(context));
  const bar = makeToolbar(context);
  const blockbar = makeBlockbar(context);
  let frame = 0;
  const refresh = () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => {
      bar.refresh();
      blockbar();
    });
  };
  editor.on("transaction", refresh);
  editor.on("focus", refresh);
  editor.on("blur", () => setTimeout(refresh, 200));
  new ResizeObserver(refresh).observe(paper);
  mirrorInto(context, source);
  source.addEventListener("masthead:load", (event) => {
    const loaded = readDocument(makeSchema(), parse(source.value));
    if (loaded.doc) editor.commands.setContent(loaded.doc, { emitUpdate: true });
    else event.preventDefault();
  });
  showCount(context, host.dataset.language);
  markdown.hide();
  host.classList.add("is-ready");
  host.dispatchEvent(new CustomEvent("masthead:ready", { bubbles: true }));
}

for (const host of document.querySelectorAll("[data-editor]")) {
  try {
    mount(host);
  } catch (error) {
    // Whatever goes wrong, the Markdown field is there and holds the whole text.
    console.error(error);
    const source = document.querySelector(host.dataset.source);
    fallBack(host, source, markdownOf(host, source), error.message);
  }
}
