"""Addresses of headings: one given by the author stays, others are made from the words of the heading."""

from __future__ import annotations

from dataclasses import dataclass

from cms.lib.document.schema import Document, Node
from cms.lib.document.tree import plain_text, walk
from cms.lib.document.values import anchor as clean_anchor
from cms.lib.slugs import slugify


@dataclass(frozen=True)
class Heading:
    """A heading as a table of contents names it: its level (1 to 6), its words, its `id` in the page."""

    level: int
    text: str
    anchor: str


def headings(document: Document) -> tuple[Heading, ...]:
    """Return the headings of a canonical document in order, each with an anchor that no other has."""
    found = [node for node in walk(document) if node["type"] == "heading"]
    taken = {node["attrs"]["anchor"] for node in found if "anchor" in node["attrs"]}
    result: list[Heading] = []
    for node in found:
        text = " ".join(plain_text(node).split())
        name = node["attrs"].get("anchor") or _free(slugify(text, max_length=60), taken)
        taken.add(name)
        result.append(Heading(node["attrs"]["level"], text, name))
    return tuple(result)


def settle(blocks: list[Node]) -> list[Node]:
    """Take from headings an anchor that an earlier heading has already; the blocks are changed in place."""
    taken: set[str] = set()
    for node in walk(blocks):
        if node["type"] == "heading" and "anchor" in node["attrs"]:
            if node["attrs"]["anchor"] in taken:
                del node["attrs"]["anchor"]
            else:
                taken.add(node["attrs"]["anchor"])
    return blocks


def _free(slug: str, taken: set[str]) -> str:
    base = clean_anchor(slug) or "section"
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    return name
