"""Tables: which rows are its head, and what a header says of itself without saying so."""

from __future__ import annotations

from cms.lib.document.schema import Node


def head_rows(rows: list[Node]) -> int:
    """Return how many rows at the start hold headers only; 0 when a header reaches down into the body."""
    count = 0
    for row in rows:
        if any(cell["type"] != "tableHeader" for cell in row["content"]):
            break
        count += 1
    for place, row in enumerate(rows[:count]):
        if any(cell.get("attrs", {}).get("rowspan", 1) > count - place for cell in row["content"]):
            return 0
    return count


def usual_scope(place: int, heads: int) -> str:
    """Return the scope of a header in the row `place`: of a column in the head, of a row below it."""
    return "col" if place < heads else "row"


def settle(rows: list[Node]) -> list[Node]:
    """Leave out the scope of headers where it is the usual one."""
    heads = head_rows(rows)
    return [
        {**row, "content": [_cell(cell, usual_scope(place, heads)) for cell in row["content"]]}
        for place, row in enumerate(rows)
    ]


def _cell(cell: Node, usual: str) -> Node:
    attrs = {name: value for name, value in cell.get("attrs", {}).items() if (name, value) != ("scope", usual)}
    rest = {name: value for name, value in cell.items() if name != "attrs"}
    return {"type": rest.pop("type"), **({"attrs": attrs} if attrs else {}), **rest}
