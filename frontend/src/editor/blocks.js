// What can be put into a text, and what can be said about a chosen block.
import { NodeSelection, TextSelection } from "@tiptap/pm/state";
import { t } from "../shared/strings.js";
import { completeAddress, safeAddress } from "./address.js";
import { newId } from "./ids.js";
import { blockFor, pick } from "./media.js";
import { newTable, tableCommands } from "./table-nodes.js";
import { dialog, field } from "./ui.js";
import { uploadInto } from "./uploads.js";

const paragraph = { type: "paragraph" };

/** Inserts a block after the one with the cursor (or instead of an empty paragraph) and puts the cursor into it. */
export function insertBlock(editor, json) {
  const { state } = editor;
  const { $to } = state.selection;
  const node = state.schema.nodeFromJSON(json);
  let depth = $to.depth;
  while (depth > 0 && !$to.node(depth - 1).canReplaceWith($to.indexAfter(depth - 1), $to.indexAfter(depth - 1), node.type)) depth -= 1;
  const here = depth > 0 ? $to.node(depth) : null;
  const gives = here?.type.name === "paragraph" && here.content.size === 0;
  const from = depth === 0 ? $to.pos : gives ? $to.before(depth) : $to.after(depth);
  const tr = state.tr.replaceWith(from, gives ? $to.after(depth) : from, node);
  const inside = tr.doc.nodeAt(from);
  if (inside.type.spec.atom || inside.type.name === "horizontalRule") {
    const after = from + inside.nodeSize;
    if (!tr.doc.nodeAt(after)) tr.insert(after, state.schema.nodes.paragraph.create());
    tr.setSelection(TextSelection.near(tr.doc.resolve(after), 1));
  } else {
    tr.setSelection(TextSelection.near(tr.doc.resolve(from + 1), 1));
  }
  editor.view.dispatch(tr.scrollIntoView());
  editor.view.focus();
}

function insertFootnote(editor) {
  const { state } = editor;
  const { schema } = state;
  const id = newId();
  const tr = state.tr.replaceSelectionWith(schema.nodes.footnoteRef.create({ id }), false);
  const last = tr.doc.lastChild;
  const footnote = schema.nodes.footnote.create({ id }, schema.nodes.paragraph.create());
  if (last.type.name === "footnotes") tr.insert(tr.doc.content.size - 1, footnote);
  else tr.insert(tr.doc.content.size, schema.nodes.footnotes.create(null, footnote));
  tr.setSelection(TextSelection.near(tr.doc.resolve(tr.doc.content.size - 3), -1));
  editor.view.dispatch(tr.scrollIntoView());
  editor.view.focus();
}

/** Chooses media of a kind and inserts them; without a picker, straight from this machine. */
export async function insertMedia(context, kind, title) {
  const { editor, library } = context;
  if (!library.pickerUrl) return chooseFile(context, kind);
  const items = await pick(library, { kind, title, many: true });
  for (const item of items) insertBlock(editor, blockFor(item));
  editor.view.focus();
}

function chooseFile({ editor, library }, kind) {
  const input = document.createElement("input");
  Object.assign(input, { type: "file", multiple: true, accept: kind === "document" || !kind ? "" : `${kind}/*` });
  input.addEventListener("change", () => uploadInto(editor, library, [...input.files], editor.state.selection.to));
  input.click();
}

async function insertGallery({ editor, library }) {
  const items = await pick(library, { kind: "image", many: true, title: t("Pictures of the gallery") });
  const images = items.filter((item) => item.kind === "image").map(blockFor);
  if (images.length) insertBlock(editor, { type: "gallery", content: images });
}

const EMBED = () => [
  field({ name: "url", label: t("Address of the page"), kind: "url", required: true, help: t("A film, a sound or a post on a service this site knows. Readers load it with a click.") }),
  field({ name: "title", label: t("What it shows") }),
];
async function insertEmbed({ editor }) {
  const check = ({ url }) => (/^https?:\/\/[^/]+\.[^/]+/.test(completeAddress(url)) ? null : t("An address starts with https://."));
  const answer = await dialog({ title: t("Embed"), body: EMBED(), submit: t("Insert"), check });
  if (answer) insertBlock(editor, { type: "embed", attrs: { url: completeAddress(answer.values.url), title: answer.values.title.trim() || null } });
}

const wrap = (type, attrs, content = [paragraph]) => ({ type, ...(attrs ? { attrs } : {}), content });

