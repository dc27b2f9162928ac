// The bar over the text, as drawn: block menu, marks, lists, picture, blocks, undo.
import { h } from "../shared/dom.js";
import { t } from "../shared/strings.js";
import { chosenBlock, editBlock, insertables, insertMedia } from "./blocks.js";
import { editLink } from "./link.js";
import { dialog, field, icon, menuButton, roving } from "./ui.js";

const MOD = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? "") ? "⌘" : "Ctrl ";

/** Kinds of text block for the first menu. */
function kinds({ editor }) {
  const is = (name, attributes) => editor.isActive(name, attributes);
  const set = (name, attributes) => () => editor.chain().focus().setNode(name, attributes).run();
  const heading = (level) => ({ label: t("Heading {level}", { level }), icon: "heading-2", run: set("heading", { level }), checked: is("heading", { level }) });
  return [
    { label: t("Paragraph"), icon: "type", run: set("paragraph"), checked: is("paragraph") && !is("blockquote") && !is("listItem") },
    ...[2, 3, 4, 5, 6, 1].map(heading),
    { label: t("Quote"), icon: "quote", run: () => editor.chain().focus().toggleBlockquote().run(), checked: is("blockquote") },
    { label: t("Verse"), icon: "feather", run: set("verse"), checked: is("verse") },
    { label: t("Code"), icon: "code", run: set("codeBlock"), checked: is("codeBlock") },
  ];
}

function currentKind({ editor }) {
  for (const [name, label] of [["codeBlock", t("Code")], ["verse", t("Verse")]]) if (editor.isActive(name)) return label;
  const { level } = editor.getAttributes("heading");
  return editor.isActive("heading") ? t("Heading {level}", { level }) : t("Paragraph");
}

/** Alignment, language and details of the block with the cursor. */
function blockSettings(context) {
  const { editor } = context;
  const { $from } = editor.state.selection;
  const align = $from.parent.attrs.align ?? "";
  const setAlign = (value) => () => setOnTextblocks(editor, { align: value || null });
  const choices = [["", "align-left", t("As the text runs")], ["center", "align-center", t("Centred")], ["right", "align-right", t("Right")], ["justify", "align-justify", t("Justified")]];
  const quiet = chosenBlock(editor.state, true);
  return [
    { title: t("Alignment"), items: choices.map(([value, shape, label]) => ({ label, icon: shape, checked: align === value, run: setAlign(value) })) },
    {
      title: t("This block"),
      items: [
        { label: t("Language and direction"), icon: "languages", run: () => blockLanguage(context) },
        ...(quiet ? [{ label: t("Details"), icon: "pencil", run: () => editBlock(context, quiet.position) }] : []),
      ],
    },
  ];
}

function setOnTextblocks(editor, attributes) {
  const { from, to } = editor.state.selection;
  const tr = editor.state.tr;
  editor.state.doc.nodesBetween(from, to, (node, position) => {
    if (!node.isTextblock || !["paragraph", "heading", "verse"].includes(node.type.name)) return;
    for (const [name, value] of Object.entries(attributes)) tr.setNodeAttribute(position, name, value);
  });
  editor.view.dispatch(tr);
}

const DIRECTIONS = () => [["", t("As the page")], ["ltr", t("Left to right")], ["rtl", t("Right to left")]];
const languageFields = (attrs) => [
  field({ name: "lang", label: t("Language"), value: attrs.lang, help: t("A code such as de, en-GB or ar. Empty: the language of the page.") }),
  field({ name: "dir", label: t("Direction"), kind: "select", options: DIRECTIONS(), value: attrs.dir }),
];
const checkLanguage = ({ lang }) => (lang.trim() === "" || /^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(lang.trim()) ? null : t("A language code looks like de or en-GB."));

async function blockLanguage({ editor }) {
  const { attrs } = editor.state.selection.$from.parent;
  const answer = await dialog({ title: t("Language and direction"), body: languageFields(attrs), submit: t("Done"), check: checkLanguage });
  if (answer) setOnTextblocks(editor, { lang: answer.values.lang.trim() || null, dir: answer.values.dir || null });
  editor.view.focus();
}

async function markLanguage({ editor }) {
  const attrs = editor.getAttributes("language");
  const answer = await dialog({ title: t("Language of these words"), body: languageFields(attrs), submit: t("Done"), check: checkLanguage });
  editor.view.focus();
  if (!answer) return;
  const lang = answer.values.lang.trim() || null;
  const dir = answer.values.dir || null;
  if (lang || dir) editor.chain().focus().setMark("language", { lang, dir }).run();
  else editor.chain().focus().unsetMark("language").run();
}

