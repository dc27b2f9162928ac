// From the stored JSON to the editor and back, without loss: what cannot be held is told, never dropped.
import { DEFAULTS } from "./nodes.js";

const OWN_ID = new Set(["footnote", "footnoteRef"]);

function attributes(type, attrs, depth) {
  const kept = Object.entries(attrs ?? {}).filter(
    ([name, value]) =>
      value !== null && value !== undefined && value !== DEFAULTS[type]?.[name] && !(name === "id" && depth !== 1 && !OWN_ID.has(type)),
  );
  return kept.length ? { attrs: Object.fromEntries(kept) } : {};
}

const marksOf = (marks) =>
  marks?.length ? { marks: marks.map((mark) => ({ type: typeof mark.type === "string" ? mark.type : mark.type.name, ...attributes("", mark.attrs, 0) })) } : {};

/** JSON of a ProseMirror node: attributes with their default left out, ids on top-level blocks only. */
export function toJSON(node, depth = 0) {
  if (node.isText) return { type: "text", ...marksOf(node.marks), text: node.text };
  const content = [];
  node.forEach((child) => content.push(toJSON(child, depth + 1)));
  return {
    type: node.type.name,
    ...attributes(node.type.name, node.attrs, depth),
    ...(content.length ? { content } : {}),
    ...marksOf(node.marks),
  };
}

/** The same leaving-out for plain JSON, marks and keys sorted, to compare two documents. */
function canonical(json, depth = 0) {
  if (json.type === "text") return { type: "text", text: json.text, marks: sorted(json.marks) };
  return {
    type: json.type,
    attrs: sortKeys(attributes(json.type, json.attrs, depth).attrs ?? {}),
    content: (json.content ?? []).map((child) => canonical(child, depth + 1)),
    marks: sorted(json.marks),
  };
}
const sortKeys = (object) => Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
const sorted = (marks = []) => marks.map((mark) => JSON.stringify([mark.type, sortKeys(attributes("", mark.attrs, 0).attrs ?? {})])).sort();

export const sameDocument = (left, right) => JSON.stringify(canonical(left)) === JSON.stringify(canonical(right));

/** Names used in the JSON that the schema does not know. */
export function unknownNames(schema, json, found = new Set()) {
  if (!schema.nodes[json.type]) found.add(json.type);
  for (const mark of json.marks ?? []) if (!schema.marks[mark.type]) found.add(mark.type);
  for (const child of json.content ?? []) unknownNames(schema, child, found);
  return found;
}

/**
 * Reads stored JSON: {doc} ready for the editor, or {problem} in words when the editor could not hold it unchanged.
 * An empty document gets the paragraph one writes into.
 */
export function readDocument(schema, json) {
  if (!json || json.type !== "doc") return { problem: "it is not a document" };
  const unknown = [...unknownNames(schema, json)];
  if (unknown.length) return { problem: `it holds ${unknown.join(", ")}` };
  const filled = json.content?.length ? json : { type: "doc", content: [{ type: "paragraph" }] };
  try {
    const node = schema.nodeFromJSON(filled);
    node.check();
    if (!sameDocument(toJSON(node), filled)) return { problem: "a part of it would be lost" };
    return { doc: node.toJSON() };
  } catch (error) {
    return { problem: error.message };
  }
}
