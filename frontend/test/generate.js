// Random documents of the stored shape: what the schema of cms/lib/document allows, written down a second time on purpose.
const pickOf = (random, list) => list[Math.floor(random() * list.length)];

/** A small seeded generator (mulberry32), so that a failing document can be made again. */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const WORDS = ["Quay", "ferry ", "Grüße", "مرحبا", "日本語", " – ", "a < b & c", "😀", "\u00a0", "x", "tab\there", "two  spaces "];
const text = (random) => pickOf(random, WORDS) + pickOf(random, WORDS);
const maybe = (random, value) => (random() < 0.4 ? value(random) : undefined);
const clean = (attrs) => {
  const set = Object.entries(attrs).filter(([, value]) => value !== undefined);
  return set.length ? { attrs: Object.fromEntries(set) } : {};
};
const number = (random) => 1 + Math.floor(random() * 900);

const MARKS = {
  link: (r) => clean({ href: pickOf(r, ["/posts/x/", "https://example.org/?a=1&b=2", "mailto:a@b.example", "cms:entry/7"]), title: maybe(r, text), rel: maybe(r, () => "nofollow"), target: maybe(r, () => "_blank"), entryId: maybe(r, number), mediaId: maybe(r, number) }),
  language: (r) => clean({ lang: pickOf(r, ["de", "en-GB", "ar"]), dir: maybe(r, () => "rtl") }),
  insert: null, highlight: null, bold: null, italic: null, underline: null, strike: null, small: null, cite: null, subscript: null, superscript: null, kbd: null,
  code: null,
};
function marks(random) {
  const names = Object.keys(MARKS).filter(() => random() < 0.12);
  return names.length ? { marks: names.map((type) => ({ type, ...(MARKS[type]?.(random) ?? {}) })) } : {};
}

function inline(random) {
  const nodes = [];
  let last = "";
  for (let left = Math.floor(random() * 4); left > 0; left -= 1) {
    const kind = random();
    let node = { type: "text", ...marks(random), text: text(random) };
    if (kind < 0.1) node = { type: "hardBreak" };
    else if (kind < 0.15) node = { type: "footnoteRef", attrs: { id: "abc" } };
    else if (kind < 0.2) node = { type: "inlineImage", ...clean({ mediaId: maybe(random, number), src: maybe(random, () => "/media/x.png"), alt: maybe(random, text), width: maybe(random, number), height: maybe(random, number) }) };
    // Two texts with equal marks are one text.
    const key = node.type === "text" ? JSON.stringify(node.marks ?? []) : "";
    if (node.type !== "text" || key !== last) nodes.push(node);
    last = node.type === "text" ? key : "";
  }
  return nodes.length ? { content: nodes } : {};
}

const common = (r) => ({ lang: maybe(r, () => "fr"), dir: maybe(r, () => "rtl") });
const aligned = (r) => ({ ...common(r), align: maybe(r, () => pickOf(r, ["left", "center", "right", "justify"])) });
const many = (random, make, most = 3) => ({ content: Array.from({ length: 1 + Math.floor(random() * most) }, () => make()) });