/** All blocks of the + menu and of "/": {label, icon, words to find it by, run(context)}. */
export function insertables(context) {
  const put = (json) => () => insertBlock(context.editor, json);
  const { editor } = context;
  const groups = [
    {
      title: t("Media"),
      items: [
        { label: t("Picture"), icon: "image-plus", words: "image photo", run: () => insertMedia(context, "image", t("Choose a picture")) },
        { label: t("Gallery"), icon: "images", words: "pictures", run: () => insertGallery(context), disabled: !context.library.pickerUrl },
        { label: t("Audio"), icon: "music", words: "sound podcast", run: () => insertMedia(context, "audio", t("Choose a sound")) },
        { label: t("Video"), icon: "video", words: "film", run: () => insertMedia(context, "video", t("Choose a video")) },
        { label: t("File"), icon: "file-text", words: "pdf download document", run: () => insertMedia(context, "document", t("Choose a file")) },
        { label: t("Embed"), icon: "square-mouse-pointer", words: "youtube vimeo", run: () => insertEmbed(context) },
      ],
    },
    {
      title: t("Text"),
      items: [
        { label: t("Table"), icon: "table", words: "grid", run: put(newTable(3, 3)) },
        { label: t("Task list"), icon: "list-checks", words: "todo check", run: () => editor.chain().focus().toggleTaskList().run() },
        { label: t("Definition list"), icon: "book-open", words: "glossary terms", run: put({ type: "definitionList", content: [{ type: "definitionTerm" }, wrap("definitionDescription")] }) },
        { label: t("Quote"), icon: "quote", words: "blockquote", run: () => editor.chain().focus().toggleBlockquote().run() },
        { label: t("Verse"), icon: "feather", words: "poem", run: put({ type: "verse" }) },
        { label: t("Code"), icon: "code", words: "pre program", run: put({ type: "codeBlock" }) },
        { label: t("Callout"), icon: "info", words: "note tip warning box", run: put(wrap("callout", { kind: "note" })) },
        { label: t("Columns"), icon: "columns-2", words: "side by side", run: put({ type: "columns", content: [wrap("column"), wrap("column")] }) },
        { label: t("Fold"), icon: "list-collapse", words: "details accordion question", run: put({ type: "details", content: [{ type: "detailsSummary" }, wrap("detailsContent")] }) },
        { label: t("Button"), icon: "rectangle-horizontal", words: "call to action link", run: () => (insertBlock(editor, { type: "button" }), editBlock(context)) },
        { label: t("Footnote"), icon: "asterisk", words: "note reference", run: () => insertFootnote(editor) },
      ],
    },
    {
      title: t("Breaks"),
      items: [
        { label: t("Divider"), icon: "minus", words: "rule line hr", run: put({ type: "horizontalRule" }) },
        { label: t("Read more"), icon: "corner-down-right", words: "more teaser", run: put({ type: "readMore" }) },
        { label: t("Page break"), icon: "separator-horizontal", words: "next page", run: put({ type: "pageBreak" }) },
      ],
    },
  ];
  if (context.mayEditRaw) {
    groups[1].items.push({ label: t("HTML"), icon: "code-xml", words: "raw source", run: () => editRaw(context, null) });
  }
  return groups;
}

async function editRaw({ editor }, position) {
  const html = position === null ? "" : editor.state.doc.nodeAt(position).attrs.html;
  const body = field({ name: "html", label: t("HTML"), kind: "textarea", rows: 12, value: html, help: t("Cleaned when it is saved: scripts and styles are taken out.") });
  body.querySelector("textarea").classList.add("font-monospace");
  const answer = await dialog({ title: t("HTML"), body, submit: t("Done"), wide: true });
  if (!answer) return;
  if (position === null) insertBlock(editor, { type: "rawHtml", attrs: { html: answer.values.html } });
  else editor.view.dispatch(editor.state.tr.setNodeAttribute(position, "html", answer.values.html));
}

const text = (name, label, more = {}) => ({ name, label, ...more });
const LAYOUTS = () => [["", t("In the text")], ["wide", t("Wide")], ["full", t("Across the page")], ["start", t("Beside the text, at its start")], ["end", t("Beside the text, at its end")]];

