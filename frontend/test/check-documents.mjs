// Reads documents (JSON, one a line) and prints those that the editor's schema would not give back unchanged.
// The guard test of the project feeds it what cms/lib/document calls normal.
import readline from "node:readline";
import { readDocument, sameDocument, toJSON } from "../src/editor/document.js";
import { makeSchema } from "../src/editor/schema.js";

const schema = makeSchema();
let bad = 0;
for await (const line of readline.createInterface({ input: process.stdin })) {
  const json = JSON.parse(line);
  const read = readDocument(schema, json);
  const back = read.doc && toJSON(schema.nodeFromJSON(read.doc));
  if (back && sameDocument(back, json)) continue;
  bad += 1;
  console.log(JSON.stringify({ problem: read.problem ?? "not the same", document: json, back }));
}
process.exit(bad ? 1 : 0);
