"""Footnotes: collected at the end, in the order in which the text refers to them."""

from __future__ import annotations

from cms.lib.document.schema import Node
from cms.lib.document.tree import walk


def gathered(notes: list[Node], block_id: object = None) -> list[Node]:
    """Return the one block that holds all `notes`, each with a name of its own; nothing without notes."""
    if not notes:
        return []
    taken = {note["attrs"]["id"] for note in notes if "id" in note.get("attrs", {})}
    seen: set[str] = set()
    named: list[Node] = []
    for note in notes:
        attrs = note.get("attrs", {})
        name = attrs.get("id")
        if name is None or name in seen:
            name = _free(taken)
        seen.add(name)
        taken.add(name)
        named.append({**note, "attrs": {**attrs, "id": name}})
    block: Node = {"type": "footnotes", "content": named}
    return [{**block, "attrs": {"id": block_id}} if block_id else block]


def order(blocks: list[Node]) -> list[str]:
    """Return the names of the footnotes that the text refers to, in order, each once."""
    names: dict[str, None] = {}
    for node in walk([block for block in blocks if block["type"] != "footnotes"]):
        if node["type"] == "footnoteRef":
            names.setdefault(node["attrs"]["id"])
    return list(names)


def dangling(blocks: list[Node]) -> set[int]:
    """Return the identities (`id()`) of references without a footnote, and of those inside footnotes."""
    notes = {note["attrs"]["id"] for block in blocks if block["type"] == "footnotes" for note in block["content"]}
    lost: set[int] = set()
    for block in blocks:
        for node in walk([block]):
            if node["type"] == "footnoteRef" and (block["type"] == "footnotes" or node["attrs"]["id"] not in notes):
                lost.add(id(node))
    return lost


def settle(blocks: list[Node]) -> list[Node]:
    """Put the footnotes in the order of their references; those without a reference come last."""
    place = {name: number for number, name in enumerate(order(blocks))}
    for block in blocks:
        if block["type"] == "footnotes":
            block["content"].sort(key=lambda note: place.get(note["attrs"]["id"], len(place)))
    return blocks


def _free(taken: set[str]) -> str:
    number = 1
    while f"n{number}" in taken:
        number += 1
    return f"n{number}"
