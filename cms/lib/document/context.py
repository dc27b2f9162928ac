"""What the writers of HTML know while they write one document."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import escape

from cms.lib.document.labels import Labels
from cms.lib.document.schema import Node

Attributes = dict[str, object]


@dataclass
class Context:
    """`ids` asks for all that is needed to read the document back; the rest counts along while writing."""

    ids: bool
    labels: Labels
    anchors: Iterator[str]
    numbers: dict[str, int]
    write: Callable[[Node, Attributes, Context], str]
    referred: set[str] = field(default_factory=set)
    page: int = 1
    tables: int = 0

    def blocks(self, nodes: list[Node]) -> str:
        """Write blocks inside another; the empty paragraph that fills an empty one is not written."""
        if len(nodes) == 1 and nodes[0]["type"] == "paragraph" and "content" not in nodes[0]:
            return ""
        parts: list[str] = []
        for node in nodes:
            attrs = node.get("attrs", {})
            parts.append(self.write(node, {name: attrs[name] for name in ("lang", "dir") if name in attrs}, self))
        return "".join(parts)

    def next_page(self) -> str:
        """Count one page on and return its label."""
        self.page += 1
        return escape(self.labels.page.format(number=self.page), quote=False)