/** The quieter marks. */
function styles(context) {
  const { editor } = context;
  const item = (name, shape, label, hint) => ({ label, icon: shape, hint, checked: editor.isActive(name), run: () => editor.chain().focus().toggleMark(name).run() });
  return [
    {
      items: [
        item("underline", "underline", t("Underline"), `${MOD}U`), item("strike", "strikethrough", t("Strikethrough")), item("insert", "plus", t("Inserted")),
        item("highlight", "highlighter", t("Highlight")), item("small", "type", t("Small print")), item("superscript", "superscript", t("Superscript")),
        item("subscript", "subscript", t("Subscript")), item("kbd", "keyboard", t("Key")), item("cite", "book-open", t("Title of a work")),
        { label: t("Language of these words"), icon: "languages", run: () => markLanguage(context), checked: editor.isActive("language") },
      ],
    },
    { items: [{ label: t("Plain text"), icon: "remove-formatting", run: () => editor.chain().focus().unsetAllMarks().run() }] },
  ];
}

/** Builds the toolbar; returns {element, refresh}. */
export function makeToolbar(context) {
  const { editor } = context;
  const focus = () => editor.view.focus();
  const button = (shape, label, run, hint) =>
    h("button", { type: "button", class: "mh-toolbar__btn", "aria-label": label, title: hint ? `${label} (${hint})` : label, onclick: run, onmousedown: (event) => event.preventDefault() }, icon(shape));
  const toggle = (name, shape, label, run, hint) => {
    const element = button(shape, label, run, hint);
    element.setAttribute("aria-pressed", "false");
    watched.push([element, () => editor.isActive(name.type ?? name, name.attrs)]);
    return element;
  };
  const separator = () => h("span", { class: "mh-toolbar__sep", "aria-hidden": "true" });
  const watched = [];
  const mark = (name) => () => editor.chain().focus().toggleMark(name).run();
  const kind = h("span", {}, t("Paragraph"));
  const kindButton = h("button", { type: "button", class: "mh-toolbar__btn", title: t("Kind of block") }, icon("type"), kind, icon("chevron-down"));
  const more = h("button", { type: "button", class: "mh-toolbar__btn", "aria-label": t("More text styles"), title: t("More text styles") }, icon("ellipsis"));
  const add = h("button", { type: "button", class: "mh-toolbar__btn" }, icon("plus"), t("Block"));
  const undo = button("undo-2", t("Undo"), () => editor.chain().focus().undo().run(), `${MOD}Z`);
  const redo = button("redo-2", t("Redo"), () => editor.chain().focus().redo().run(), `${MOD}Shift Z`);
  const element = context.toolbar;
  element.setAttribute("role", "toolbar");
  element.setAttribute("aria-label", t("Text"));
  element.setAttribute("aria-controls", context.proseId);
  element.replaceChildren(
    kindButton, separator(),
    toggle("bold", "bold", t("Bold"), mark("bold"), `${MOD}B`), toggle("italic", "italic", t("Italic"), mark("italic"), `${MOD}I`),
    toggle("link", "link", t("Link"), () => editLink(context), `${MOD}K`), toggle("code", "code", t("Code"), mark("code"), `${MOD}E`), more, separator(),
    toggle({ type: "heading", attrs: { level: 2 } }, "heading-2", t("Heading"), () => editor.chain().focus().toggleHeading({ level: 2 }).run()),
    toggle("blockquote", "quote", t("Quote"), () => editor.chain().focus().toggleBlockquote().run()),
    toggle("bulletList", "list", t("List"), () => editor.chain().focus().toggleBulletList().run()),
    toggle("orderedList", "list-ordered", t("Numbered list"), () => editor.chain().focus().toggleOrderedList().run()), separator(),
    toggle("image", "image-plus", t("Picture"), () => insertMedia(context, "image", t("Choose a picture"))), add, separator(), undo, redo,
  );
  menuButton(kindButton, () => [{ items: kinds(context) }, ...blockSettings(context)], focus);
  menuButton(more, () => styles(context), focus);
  menuButton(add, () => insertables(context), focus);
  const items = () => [...element.querySelectorAll(".mh-toolbar__btn:not(:disabled)")];
  roving(element, items);
  element.hidden = false;
  const refresh = () => {
    for (const [target, active] of watched) target.setAttribute("aria-pressed", String(active()));
    kind.textContent = currentKind(context);
    undo.disabled = !editor.can().undo();
    redo.disabled = !editor.can().redo();
    if (!items().some((item) => item.tabIndex === 0)) items()[0].tabIndex = 0;
  };
  refresh();
  return { element, refresh };
}
