"""Reading tables from HTML."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from cms.lib.document import dom
from cms.lib.document.read_style import alignment, root_attrs
from cms.lib.document.schema import Node
from cms.lib.document.scope import Reader, Scope

_LONGEST_CAPTION = 1900


def table(reader: Reader, node: LexborNode, scope: Scope, *, attrs: Node | None = None) -> list[Node]:
    """Read a table: head, body, then foot; a caption too long for one line comes before it."""
    rows: list[Node] = []
    last: list[Node] = []
    found: Node = {**root_attrs(node), **(attrs or {})}
    before: list[Node] = []
    caption = ""
    for part in dom.elements(node):
        if part.tag == "caption":
            caption = dom.text_of(part).strip()
        elif part.tag in ("thead", "tbody", "tfoot"):
            (last if part.tag == "tfoot" else rows).extend(_row(reader, row, scope) for row in dom.elements(part, "tr"))
        elif part.tag == "tr":
            rows.append(_row(reader, part, scope))
    if len(caption) > _LONGEST_CAPTION:
        before = [{"type": "paragraph", "content": [{"type": "text", "text": caption}]}]
    elif caption:
        found["caption"] = caption
    return [*before, {"type": "table", "attrs": found, "content": rows + last}]


def _row(reader: Reader, row: LexborNode, scope: Scope) -> Node:
    return {"type": "tableRow", "content": [_cell(reader, cell, scope) for cell in dom.elements(row, "td", "th")]}


def _cell(reader: Reader, cell: LexborNode, scope: Scope) -> Node:
    values = dom.attrs(cell)
    attrs: Node = {name: value for name, value in root_attrs(cell).items() if name != "id"}
    attrs |= {name: values[name].lower() for name in ("colspan", "rowspan", "scope") if values.get(name)}
    align = alignment(cell)
    if align:
        attrs["align"] = align
    kind = "tableHeader" if cell.tag == "th" else "tableCell"
    return {"type": kind, "attrs": attrs, "content": reader.blocks(cell, scope.inside())}


def wrapped(reader: Reader, node: LexborNode, scope: Scope) -> list[Node] | None:
    """Read a table inside the `div` that lets it scroll."""
    inner = dom.elements(node, "table")
    return table(reader, inner[0], scope, attrs=root_attrs(node)) if len(inner) == 1 else None
