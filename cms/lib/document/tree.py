"""Walking through a canonical document."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cms.lib.document.schema import Document, Node

#: What names a thing of the site, and the address that may stand beside it.
_BESIDE = (("entryId", "href"), ("mediaId", "src"), ("posterId", "poster"))


def walk(root: Document | list[Node]) -> Iterator[Node]:
    """Yield every node below `root` in the order of reading, each before what it holds."""
    pending: list[Node] = list(reversed(root if isinstance(root, list) else root.get("content", [])))
    while pending:
        node = pending.pop()
        yield node
        pending.extend(reversed(node.get("content", ())))


def without(nodes: list[Node], unwanted: Callable[[Node], bool]) -> list[Node]:
    """Return a copy of canonical `nodes` without those that `unwanted` names, at whatever depth."""
    return [
        {**node, "content": without(node["content"], unwanted)} if "content" in node else node
        for node in nodes
        if not unwanted(node)
    ]


def without_targets(document: Document) -> Document:
    """Return a copy in which what names an entry or a media file has no address beside it, which may tell of it."""
    return {**document, "content": [_without_target(node) for node in document.get("content", [])]}


def _without_target(node: Node) -> Node:
    named: Node = dict(node)
    if "attrs" in node:
        told = {beside for own, beside in _BESIDE if own in node["attrs"]}
        if node["type"] == "link" and "mediaId" in node["attrs"]:
            told.add("href")
        named["attrs"] = {name: value for name, value in node["attrs"].items() if name not in told}
    if "marks" in node:
        named["marks"] = [_without_target(mark) for mark in node["marks"]]
    if "content" in node:
        named["content"] = [_without_target(inner) for inner in node["content"]]
    return named


def plain_text(node: Node) -> str:
    """Return the text inside a node as one string; hard breaks count as spaces."""
    parts: list[str] = []
    for inner in walk([node]):
        if inner["type"] == "text":
            parts.append(inner["text"])
        elif inner["type"] == "hardBreak":
            parts.append(" ")
    return "".join(parts)
