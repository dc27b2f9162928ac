// Uploads into the text: a place is kept, shows the progress, and becomes the block.
import { Plugin, PluginKey } from "@tiptap/pm/state";
import { Decoration, DecorationSet } from "@tiptap/pm/view";
import { h, size } from "../shared/dom.js";
import { t } from "../shared/strings.js";
import { blockFor } from "./media.js";
import { iconButton } from "./ui.js";

const uploads = new PluginKey("uploads");

/** Places of running uploads, kept in step with the text. */
export const uploadPlugin = () =>
  new Plugin({
    key: uploads,
    state: {
      init: () => DecorationSet.empty,
      apply(tr, set) {
        const mapped = set.map(tr.mapping, tr.doc);
        const change = tr.getMeta(uploads);
        if (change?.add) return mapped.add(tr.doc, [Decoration.widget(change.at, change.add, { id: change.id, side: -1 })]);
        if (change?.remove) return mapped.remove(mapped.find(null, null, (spec) => spec.id === change.remove));
        return mapped;
      },
    },
    props: { decorations: (state) => uploads.getState(state) },
  });

/** The nearest place at or after `position` where a block may stand at top level. */
function blockPlace(doc, position) {
  const $pos = doc.resolve(Math.min(position, doc.content.size));
  if ($pos.depth === 0) return $pos.pos;
  const emptyParagraph = $pos.depth === 1 && $pos.parent.type.name === "paragraph" && $pos.parent.content.size === 0;
  return emptyParagraph ? $pos.before(1) : $pos.after(1);
}

/** Uploads files and puts a block for each where `position` was, even if the text moved meanwhile. */
export function uploadInto(editor, library, files, position) {
  let at = blockPlace(editor.state.doc, position);
  for (const file of files) {
    const id = {};
    const stop = new AbortController();
    const progress = h("progress", { class: "mh-progress", max: 100, value: 0, "aria-label": file.name });
    const state = h("span", { class: "mh-uploads__state", role: "status" }, size(file.size));
    const drop = () => editor.view.dispatch(editor.state.tr.setMeta(uploads, { remove: id }));
    const cancel = iconButton("x", t("Stop {name}", { name: file.name }), () => (stop.signal.aborted || !progress.isConnected ? drop() : stop.abort()));
    const row = h("div", { class: "mh-uploading", contenteditable: "false" }, h("span", { class: "mh-uploads__name" }, file.name || t("Picture")), progress, state, cancel);
    editor.view.dispatch(editor.state.tr.setMeta(uploads, { add: row, at, id }));
    library
      .upload(file, {
        signal: stop.signal,
        progress: (sent, total) => {
          progress.value = (100 * sent) / total;
          state.textContent = t("{sent} of {total}", { sent: size(sent), total: size(total) });
        },
      })
      .then((item) => {
        const [found] = uploads.getState(editor.state).find(null, null, (spec) => spec.id === id);
        drop();
        if (found) insertAt(editor, found.from, blockFor(item));
      })
      .catch((error) => {
        if (error.name === "AbortError") return drop();
        row.classList.add("is-error");
        progress.remove();
        state.textContent = error.message;
        state.setAttribute("role", "alert");
      });
  }
}

/** Inserts a block at a top-level place; an empty paragraph there gives way. */
export function insertAt(editor, position, json) {
  const { state } = editor;
  const place = blockPlace(state.doc, position);
  const node = state.schema.nodeFromJSON(json);
  const next = state.doc.resolve(place).nodeAfter;
  const gives = next?.type.name === "paragraph" && next.content.size === 0 ? next.nodeSize : 0;
  editor.view.dispatch(state.tr.replaceWith(place, place + gives, node).scrollIntoView());
}
