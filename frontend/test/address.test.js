// Addresses that a pasted or typed link may have.
import assert from "node:assert/strict";
import { test } from "node:test";
import { completeAddress, looksLikeAddress, safeAddress } from "../src/editor/address.js";

test("only harmless schemes pass", () => {
  for (const good of ["/a", "#b", "?q", "https://x.example/", "mailto:a@b.example", "tel:+49", "cms:entry/7", "posts/a:b"]) assert.equal(safeAddress(good), good);
  for (const bad of ["javascript:alert(1)", " JavaScript:x", "java\nscript:x", "\u0001javascript:x", "data:text/html,x", "vbscript:x", "", null, 7]) assert.equal(safeAddress(bad), null);
});

test("what is typed becomes an address or stays words", () => {
  assert.equal(completeAddress("example.org/a"), "https://example.org/a");
  assert.equal(completeAddress("ada@example.org"), "mailto:ada@example.org");
  assert.equal(completeAddress("/about/"), "/about/");
  assert.equal(looksLikeAddress("the last café"), false);
  assert.equal(looksLikeAddress("example.org"), true);
});
