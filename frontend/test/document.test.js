// Every document that the schema allows comes through the editor unchanged; what it cannot hold is told, not dropped.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { readDocument, sameDocument, toJSON } from "../src/editor/document.js";
import { makeSchema } from "../src/editor/schema.js";
import { blockNames, makeBlock, makeDocument, seeded } from "./generate.js";

const schema = makeSchema();
const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), "documents");
const through = (json) => {
  const read = readDocument(schema, json);
  assert.equal(read.problem, undefined);
  return toJSON(schema.nodeFromJSON(read.doc));
};
const NODES = [
  ...blockNames, "doc", "text", "listItem", "taskItem", "definitionTerm", "definitionDescription", "tableRow", "tableHeader", "tableCell", "column",
  "detailsSummary", "detailsContent", "footnotes", "footnote", "footnoteRef", "hardBreak", "inlineImage",
];

test("the schema has exactly the nodes and marks of a document", () => {
  assert.deepEqual(Object.keys(schema.nodes).sort(), [...NODES].sort());
  const marks = "bold italic underline strike code kbd link subscript superscript small cite insert highlight language".split(" ");
  assert.deepEqual(Object.keys(schema.marks).sort(), [...marks].sort());
});

for (const file of fs.readdirSync(folder).filter((name) => name.endsWith(".json"))) {
  test(`${file} comes through letter by letter`, () => {
    const json = JSON.parse(fs.readFileSync(path.join(folder, file), "utf8"));
    assert.deepEqual(through(json), json);
  });
}

test("each block comes through unchanged", () => {
  for (const name of blockNames) {
    for (let seed = 1; seed <= 40; seed += 1) {
      const json = { type: "doc", content: [makeBlock(seeded(seed), name)] };
      assert.ok(sameDocument(through(json), json), `${name}, seed ${seed}`);
      assert.deepEqual(through(json), json, `${name}, seed ${seed}`);
    }
  }
});

test("two thousand random documents come through unchanged", () => {
  for (let seed = 1; seed <= 2000; seed += 1) {
    const json = makeDocument(seeded(seed));
    assert.deepEqual(through(json), json, `seed ${seed}`);
  }
});

test("ids of nested blocks and defaults are left out", () => {
  const nested = { type: "paragraph", attrs: { id: "abcdefghij" } };
  const json = { type: "doc", content: [{ type: "orderedList", attrs: { id: "0123456789", start: 1 }, content: [{ type: "listItem", content: [nested] }] }] };
  const out = toJSON(schema.nodeFromJSON(json));
  assert.deepEqual(out.content[0].attrs, { id: "0123456789" });
  assert.equal(out.content[0].content[0].content[0].attrs, undefined);
});

test("what the editor does not know is told in words", () => {
  const strange = (json) => readDocument(schema, { type: "doc", content: [json] }).problem;
  assert.match(strange({ type: "hologram" }), /hologram/);
  assert.match(strange({ type: "paragraph", content: [{ type: "text", text: "x", marks: [{ type: "glow" }] }] }), /glow/);
  assert.match(strange({ type: "paragraph", attrs: { colour: "red" } }), /lost/);
  assert.ok(strange({ type: "bulletList", content: [{ type: "paragraph" }] }));
  assert.ok(strange({ type: "paragraph", content: [{ type: "text", text: "" }] }));
  assert.ok(readDocument(schema, null).problem);
});

test("an empty document can be written into", () => {
  const { doc } = readDocument(schema, { type: "doc" });
  assert.equal(doc.content.length, 1);
});
