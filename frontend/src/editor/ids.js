// Stable names of top-level blocks: ten letters or digits, new for new blocks, never twice.
import { Extension } from "@tiptap/core";
import { Plugin } from "@tiptap/pm/state";

const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

/** Ten random characters of a–z and 0–9. */
export function newId() {
  // 252 is the largest multiple of 36 in a byte: no letter is likelier than another.
  let id = "";
  while (id.length < 10) {
    for (const byte of crypto.getRandomValues(new Uint8Array(16))) if (byte < 252 && id.length < 10) id += LETTERS[byte % 36];
  }
  return id;
}

/** A transaction that names unnamed and twice-named top-level blocks, or null. */
export function nameBlocks(state) {
  const taken = new Set();
  const tr = state.tr;
  state.doc.forEach((node, offset) => {
    const { id } = node.attrs;
    if (id && !taken.has(id)) {
      taken.add(id);
      return;
    }
    const fresh = newId();
    taken.add(fresh);
    tr.setNodeAttribute(offset, "id", fresh);
  });
  return tr.docChanged ? tr.setMeta("addToHistory", false) : null;
}

export const BlockIds = Extension.create({
  name: "blockIds",
  addProseMirrorPlugins: () => [
    new Plugin({
      appendTransaction: (transactions, before, state) => (transactions.some((tr) => tr.docChanged) ? nameBlocks(state) : null),
    }),
  ],
});
