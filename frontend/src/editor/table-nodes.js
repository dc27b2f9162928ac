// Tables on prosemirror-tables, without resizing (widths are the theme's business).
import { Extension } from "@tiptap/core";
import {
  addColumnAfter, addColumnBefore, addRowAfter, addRowBefore, deleteColumn, deleteRow, deleteTable, goToNextCell,
  mergeCells, splitCell, tableEditing, toggleHeaderCell, toggleHeaderColumn, toggleHeaderRow,
} from "@tiptap/pm/tables";
import { block } from "./nodes.js";

const span = (node) => ({ colspan: node.attrs.colspan === 1 ? null : node.attrs.colspan, rowspan: node.attrs.rowspan === 1 ? null : node.attrs.rowspan, "data-align": node.attrs.align });
const readCell = (element) => ({
  colspan: element.colSpan || 1,
  rowspan: element.rowSpan || 1,
  align: ["center", "right", "justify"].includes(element.getAttribute("align") || element.dataset.alignment) ? element.getAttribute("align") || element.dataset.alignment : null,
  ...(element.getAttribute("scope") ? { scope: element.getAttribute("scope") } : {}),
});
const cell = (name, tag, attrs, tableRole) =>
  block({ name, group: "", content: "block+", isolating: true, tableRole, attrs, html: (node) => [tag, span(node), 0], from: [{ tag, getAttrs: readCell }] });

const Table = block({
  name: "table",
  content: "tableRow+",
  isolating: true,
  tableRole: "table",
  attrs: ["caption"],
  html: (node) => ["div", { class: "mh-tablewrap", "data-caption": node.attrs.caption }, ["table", ["tbody", 0]]],
  from: [{ tag: "table", getAttrs: (element) => ({ caption: element.dataset.caption || null }) }],
});
const Row = block({ name: "tableRow", group: "", content: "(tableCell | tableHeader)+", tableRole: "row", html: () => ["tr", {}, 0], from: [{ tag: "tr" }] });
const Header = cell("tableHeader", "th", ["colspan", "rowspan", "scope"], "header_cell");
const Cell = cell("tableCell", "td", ["colspan", "rowspan"], "cell");

const run = (command) => ({ editor }) => command(editor.state, editor.view.dispatch);
const TableEditing = Extension.create({
  name: "tableEditing",
  extendNodeSchema: (extension) => (extension.config.tableRole ? { tableRole: extension.config.tableRole } : {}),
  addProseMirrorPlugins: () => [tableEditing()],
  addKeyboardShortcuts() {
    return {
      Tab: ({ editor }) =>
        editor.isActive("table") && (run(goToNextCell(1))({ editor }) || (run(addRowAfter)({ editor }) && run(goToNextCell(1))({ editor }))),
      "Shift-Tab": ({ editor }) => editor.isActive("table") && run(goToNextCell(-1))({ editor }),
    };
  },
});

export const tableNodes = [Table, Row, Header, Cell, TableEditing];
export const tableCommands = {
  addRowBefore, addRowAfter, addColumnBefore, addColumnAfter, deleteRow, deleteColumn, deleteTable, mergeCells, splitCell,
  toggleHeaderRow, toggleHeaderColumn, toggleHeaderCell,
};

/** A table with a header row, as JSON. */
export function newTable(rows, columns) {
  const make = (type) => ({ type, content: [{ type: "paragraph" }] });
  const row = (type) => ({ type: "tableRow", content: Array.from({ length: columns }, () => make(type)) });
  return { type: "table", content: [row("tableHeader"), ...Array.from({ length: rows - 1 }, () => row("tableCell"))] };
}
