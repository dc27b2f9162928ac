// What Enter and Backspace do in blocks that a paragraph's habits do not fit.
import { Extension } from "@tiptap/core";
import { TextSelection } from "@tiptap/pm/state";

const CAPTIONED = new Set(["image", "audio", "video", "file", "embed", "button"]);

/** Puts an empty paragraph after the block that ends at `position` and the cursor into it. */
export function paragraphAfter(editor, position) {
  const { tr, schema } = editor.state;
  tr.insert(position, schema.nodes.paragraph.create());
  tr.setSelection(TextSelection.create(tr.doc, position + 1));
  editor.view.dispatch(tr.scrollIntoView());
  return true;
}

function enterInVerse(editor, $from) {
  const before = $from.nodeBefore;
  const atEnd = $from.parentOffset === $from.parent.content.size;
  if (!(atEnd && before?.type.name === "hardBreak")) return editor.commands.insertContent({ type: "hardBreak" });
  editor.view.dispatch(editor.state.tr.delete($from.pos - 1, $from.pos));
  return paragraphAfter(editor, editor.state.selection.$from.after());
}

function enterInTerm(editor, $from) {
  const { tr, schema } = editor.state;
  if ($from.parent.content.size === 0 && $from.indexAfter(-1) === $from.node(-1).childCount && $from.node(-1).childCount > 1) {
    const end = $from.after(-1);
    tr.delete($from.before(), $from.after());
    const place = tr.mapping.map(end);
    tr.insert(place, schema.nodes.paragraph.create()).setSelection(TextSelection.create(tr.doc, place + 1));
  } else {
    const after = $from.after();
    tr.insert(after, schema.nodes.definitionDescription.createAndFill()).setSelection(TextSelection.create(tr.doc, after + 2));
  }
  editor.view.dispatch(tr.scrollIntoView());
  return true;
}

/** An empty last paragraph of a description starts the next term. */
function enterInDescription(editor, $from) {
  const list = $from.depth - 2;
  if (list < 0 || $from.node(list + 1)?.type.name !== "definitionDescription") return false;
  const description = $from.node(list + 1);
  if ($from.parent.content.size || description.childCount < 2 || $from.index(list + 1) !== description.childCount - 1) return false;
  const { tr, schema } = editor.state;
  tr.delete($from.before(), $from.after());
  const place = tr.mapping.map($from.after(list + 1));
  tr.insert(place, schema.nodes.definitionTerm.create()).setSelection(TextSelection.create(tr.doc, place + 1));
  editor.view.dispatch(tr.scrollIntoView());
  return true;
}

function enter({ editor }) {
  const { $from, empty } = editor.state.selection;
  const { name } = $from.parent.type;
  if (!$from.parent.isTextblock) return false;
  if (CAPTIONED.has(name)) return $from.node(-1).type.name === "gallery" ? paragraphAfter(editor, $from.after(-1)) : paragraphAfter(editor, $from.after());
  if (name === "verse") return enterInVerse(editor, $from);
  if (name === "definitionTerm") return enterInTerm(editor, $from);
  if (name === "detailsSummary") {
    const inside = TextSelection.near(editor.state.doc.resolve($from.after() + 1), 1);
    editor.view.dispatch(editor.state.tr.setSelection(inside).scrollIntoView());
    return true;
  }
  return empty && enterInDescription(editor, $from);
}

/** At the start of an empty caption, Backspace takes the block; elsewhere captions keep their block. */
function backspace({ editor }) {
  const { $from, empty } = editor.state.selection;
  if (!empty || $from.parentOffset > 0 || !CAPTIONED.has($from.parent.type.name)) return false;
  if ($from.parent.content.size === 0) editor.commands.setNodeSelection($from.before());
  return true;
}

export const BlockKeys = Extension.create({
  name: "blockKeys",
  priority: 200,
  addKeyboardShortcuts: () => ({ Enter: enter, Backspace: backspace }),
});
