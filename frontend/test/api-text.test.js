import assert from "node:assert/strict";
import test from "node:test";
import { readText } from "../src/api/text.js";

test("paragraphs, code and bold", () => {
  assert.deepEqual(readText("Send `If-Match`\nwith it.\n\n**No** cookies."), [
    { tag: "p", lines: [[{ tag: "", text: "Send " }, { tag: "code", text: "If-Match" }, { tag: "", text: " with it." }]] },
    { tag: "p", lines: [[{ tag: "strong", text: "No" }, { tag: "", text: " cookies." }]] },
  ]);
});

test("lists, whose items may go on in the next line", () => {
  assert.deepEqual(readText("- one\n  and more\n- two"), [
    { tag: "ul", lines: [[{ tag: "", text: "one and more" }], [{ tag: "", text: "two" }]] },
  ]);
});

test("what looks like HTML stays text", () => {
  assert.deepEqual(readText("<img src=x onerror=alert(1)>"), [
    { tag: "p", lines: [[{ tag: "", text: "<img src=x onerror=alert(1)>" }]] },
  ]);
  assert.deepEqual(readText(""), []);
});