/** Fields of the "Details" dialog by block. */
const FIELDS = {
  image: () => [
    text("alt", t("Alt text"), { kind: "textarea", rows: 2, help: t("What somebody who cannot see it should know. Empty if it only decorates.") }),
    text("layout", t("Place"), { kind: "select", options: LAYOUTS() }),
    text("href", t("Leads to"), { help: t("Optional: an address that opens when the picture is clicked.") }),
    text("title", t("Title")),
  ],
  gallery: () => [text("caption", t("Caption")), text("columns", t("Columns"), { kind: "select", options: [["", t("Automatic")], ...[1, 2, 3, 4, 5, 6].map((n) => [String(n), String(n)])], number: true })],
  audio: () => [text("title", t("Title"))],
  video: () => [text("title", t("Title"))],
  file: () => [text("name", t("Name"))],
  embed: () => [text("url", t("Address of the page")), text("title", t("What it shows"))],
  callout: () => [text("kind", t("Kind"), { kind: "select", options: [["note", t("Note")], ["tip", t("Tip")], ["warning", t("Warning")]] }), text("title", t("Title"), { help: t("Instead of the kind's name.") })],
  button: () => [
    text("href", t("Leads to")),
    text("variant", t("Look"), { kind: "select", options: [["", t("Filled")], ["outline", t("Outline")]] }),
  ],
  blockquote: () => [text("attribution", t("Who said it"))],
  codeBlock: () => [text("language", t("Language"), { help: t("For colours: python, js, css, html, bash …") }), text("filename", t("File name"))],
  orderedList: () => [
    text("start", t("First number"), { kind: "number", number: true }),
    text("type", t("Numbers"), { kind: "select", options: [["", "1, 2, 3"], ["a", "a, b, c"], ["A", "A, B, C"], ["i", "i, ii, iii"], ["I", "I, II, III"]] }),
    text("reversed", t("Count backwards"), { kind: "check" }),
  ],
  table: () => [text("caption", t("Caption"))],
  details: () => [text("open", t("Open when the page is opened"), { kind: "check" })],
  readMore: () => [text("text", t("Words of the link"))],
  heading: () => [text("anchor", t("Anchor"), { help: t("The part after # in an address. Empty: made from the words.") })],
  column: () => [text("width", t("Width in percent"), { kind: "number", number: true })],
};
/** Blocks that have something to say about them. */
export const editable = (name) => name in FIELDS;

const titleOf = () => ({
  image: t("Picture"), gallery: t("Gallery"), audio: t("Audio"), video: t("Video"), file: t("File"), embed: t("Embed"), callout: t("Callout"), button: t("Button"),
  blockquote: t("Quote"), codeBlock: t("Code"), orderedList: t("Numbered list"), table: t("Table"), details: t("Fold"), readMore: t("Read more"), heading: t("Heading"),
  column: t("Column"), rawHtml: t("HTML"), columns: t("Columns"), pageBreak: t("Page break"), horizontalRule: t("Divider"), definitionList: t("Definition list"), footnotes: t("Footnotes"),
});
export const nameOfBlock = (name) => titleOf()[name] ?? name;

/** The value of a field as an attribute: empty is null. */
function attribute(spec, value) {
  if (spec.kind === "check") return value || null;
  if (value.trim() === "") return null;
  if (spec.number) return Number(value);
  return ["href", "url"].includes(spec.name) ? safeAddress(completeAddress(value)) : value.trim();
}

/** Opens the details of the chosen block (or of `position`). */
export async function editBlock(context, position = chosenBlock(context.editor.state)?.position) {
  const { editor } = context;
  const node = position === undefined ? null : editor.state.doc.nodeAt(position);
  if (!node) return;
  if (node.type.name === "rawHtml") return context.mayEditRaw ? editRaw(context, position) : undefined;
  if (!editable(node.type.name)) return;
  const specs = FIELDS[node.type.name]();
  const answer = await dialog({ title: nameOfBlock(node.type.name), body: specs.map((spec) => field({ ...spec, value: node.attrs[spec.name] })), submit: t("Done") });
  if (!answer || editor.state.doc.nodeAt(position)?.type !== node.type) return;
  const tr = editor.state.tr;
  for (const spec of specs) {
    const value = attribute(spec, answer.values[spec.name]) ?? node.type.spec.attrs[spec.name].default;
    if (value !== node.attrs[spec.name]) tr.setNodeAttribute(position, spec.name, value);
  }
  if (node.type.name === "button" && tr.docChanged && answer.values.href !== (node.attrs.href ?? "")) tr.setNodeAttribute(position, "entryId", null);
  if (tr.docChanged) editor.view.dispatch(tr);
  editor.view.focus();
}

const WITH_BAR = new Set([...Object.keys(FIELDS), "rawHtml", "columns", "definitionList", "pageBreak", "horizontalRule"]);
// A bar over every heading or list one writes in would be noise; their details are in the block menu.
const QUIET = new Set(["heading", "orderedList", "column"]);

