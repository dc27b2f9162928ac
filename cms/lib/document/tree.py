"""Walking through a canonical document."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cms.lib.document.schema import Document, Node


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


def plain_text(node: Node) -> str:
    """Return the text inside a node as one string; hard breaks count as spaces."""
    parts: list[str] = []
    for inner in walk([node]):
        if inner["type"] == "text":
            parts.append(inner["text"])
        elif inner["type"] == "hardBreak":
            parts.append(" ")
    return "".join(parts)
