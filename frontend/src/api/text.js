// The little Markdown that our document uses: paragraphs, lists, code and bold.

const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*/g;

/** `{tag, text}` for each part of a line; `tag` is empty for plain text. */
function readLine(line) {
  const parts = [];
  let end = 0;
  for (const match of line.matchAll(INLINE)) {
    if (match.index > end) parts.push({ tag: "", text: line.slice(end, match.index) });
    parts.push(match[1] === undefined ? { tag: "strong", text: match[2] } : { tag: "code", text: match[1] });
    end = match.index + match[0].length;
  }
  if (end < line.length) parts.push({ tag: "", text: line.slice(end) });
  return parts;
}

/** Blocks of a text: `{tag: "p", lines: [parts]}` or `{tag: "ul", lines: [parts of an item, …]}`. */
export function readText(source) {
  const blocks = source.split(/\n{2,}/).map((block) => block.trim()).filter(Boolean);
  return blocks.map((block) => {
    if (!block.startsWith("- ")) return { tag: "p", lines: [readLine(block.replace(/\n/g, " "))] };
    const items = block.slice(2).split(/\n- /).map((item) => readLine(item.replace(/\s*\n\s*/g, " ")));
    return { tag: "ul", lines: items };
  });
}