/** Makers by node name; `depth` bounds the nesting. */
const BLOCKS = {
  paragraph: (r) => ({ ...clean(aligned(r)), ...inline(r) }),
  heading: (r) => ({ ...clean({ level: 1 + Math.floor(r() * 6), anchor: maybe(r, () => "the-anchor"), ...aligned(r) }), ...inline(r) }),
  bulletList: (r, d) => ({ ...clean(common(r)), ...many(r, () => ({ type: "listItem", ...blocks(r, d) })) }),
  orderedList: (r, d) => ({ ...clean({ start: maybe(r, () => 4), type: maybe(r, () => "a"), reversed: maybe(r, () => true) }), ...many(r, () => ({ type: "listItem", ...blocks(r, d) })) }),
  taskList: (r, d) => many(r, () => ({ type: "taskItem", ...clean({ checked: maybe(r, () => true) }), ...blocks(r, d) })),
  definitionList: (r, d) => many(r, () => (r() < 0.5 ? { type: "definitionTerm", ...inline(r) } : { type: "definitionDescription", ...blocks(r, d) })),
  blockquote: (r, d) => ({ ...clean({ attribution: maybe(r, text) }), ...blocks(r, d) }),
  verse: (r) => inline(r),
  codeBlock: (r) => ({ ...clean({ language: maybe(r, () => "python"), filename: maybe(r, () => "loaf.py") }), ...(r() < 0.8 ? { content: [{ type: "text", text: "def x():\n\treturn  1\n" }] } : {}) }),
  image: (r) => ({ ...clean({ mediaId: maybe(r, number), src: maybe(r, () => "https://elsewhere.example/a.jpg"), alt: maybe(r, text), title: maybe(r, text), width: maybe(r, number), height: maybe(r, number), layout: maybe(r, () => pickOf(r, ["wide", "full", "start", "end"])), href: maybe(r, () => "/x/") }), ...inline(r) }),
  gallery: (r) => ({ ...clean({ columns: maybe(r, () => 3), caption: maybe(r, text) }), ...many(r, () => ({ type: "image", ...BLOCKS.image(r) })) }),
  audio: (r) => ({ ...clean({ mediaId: maybe(r, number), src: maybe(r, () => "/media/a.mp3"), title: maybe(r, text) }), ...inline(r) }),
  video: (r) => ({ ...clean({ mediaId: maybe(r, number), src: maybe(r, () => "/media/a.mp4"), title: maybe(r, text), posterId: maybe(r, number), poster: maybe(r, () => "/media/p.jpg"), width: maybe(r, number), height: maybe(r, number) }), ...inline(r) }),
  file: (r) => ({ ...clean({ mediaId: maybe(r, number), src: maybe(r, () => "/media/a.pdf"), name: maybe(r, text), bytes: maybe(r, number), mediaType: maybe(r, () => "application/pdf") }), ...inline(r) }),
  table: (r, d) => ({ ...clean({ caption: maybe(r, text) }), ...many(r, () => ({ type: "tableRow", ...many(r, () => (r() < 0.4 ? { type: "tableHeader", ...clean({ scope: maybe(r, () => "col"), colspan: maybe(r, () => 2), align: maybe(r, () => "right") }), ...blocks(r, d) } : { type: "tableCell", ...clean({ rowspan: maybe(r, () => 2) }), ...blocks(r, d) })) })) }),
  horizontalRule: () => ({}),
  pageBreak: () => ({}),
  readMore: (r) => clean({ text: maybe(r, text) }),
  embed: (r) => ({ ...clean({ url: "https://www.youtube.com/watch?v=x", provider: maybe(r, () => "youtube"), title: maybe(r, text) }), ...inline(r) }),
  callout: (r, d) => ({ ...clean({ kind: pickOf(r, ["note", "tip", "warning"]), title: maybe(r, text) }), ...blocks(r, d) }),
  button: (r) => ({ ...clean({ href: maybe(r, () => "/x/"), entryId: maybe(r, number), variant: maybe(r, () => "outline") }), ...inline(r) }),
  columns: (r, d) => many(r, () => ({ type: "column", ...clean({ width: maybe(r, () => 33) }), ...blocks(r, d) })),
  details: (r, d) => ({ ...clean({ open: maybe(r, () => true) }), content: [{ type: "detailsSummary", ...inline(r) }, { type: "detailsContent", ...blocks(r, d) }] }),
  rawHtml: () => ({ attrs: { html: '<marquee onclick="x">hm</marquee>\n<!-- c -->' } }),
};
export const blockNames = Object.keys(BLOCKS);
const LEAVES = ["paragraph", "heading", "codeBlock", "verse", "image", "horizontalRule"];

/** One block by name. */
export const makeBlock = (random, name, depth = 2) => ({ type: name, ...BLOCKS[name](random, depth - 1) });
const NESTED = blockNames.filter((name) => !["pageBreak", "readMore"].includes(name));
const blocks = (random, depth, names = NESTED) => many(random, () => makeBlock(random, pickOf(random, depth > 0 ? names : LEAVES), depth), 2);

/** A whole document with ids on its top-level blocks. */
export function makeDocument(random) {
  const { content } = blocks(random, 3, blockNames);
  if (random() < 0.3) content.push({ type: "footnotes", content: [{ type: "footnote", attrs: { id: "abc" }, ...blocks(random, 0) }] });
  content.forEach((block, index) => {
    block.attrs = { ...block.attrs, id: `block${String(index).padStart(5, "0")}` };
  });
  return { type: "doc", content };
}
