// The blocks of a document, named and attributed exactly as in cms/lib/document. Every attribute defaults to null
// (or to the few values of DEFAULTS) and is left out of the JSON while it has that value.
import { Node, mergeAttributes, textblockTypeInputRule, wrappingInputRule, nodeInputRule } from "@tiptap/core";
import { BulletList, ListItem, OrderedList, TaskItem, TaskList } from "@tiptap/extension-list";
import { t } from "../shared/strings.js";
import { safeAddress } from "./address.js";

/** Values that a missing attribute stands for where null will not do. */
export const DEFAULTS = {
  orderedList: { start: 1 },
  taskItem: { checked: false },
  tableHeader: { colspan: 1, rowspan: 1 },
  tableCell: { colspan: 1, rowspan: 1 },
};
const COMMON = ["id", "align", "lang", "dir"];
const NOT_KEPT_ON_SPLIT = new Set(["id", "anchor", "checked"]);

function attributesOf(name, names) {
  const entries = [...COMMON, ...names].map((attribute) => [
    attribute,
    {
      default: DEFAULTS[name]?.[attribute] ?? null,
      keepOnSplit: !NOT_KEPT_ON_SPLIT.has(attribute),
      rendered: false,
      parseHTML: () => null,
    },
  ]);
  return Object.fromEntries(entries);
}

/** What the clipboard carries: all attributes but the id, which belongs to one place. */
function clipboardAttributes(node) {
  const { id, ...rest } = node.attrs;
  const set = Object.entries(rest).filter(([, value]) => value !== null);
  if (["footnote", "footnoteRef"].includes(node.type.name)) set.push(["id", id]);
  return set.length ? { "data-attrs": JSON.stringify(Object.fromEntries(set)) } : {};
}

function readClipboard(element) {
  try {
    return JSON.parse(element.dataset.attrs || "{}");
  } catch {
    return {};
  }
}

const direction = ({ lang, dir, align }) => ({ lang, dir, "data-align": align });

/** One block node. `html(node)` gives tag, attributes and hole; `from` are parse rules for foreign HTML. */
export function block({ name, attrs = [], html, from = [], group = "block", ...rest }) {
  return Node.create({
    name,
    group,
    ...rest,
    addAttributes: () => attributesOf(name, attrs),
    parseHTML: () => [{ tag: `[data-node="${name}"]`, getAttrs: readClipboard, priority: 60 }, ...from],
    renderHTML({ node }) {
      const [tag, attributes = {}, ...children] = html(node);
      const own = { "data-node": name, ...clipboardAttributes(node), ...direction(node.attrs) };
      return [tag, mergeAttributes(own, attributes), ...children];
    },
  });
}

/** A list extension of Tiptap with our attributes and content. */
function list(extension, attrs, config = {}) {
  const name = extension.name;
  return extension.extend({ ...config, addAttributes: () => attributesOf(name, attrs) });
}

export const Paragraph = block({
  name: "paragraph",
  content: "inline*",
  priority: 1000,
  html: () => ["p", {}, 0],
  from: [{ tag: "p", getAttrs: readBlock }],
  addCommands() {
    return { setParagraph: () => ({ commands }) => commands.setNode(this.name) };
  },
  addKeyboardShortcuts() {
    return { "Mod-Alt-0": () => this.editor.commands.setParagraph() };
  },
});

/** Alignment, language and direction of a foreign element (styles were turned into data-… by paste.js). */
function readBlock(element) {
  const align = element.getAttribute("align") || element.dataset.alignment || null;
  return {
    align: ["center", "right", "justify"].includes(align) ? align : null,
    lang: element.getAttribute("lang") || null,
    dir: ["ltr", "rtl"].includes(element.getAttribute("dir")) ? element.getAttribute("dir") : null,
  };
}

