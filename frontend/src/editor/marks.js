// Marks, in the order in which a document nests them, outermost first.
import { Mark, getMarksBetween, markInputRule } from "@tiptap/core";
import { safeAddress } from "./address.js";

const attributesOf = (names) => Object.fromEntries(names.map((name) => [name, { default: null, rendered: false, parseHTML: () => null }]));
const set = (attrs) => Object.fromEntries(Object.entries(attrs).filter(([, value]) => value !== null));

function mark({ name, tag, attrs = [], from = [], keys = [], rule, html, ...rest }) {
  return Mark.create({
    name,
    ...rest,
    addAttributes: () => attributesOf(attrs),
    parseHTML: () => (from.length ? from : [{ tag }]),
    renderHTML: ({ mark: shown }) => [tag, html ? html(shown.attrs) : {}, 0],
    addKeyboardShortcuts() {
      return Object.fromEntries(keys.map((key) => [key, () => this.editor.commands.toggleMark(this.name)]));
    },
    addInputRules() {
      return rule ? [markInputRule({ find: rule, type: this.type })] : [];
    },
  });
}

const Bold = mark({ name: "bold", tag: "strong", from: [{ tag: "strong" }, { tag: "b" }], keys: ["Mod-b"], rule: /(?:^|\s)(\*\*(?!\s+\*\*)((?:[^*]+))\*\*(?!\s+\*\*))$/ });
const Italic = mark({ name: "italic", tag: "em", from: [{ tag: "em" }, { tag: "i" }], keys: ["Mod-i"], rule: /(?:^|\s)(\*(?!\s+\*)((?:[^*]+))\*(?!\s+\*))$/ });
const Underline = mark({ name: "underline", tag: "u", keys: ["Mod-u"] });
const Strike = mark({ name: "strike", tag: "s", from: [{ tag: "s" }, { tag: "del" }, { tag: "strike" }], keys: ["Mod-Shift-s"], rule: /(?:^|\s)(~~(?!\s+~~)((?:[^~]+))~~(?!\s+~~))$/ });
const Code = mark({ name: "code", tag: "code", code: true, exitable: true, keys: ["Mod-e"], rule: /(^|[^`])`([^`]+)`(?!`)$/ });
const Kbd = mark({ name: "kbd", tag: "kbd" });
const Subscript = mark({ name: "subscript", tag: "sub", keys: ["Mod-,"] });
const Superscript = mark({ name: "superscript", tag: "sup", keys: ["Mod-."] });
const Small = mark({ name: "small", tag: "small" });
const Cite = mark({ name: "cite", tag: "cite" });
const Insert = mark({ name: "insert", tag: "ins" });
const Highlight = mark({ name: "highlight", tag: "mark", keys: ["Mod-Shift-h"], rule: /(?:^|\s)(==(?!\s+==)((?:[^=]+))==(?!\s+==))$/ });
const Language = mark({
  name: "language",
  tag: "span",
  attrs: ["lang", "dir"],
  from: [{ tag: "span[lang]", getAttrs: (element) => ({ lang: element.getAttribute("lang"), dir: element.getAttribute("dir") }) }],
  html: (attrs) => set(attrs),
});
const Link = mark({
  name: "link",
  tag: "a",
  attrs: ["href", "title", "rel", "target", "entryId", "mediaId"],
  inclusive: false,
  from: [
    {
      tag: "a[href]",
      getAttrs: (element) => {
        const number = (text) => (text ? Number(text) : null);
        const { entry, media } = element.dataset;
        const href = safeAddress(element.getAttribute("href"));
        if (!href && !entry && !media) return false;
        return {
          href: entry || media ? null : href, title: element.getAttribute("title"), rel: element.getAttribute("rel"),
          target: element.getAttribute("target"), entryId: number(entry), mediaId: number(media),
        };
      },
    },
  ],
  html: (attrs) => ({ href: safeAddress(attrs.href) ?? "#", title: attrs.title, rel: attrs.rel, target: attrs.target, "data-entry": attrs.entryId, "data-media": attrs.mediaId }),
});

export const marks = [Link, Language, Insert, Highlight, Bold, Italic, Underline, Strike, Small, Cite, Subscript, Superscript, Kbd, Code];

/** The link at the selection: {attrs, from, to} or null. */
export function linkAt(state) {
  const { from, to, $from } = state.selection;
  const type = state.schema.marks.link;
  const here = type.isInSet($from.marks()) || type.isInSet($from.nodeAfter?.marks ?? []);
  if (!here) return null;
  const parentStart = $from.start();
  const ranges = getMarksBetween(parentStart, $from.end(), state.doc).filter((range) => range.mark.eq(here) && range.from <= to && range.to >= from);
  return ranges.length ? { attrs: here.attrs, from: ranges[0].from, to: ranges.at(-1).to } : null;
}
