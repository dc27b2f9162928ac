"""The canonical form of a document, made out of any JSON whatever.

Unknown nodes give up their content, stray pieces are wrapped, attributes are cleaned, blocks nested too deep
are laid flat. Nothing here follows the nesting of its input by recursion beyond `MAX_DEPTH` blocks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cms.lib.document import anchors, footnotes, ids
from cms.lib.document.characters import clean_text
from cms.lib.document.finish import finish
from cms.lib.document.inline import flatten, is_blank, tidy
from cms.lib.document.schema import DEFAULT_PART, MAX_DEPTH, NODES, Document, Node, NodeSpec, clean_attrs
from cms.lib.document.tree import without

_BREAK: Mapping[str, Any] = {"type": "\0break"}
#: Text blocks that hold no link of their own making and stand inside one, or inside a control.
_PLAIN = frozenset({"button", "detailsSummary"})


class Canonical(dict[str, Any]):
    """A document that `normalise` made and nobody changes in place: it is not made again. A copy of it is any JSON."""


def normalise(document: object, *, previous: Document | None = None) -> Document:
    """Return the canonical document for any JSON value; normalising it again changes nothing.

    Each top-level block has an id of its own. Missing ones are taken from the block of `previous` with the
    same or the most similar content, else made from the content, so that equal input gives equal output.
    """
    if isinstance(document, Canonical):
        return document
    children = document.get("content") if isinstance(document, Mapping) else document
    blocks = _walked(children)
    lost = footnotes.dangling(blocks)
    if lost:
        blocks = _walked(without(blocks, lambda node: id(node) in lost))
    blocks = footnotes.settle(anchors.settle(_one_read_more(blocks))) or [{"type": "paragraph"}]
    return Canonical(type="doc", content=ids.assign(blocks, previous))


def _walked(children: object) -> list[Node]:
    walker = _Walker()
    blocks = walker.blocks(children, 0)
    return blocks + footnotes.gathered(walker.notes, walker.notes_id)


def _one_read_more(blocks: list[Node]) -> list[Node]:
    marks = [block for block in blocks if block["type"] == "readMore"]
    return [block for block in blocks if block["type"] != "readMore" or block is marks[0]]


class _Walker:
    """Cleans blocks; collects the footnotes met on the way."""

    def __init__(self) -> None:
        self.notes: list[Node] = []
        self.notes_id: object = None

    def blocks(self, children: object, depth: int) -> list[Node]:
        """Return the canonical blocks for `children`; loose text becomes paragraphs, empty ones go."""
        out: list[Node] = []
        line: list[Mapping[str, Any]] = []
        lost_id: object = None
        pending: list[object] = [children]
        while pending:
            item = pending.pop()
            if isinstance(item, (list, tuple)):
                pending.extend(reversed(item))
                continue
            kind = item.get("type") if isinstance(item, Mapping) else None
            spec = NODES.get(kind) if isinstance(kind, str) else None
            if isinstance(item, str) or (isinstance(item, Mapping) and self._is_inline(item, spec)):
                line.extend(flatten([item]))
                continue
            out += _paragraph(line)
            line = []
            if not isinstance(item, Mapping):
                continue
            if spec is None or spec.role == "part" or (depth >= MAX_DEPTH and spec.content in ("blocks", "parts")):
                if kind == "footnote" and depth < MAX_DEPTH:
                    self.notes.append(self.part(item, depth))
                elif isinstance(item.get("content"), (list, tuple)):
                    pending += [_BREAK, item["content"], _BREAK]
            elif kind == "footnotes":
                self.notes += self._parts(item, spec, depth)
                self.notes_id = self.notes_id or _raw_id(item)
            elif not spec.top_only or depth == 0:
                made = self.block(item, spec, depth)
                out += made
                lost_id = lost_id or (_raw_id(item) if not made and kind == "paragraph" else None)
        out += _paragraph(line)
        return out or ([_empty_with_id(lost_id)] if depth == 0 and lost_id and not self.notes else [])

    @staticmethod
    def _is_inline(item: Mapping[str, Any], spec: NodeSpec | None) -> bool:
        if spec is None:
            return isinstance(item.get("text"), str)
        return spec.role == "inline"

    def block(self, item: Mapping[str, Any], spec: NodeSpec, depth: int) -> list[Node]:
        """Return the canonical block for one raw block, or what is left of it when it cannot be kept."""
        node: Node = {"type": item["type"], "attrs": clean_attrs(spec.attrs, item.get("attrs"))}
        if depth == 0 and (block_id := _raw_id(item)) is not None:
            node["attrs"] = {"id": block_id, **node["attrs"]}
        rest: list[Node] = []
        if spec.content == "parts":
            node["content"] = self._parts(item, spec, depth)
            if node["type"] == "gallery":
                rest = self._strays(item, spec, depth)
        else:
            node["content"] = self._content(item, spec, depth)
        return finish(node) + rest

    def part(self, item: Mapping[str, Any], depth: int) -> Node:
        """Return the canonical form of a list item, cell or other piece of a block."""
        kind: str = item["type"]
        spec = NODES[kind]
        node: Node = {"type": kind}
        if attrs := clean_attrs(spec.attrs, item.get("attrs")):
            node["attrs"] = attrs
        content = self._parts(item, spec, depth) if spec.content == "parts" else self._content(item, spec, depth)
        if spec.content == "blocks" and not content:
            content = [{"type": "paragraph"}]
        if content:
            node["content"] = content
        return node

    def _content(self, item: Mapping[str, Any], spec: NodeSpec, depth: int) -> list[Node]:
        children = item.get("content")
        if spec.content == "blocks":
            return self.blocks(children, depth + 1)
        if spec.content == "inline":
            kind = item["type"]
            return tidy(flatten(children), verse=kind == "verse", plain=kind in _PLAIN)
        if spec.content == "text":
            raw = "".join(_raw_text(child) for child in flatten(children))
            text = clean_text(raw)
            return [{"type": "text", "text": text}] if text else []
        return []

    def _parts(self, item: Mapping[str, Any], spec: NodeSpec, depth: int) -> list[Node]:
        """Return the pieces of a list, table …; what is not a piece is wrapped in one."""
        parts: list[Node] = []
        strays: list[object] = []
        children = item.get("content")
        for child in [*(children if isinstance(children, (list, tuple)) else ()), None]:
            kind = child.get("type") if isinstance(child, Mapping) else None
            if isinstance(child, Mapping) and kind in spec.parts:
                parts += self._wrapped(strays, item["type"], depth)
                strays = []
                parts += self.block(child, NODES["image"], 1) if kind == "image" else [self.part(child, depth)]
            elif child is not None:
                strays.append(child)
        return parts + self._wrapped(strays, item["type"], depth)

    def _wrapped(self, strays: list[object], owner: str, depth: int) -> list[Node]:
        default = DEFAULT_PART.get(owner)
        if not strays or default is None:
            return []
        wrapped = self.part({"type": default, "content": strays}, depth)
        return [] if wrapped.get("content", [{"type": "paragraph"}]) == [{"type": "paragraph"}] else [wrapped]

    def _strays(self, item: Mapping[str, Any], spec: NodeSpec, depth: int) -> list[Node]:
        children = item.get("content")
        strays = [
            child
            for child in (children if isinstance(children, (list, tuple)) else ())
            if not isinstance(child, Mapping) or child.get("type") not in spec.parts
        ]
        return self.blocks(strays, depth)


def _paragraph(line: list[Mapping[str, Any]]) -> list[Node]:
    content = tidy(line)
    return [] if is_blank(content) else [{"type": "paragraph", "content": content}]


def _raw_id(item: Mapping[str, Any]) -> object:
    attrs = item.get("attrs")
    return attrs.get("id") if isinstance(attrs, Mapping) else None


def _empty_with_id(block_id: object) -> Node:
    return {"type": "paragraph", "attrs": {"id": block_id}}


def _raw_text(child: Mapping[str, Any]) -> str:
    if child.get("type") == "hardBreak":
        return "\n"
    text = child.get("text")
    return text if isinstance(text, str) else ""
