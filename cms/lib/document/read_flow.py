"""Reading HTML as a flow of text and blocks: elements that say nothing are passed through, at any depth.

The flow is a series of items: inline nodes, blocks, loose pictures (which become blocks or stay in their sentence),
and `Edge`s, where a paragraph ends and the attributes of the next one are known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from selectolax.lexbor import LexborNode

from cms.lib.document import dom
from cms.lib.document.read_pictures import Picture, loose_picture, settle_pictures
from cms.lib.document.read_style import alignment, marks_of, root_attrs
from cms.lib.document.schema import Node
from cms.lib.document.scope import BlockReader, Scope

Skip = Callable[[LexborNode], bool]
_RAW = frozenset(("form", "svg", "math", "select", "input", "textarea", "map"))
#: Elements with a reader of their own even where only a line of text is read.
_IN_LINES = frozenset(("sup", "a", "input", "iframe", "svg", "audio", "video", "canvas"))


@dataclass(frozen=True)
class Edge:
    """The end of a paragraph; `attrs` belong to what follows."""

    attrs: Mapping[str, Any]


Item = Node | Picture | Edge
_Pending = tuple[LexborNode | Item, Scope]


class FlowReader:
    """Reads elements with the readers of single blocks in `by_tag`; those answer None to be passed through."""

    def __init__(self, by_tag: Mapping[str, BlockReader], notes: frozenset[str]) -> None:
        self.by_tag = by_tag
        self.notes = notes

    def blocks(self, parent: LexborNode, scope: Scope, skip: Skip | None = None) -> list[Node]:
        """Return what is inside `parent` as blocks, without the children that `skip` names."""
        return self.read((child for child in dom.children(parent) if skip is None or not skip(child)), scope)

    def read(self, nodes: Iterable[LexborNode], scope: Scope) -> list[Node]:
        """Return some neighbouring nodes as blocks."""
        found: list[Node] = []
        line: list[Node | Picture] = []
        attrs: Mapping[str, Any] = scope.attrs
        for item in self._items(nodes, scope):
            if isinstance(item, Edge):
                found += settle_pictures(line, attrs)
                attrs = item.attrs
                line = []
            elif isinstance(item, Picture) or item["type"] in ("text", "hardBreak", "footnoteRef", "inlineImage"):
                line.append(item)
            else:
                found += settle_pictures(line, attrs)
                line = []
                found.append(_inheriting(item, attrs))
        return found + settle_pictures(line, attrs)

    def inline(self, parent: LexborNode, scope: Scope, skip: Skip | None = None) -> list[Node]:
        """Return what is inside `parent` as one line of text."""
        found: list[Node] = []
        nodes = (child for child in dom.children(parent) if skip is None or not skip(child))
        for item in self._items(nodes, replace(scope, flat=True)):
            if isinstance(item, Edge):
                found.append({"type": "text", "text": " "})
            else:
                found.append(item.inline() if isinstance(item, Picture) else item)
        return found

    def _items(self, nodes: Iterable[LexborNode], scope: Scope) -> Iterator[Item]:
        pending: list[_Pending] = [(node, scope) for node in nodes]
        pending.reverse()
        while pending:
            item, inner = pending.pop()
            if not isinstance(item, LexborNode):
                yield item
            elif item.is_text_node:
                yield _text(item.text_content or "", inner)
            elif item.is_comment_node:
                yield from _comment(item.comment_content or "", inner)
            elif item.is_element_node and not dom.is_hidden(item):
                yield from self._element(item, inner, pending)

    def _element(self, node: LexborNode, scope: Scope, pending: list[_Pending]) -> Iterator[Item]:
        """Yield the items that stand for an element; what is to be read of its inside goes onto `pending`."""
        tag = node.tag or ""
        if tag == "br":
            yield {"type": "hardBreak"}
            return
        if tag == "img":
            yield from loose_picture(node, scope)
            return
        read = self.by_tag.get(tag)
        if read is not None and (not scope.flat or tag in _IN_LINES):
            made = read(self, node, scope)
            if made is not None:
                yield from made
                return
            if "class" in node.attributes or tag == "figure":
                scope = scope.passing()
        if tag in _RAW and not scope.flat and not scope.link:
            yield {"type": "rawHtml", "attrs": {"html": node.html or ""}}
            return
        before: list[_Pending] = []
        after: list[_Pending] = []
        inner = _inside(node, scope)
        if dom.is_block(tag):
            before, after = [(Edge(inner.attrs), inner)], [(Edge(_without_id(scope.attrs)), scope)]
        elif tag == "q":
            before, after = [(_text("\u201c", inner), inner)], [(_text("\u201d", inner), inner)]
        pending.extend(after)
        pending.extend([(child, inner) for child in dom.children(node)][::-1])
        pending.extend(before)


def _inside(node: LexborNode, scope: Scope) -> Scope:
    """Return the scope inside an element that is passed through."""
    if not dom.is_block(node.tag):
        marks = marks_of(node)
        return scope.marked(*marks) if marks else scope
    attrs: Node = {name: value for name, value in scope.attrs.items() if name != "id"}
    attrs |= root_attrs(node)
    align = alignment(node)
    if align:
        attrs["align"] = align
    return replace(scope, attrs=attrs)


def _inheriting(block: Node, attrs: Mapping[str, Any]) -> Node:
    """Return a block with the language, direction and alignment around it, where it says nothing else itself."""
    names = ("lang", "dir", "align") if block["type"] == "heading" else ("lang", "dir")
    around = {name: attrs[name] for name in names if name in attrs}
    return {**block, "attrs": {**around, **block.get("attrs", {})}} if around else block


def _without_id(attrs: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in attrs.items() if name != "id"}


def _text(text: str, scope: Scope) -> Node:
    return {"type": "text", "text": text, "marks": list(scope.marks)}


def _comment(text: str, scope: Scope) -> Iterator[Node]:
    """Yield the mark that WordPress writes as a comment."""
    words = text.strip()
    if scope.flat:
        return
    if words == "nextpage":
        yield {"type": "pageBreak"}
    elif words == "more" or words.startswith("more "):
        yield {"type": "readMore", "attrs": {"text": words[5:]}}