/** The innermost block around the selection that has a bar: {node, position} or null. */
export function chosenBlock(state, quiet = false) {
  const { selection } = state;
  const wanted = (node) => WITH_BAR.has(node.type.name) && (quiet || !QUIET.has(node.type.name));
  if (selection instanceof NodeSelection && wanted(selection.node)) return { node: selection.node, position: selection.from };
  const { $from } = selection;
  for (let depth = $from.depth; depth > 0; depth -= 1) {
    if (wanted($from.node(depth))) return { node: $from.node(depth), position: $from.before(depth) };
  }
  return null;
}

function tableActions({ editor }) {
  const act = (name, shape, label) => ({ icon: shape, label, run: () => (tableCommands[name](editor.state, editor.view.dispatch), editor.view.focus()), may: tableCommands[name](editor.state) });
  return [
    act("addRowBefore", "arrow-up-to-line", t("Row above")), act("addRowAfter", "arrow-down-to-line", t("Row below")),
    act("addColumnBefore", "arrow-left-to-line", t("Column before")), act("addColumnAfter", "arrow-right-to-line", t("Column after")),
    act("toggleHeaderRow", "panel-top", t("Head row")), act("toggleHeaderColumn", "panel-left", t("Head column")),
    act("mergeCells", "combine", t("Merge cells")), act("splitCell", "split", t("Split cell")),
    act("deleteRow", "scissors", t("Delete row")), act("deleteColumn", "unfold-horizontal", t("Delete column")),
  ].filter((action) => action.may);
}

function columnActions({ editor }, { node, position }) {
  const add = () => {
    editor.view.dispatch(editor.state.tr.insert(position + node.nodeSize - 1, editor.state.schema.nodes.column.createAndFill()));
    editor.view.focus();
  };
  return node.childCount < 4 ? [{ icon: "columns-3", label: t("One more column"), run: add }] : [];
}

function imageActions({ editor, library }, { node, position }) {
  const layout = (value) => () => editor.view.dispatch(editor.state.tr.setNodeAttribute(position, "layout", node.attrs.layout === value ? null : value));
  const replace = async () => {
    const [item] = await pick(library, { kind: "image", title: t("Choose another picture") });
    if (!item || editor.state.doc.nodeAt(position)?.type.name !== "image") return;
    const { attrs } = blockFor(item);
    editor.view.dispatch(editor.state.tr.setNodeMarkup(position, null, { ...node.attrs, ...attrs, src: null }));
  };
  const pressed = (value) => node.attrs.layout === value;
  return [
    ...(library.pickerUrl ? [{ icon: "replace", label: t("Replace"), run: replace }] : []),
    { icon: "panel-left", label: t("Beside the text, at its start"), run: layout("start"), pressed: pressed("start") },
    { icon: "panel-right", label: t("Beside the text, at its end"), run: layout("end"), pressed: pressed("end") },
    { icon: "maximize-2", label: t("Wide"), run: layout("wide"), pressed: pressed("wide") },
    { icon: "move-horizontal", label: t("Across the page"), run: layout("full"), pressed: pressed("full") },
  ];
}

async function addToGallery({ editor, library }, { node, position }) {
  const items = await pick(library, { kind: "image", many: true });
  const images = items.filter((item) => item.kind === "image").map((item) => editor.state.schema.nodeFromJSON(blockFor(item)));
  if (images.length) editor.view.dispatch(editor.state.tr.insert(position + node.nodeSize - 1, images));
}

/** Buttons of the bar over a chosen block. */
export function blockActions(context, chosen) {
  const { editor } = context;
  const { node, position } = chosen;
  const { name } = node.type;
  const own = { table: tableActions, image: imageActions, columns: columnActions }[name]?.(context, chosen) ?? [];
  if (name === "gallery") own.push({ icon: "image-plus", label: t("Add pictures"), run: () => addToGallery(context, chosen) });
  const mayEdit = name === "rawHtml" ? context.mayEditRaw : editable(name);
  const remove = () => {
    // One picture of a gallery that holds no other takes the gallery with it.
    const $at = editor.state.doc.resolve(position);
    const alone = $at.parent.type.name === "gallery" && $at.parent.childCount === 1;
    editor.view.dispatch(alone ? editor.state.tr.delete($at.before(), $at.after()) : editor.state.tr.delete(position, position + node.nodeSize));
    editor.view.focus();
  };
  const unwrap = () => {
    editor.chain().focus().lift(name).run();
  };
  return [
    ...own,
    ...(mayEdit ? [{ icon: name === "image" ? "text-quote" : "pencil", label: name === "image" ? t("Alt text and details") : t("Details"), run: () => editBlock(context, position) }] : []),
    ...(["callout", "blockquote"].includes(name) ? [{ icon: "remove-formatting", label: t("Keep only the text"), run: unwrap }] : []),
    { icon: "trash-2", label: t("Remove"), run: remove },
  ];
}