const LEVELS = [1, 2, 3, 4, 5, 6];
export const Heading = block({
  name: "heading",
  content: "inline*",
  defining: true,
  attrs: ["level", "anchor"],
  html: (node) => [`h${node.attrs.level ?? 2}`, {}, 0],
  from: LEVELS.map((level) => ({ tag: `h${level}`, getAttrs: (element) => ({ level, ...readBlock(element) }) })),
  addCommands() {
    return { toggleHeading: (attributes) => ({ commands }) => commands.toggleNode(this.name, "paragraph", attributes) };
  },
  addKeyboardShortcuts() {
    return Object.fromEntries(LEVELS.map((level) => [`Mod-Alt-${level}`, () => this.editor.commands.toggleHeading({ level })]));
  },
  addInputRules() {
    const getAttributes = (match) => ({ level: match[1].length });
    return [textblockTypeInputRule({ find: /^(#{1,6})\s$/, type: this.type, getAttributes })];
  },
});

export const Blockquote = block({
  name: "blockquote",
  content: "block+",
  defining: true,
  attrs: ["attribution"],
  html: (node) => ["blockquote", { "data-attribution": node.attrs.attribution }, 0],
  from: [{ tag: "blockquote" }],
  addCommands() {
    return { toggleBlockquote: () => ({ commands }) => commands.toggleWrap(this.name) };
  },
  addKeyboardShortcuts() {
    return { "Mod-Shift-b": () => this.editor.commands.toggleBlockquote() };
  },
  addInputRules() {
    return [wrappingInputRule({ find: /^\s*>\s$/, type: this.type })];
  },
});

export const CodeBlock = block({
  name: "codeBlock",
  content: "text*",
  marks: "",
  code: true,
  defining: true,
  attrs: ["language", "filename"],
  html: (node) => ["pre", { "data-caption": [node.attrs.filename, node.attrs.language].filter(Boolean).join(" · ") || null }, ["code", { spellcheck: "false" }, 0]],
  from: [{ tag: "pre", preserveWhitespace: "full", getAttrs: (element) => ({ language: /language-(\S+)/.exec(element.querySelector("code")?.className ?? "")?.[1] ?? null }) }],
  addInputRules() {
    const getAttributes = (match) => ({ language: match[1] || null });
    return [textblockTypeInputRule({ find: /^```([\w+#.-]*)[\s\n]$/, type: this.type, getAttributes })];
  },
  addKeyboardShortcuts() {
    return {
      Tab: () => this.editor.isActive(this.name) && this.editor.commands.command(({ tr }) => Boolean(tr.insertText("\t").scrollIntoView())),
      // A third empty line leaves the code.
      Enter: ({ editor }) => {
        const { $from, empty } = editor.state.selection;
        const done = empty && $from.parent.type === this.type && $from.parentOffset === $from.parent.content.size && $from.parent.textContent.endsWith("\n\n");
        if (!done) return false;
        return editor.chain().command(({ tr }) => Boolean(tr.delete($from.pos - 2, $from.pos))).exitCode().run();
      },
    };
  },
});

export const Verse = block({
  name: "verse",
  content: "inline*",
  defining: true,
  html: () => ["p", { class: "mh-verse" }, 0],
  from: [{ tag: "pre.wp-block-verse, p.verse", preserveWhitespace: "full", priority: 60 }],
});

export const Lists = [
  list(BulletList, []),
  list(OrderedList, ["start", "type", "reversed"], {
    renderHTML: ({ node }) => ["ol", { start: node.attrs.start, type: node.attrs.type, reversed: node.attrs.reversed ? "" : null }, 0],
    parseHTML: () => [{ tag: "ol", getAttrs: (element) => ({ start: element.start ?? 1, type: element.getAttribute("type"), reversed: element.reversed || null }) }],
  }),
  list(ListItem, [], { content: "block+" }),
  list(TaskList, []),
  list(TaskItem, ["checked"], { content: "block+" }).configure({
    nested: true,
    a11y: { checkboxLabel: (node, checked) => (checked ? t("Done: {text}", { text: node.textContent }) : t("To do: {text}", { text: node.textContent })) },
  }),
];

export const DefinitionList = block({ name: "definitionList", content: "(definitionTerm | definitionDescription)+", html: () => ["dl", {}, 0], from: [{ tag: "dl" }] });
export const DefinitionTerm = block({ name: "definitionTerm", group: "", content: "inline*", defining: true, html: () => ["dt", {}, 0], from: [{ tag: "dt" }] });
export const DefinitionDescription = block({ name: "definitionDescription", group: "", content: "block+", defining: true, html: () => ["dd", {}, 0], from: [{ tag: "dd" }] });

export const HorizontalRule = block({
  name: "horizontalRule",
  html: () => ["hr"],
  from: [{ tag: "hr" }],
  addInputRules() {
    return [nodeInputRule({ find: /^(?:---|—-|___\s|\*\*\*\s)$/, type: this.type })];
  },
});
export const PageBreak = block({ name: "pageBreak", group: "topblock", html: () => ["div", { class: "mh-break", "data-kind": "page" }] });
export const ReadMore = block({ name: "readMore", group: "topblock", attrs: ["text"], html: (node) => ["div", { class: "mh-break", "data-kind": "more", "data-text": node.attrs.text }] });

export const Callout = block({
  name: "callout",
  content: "block+",
  defining: true,
  attrs: ["kind", "title"],
  html: (node) => ["aside", { class: "mh-callout", "data-kind": node.attrs.kind ?? "note" }, 0],
  from: [{ tag: "aside" }],
});
export const ButtonBlock = block({
  name: "button",
  content: "inline*",
  attrs: ["href", "entryId", "variant"],
  html: (node) => ["p", { class: "mh-buttonblock", "data-variant": node.attrs.variant ?? "primary", "data-href": safeAddress(node.attrs.href) }, 0],
});
export const Columns = block({ name: "columns", content: "column+", defining: true, html: () => ["div", { class: "mh-columns" }, 0] });
export const Column = block({ name: "column", group: "", content: "block+", isolating: true, attrs: ["width"], html: () => ["div", { class: "mh-column" }, 0] });
export const Details = block({
  name: "details",
  content: "detailsSummary detailsContent",
  defining: true,
  attrs: ["open"],
  html: (node) => ["div", { class: "mh-details", "data-open": node.attrs.open ? "" : null }, 0],
  from: [{ tag: "details", getAttrs: (element) => ({ open: element.open || null }) }],
});
export const DetailsSummary = block({ name: "detailsSummary", group: "", content: "inline*", defining: true, html: () => ["div", { class: "mh-details__summary" }, 0], from: [{ tag: "summary" }] });
export const DetailsContent = block({ name: "detailsContent", group: "", content: "block+", defining: true, html: () => ["div", { class: "mh-details__content" }, 0] });
export const Footnotes = block({ name: "footnotes", group: "topblock", content: "footnote+", defining: true, isolating: true, html: () => ["section", { class: "mh-footnotes" }, 0] });
export const Footnote = block({ name: "footnote", group: "", content: "block+", defining: true, html: () => ["div", { class: "mh-footnote" }, 0] });
export const RawHtml = block({ name: "rawHtml", atom: true, draggable: true, attrs: ["html"], html: () => ["div", { class: "mh-raw" }] });

export const Doc = Node.create({ name: "doc", topNode: true, content: "(block | topblock)+" });
export const Text = Node.create({ name: "text", group: "inline" });
export const HardBreak = Node.create({
  name: "hardBreak",
  group: "inline",
  inline: true,
  selectable: false,
  linebreakReplacement: true,
  parseHTML: () => [{ tag: "br" }],
  renderHTML: () => ["br"],
  renderText: () => "\n",
  addKeyboardShortcuts() {
    const add = () => this.editor.commands.insertContent({ type: this.name });
    return { "Shift-Enter": add, "Mod-Enter": () => this.editor.commands.exitCode() || add() };
  },
});

const inline = (name, attrs, html, rest = {}) =>
  Node.create({
    name,
    group: "inline",
    inline: true,
    atom: true,
    ...rest,
    addAttributes: () => Object.fromEntries(attrs.map((attribute) => [attribute, { default: null, rendered: false, parseHTML: () => null }])),
    parseHTML: () => [{ tag: `[data-node="${name}"]`, getAttrs: readClipboard, priority: 60 }],
    renderHTML: ({ node }) => {
      const [tag, attributes] = html(node);
      return [tag, mergeAttributes({ "data-node": name, ...clipboardAttributes(node) }, attributes)];
    },
  });
export const FootnoteRef = inline("footnoteRef", ["id"], (node) => ["sup", { class: "mh-fnref", title: node.attrs.id }]);
export const InlineImage = inline("inlineImage", ["mediaId", "src", "alt", "width", "height"], () => ["span", { class: "mh-inlineimage" }], { draggable: true });

export const textNodes = [
  Doc, Text, Paragraph, Heading, Blockquote, CodeBlock, Verse, ...Lists, DefinitionList, DefinitionTerm, DefinitionDescription,
  HorizontalRule, PageBreak, ReadMore, Callout, ButtonBlock, Columns, Column, Details, DetailsSummary, DetailsContent,
  Footnotes, Footnote, RawHtml, HardBreak, FootnoteRef, InlineImage,
];
