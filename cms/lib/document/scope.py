"""What the reader of HTML carries down: open marks, the attributes of paragraphs, how deep it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from selectolax.lexbor import LexborNode

from cms.lib.document.schema import Node

#: Blocks inside blocks are read to this depth; what is deeper is read as if it were not inside anything.
DEEPEST = 40
#: Elements inside each other that are looked at as blocks and turn out to be none: looking costs time.
_MOST_TRIED = 200


@dataclass(frozen=True)
class Scope:
    """`flat` reads lines of text only; `task` leaves out boxes to tick, `note` the ways back from a footnote."""

    marks: tuple[Node, ...] = ()
    attrs: Mapping[str, Any] = field(default_factory=dict)
    depth: int = 0
    tried: int = 0
    flat: bool = False
    task: bool = False
    note: bool = False

    def inside(self, **changes: Any) -> Scope:
        """Return the scope one block further in."""
        depth = self.depth + 1
        return replace(self, **{"attrs": {}, "depth": depth, "flat": self.flat or depth >= DEEPEST, **changes})

    def marked(self, *marks: Node) -> Scope:
        """Return the scope inside marks; an inner one stands for an outer one of its kind."""
        kinds = {mark["type"] for mark in marks}
        return replace(self, marks=(*(mark for mark in self.marks if mark["type"] not in kinds), *marks))

    def passing(self) -> Scope:
        """Return the scope inside an element that looked like a block of ours and is passed through."""
        tried = self.tried + 1
        return replace(self, tried=tried, flat=self.flat or tried >= _MOST_TRIED)

    @property
    def link(self) -> Node | None:
        """The link around this place."""
        return next((mark for mark in self.marks if mark["type"] == "link"), None)


class Reader(Protocol):
    """Reads what is inside an element; given to the readers of single blocks."""

    notes: frozenset[str]

    def blocks(self, parent: LexborNode, scope: Scope, skip: Callable[[LexborNode], bool] | None = None) -> list[Node]:
        """Return what is inside `parent` as blocks, without the children that `skip` names."""

    def read(self, nodes: Iterable[LexborNode], scope: Scope) -> list[Node]:
        """Return some neighbouring nodes as blocks."""

    def inline(self, parent: LexborNode, scope: Scope, skip: Callable[[LexborNode], bool] | None = None) -> list[Node]:
        """Return what is inside `parent` as one line of text."""


BlockReader = Callable[[Reader, LexborNode, Scope], "list[Node] | None"]
