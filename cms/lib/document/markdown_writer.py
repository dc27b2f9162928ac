"""A document as Markdown that gives the very same document back.

Each block is written in the first way that reads back as itself: plain Markdown, Markdown with HTML elements for
marks, one HTML element, and last a fence that holds the block as JSON (```` ```cms-block ````).
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from cms.lib.document.html_writer import block_html
from cms.lib.document.ids import content_key
from cms.lib.document.markdown_blocks import Style, alike, block, fenced
from cms.lib.document.markdown_reader import from_markdown
from cms.lib.document.schema import Document, Node
from cms.lib.document.tree import walk

#: Blocks whose HTML holds more of ours (icons, notices) than of the author's.
_NOT_AS_HTML = frozenset({"file", "embed", "callout", "codeBlock", "footnotes", "rawHtml", "readMore", "pageBreak"})
_LONG_LINE = 100
_ROUNDS = 50


def to_markdown(document: Document) -> str:
    """Return a canonical document as Markdown; `from_markdown(…, previous=document)` gives it back."""
    nodes: list[Node] = document["content"]
    written: list[str] = []
    other = False
    for place, node in enumerate(nodes):
        other = not other if place > 0 and alike(nodes[place - 1], node) else False
        written.append(_written(node, other))
    return _agreed(nodes, written)


def _written(node: Node, other: bool) -> str:
    wanted = content_key(node)
    stubs = _stubs(node)
    for candidate in _candidates(node, other):
        found = from_markdown(candidate + stubs)["content"]
        if content_key(found[0]) == wanted and len(found) == (2 if stubs else 1):
            return candidate
    return _opaque(node)


def _candidates(node: Node, other: bool) -> Iterator[str]:
    for tags in (False, True):
        text = block(node, Style(tags=tags, other=other))
        if text is not None:
            yield text
    if node["type"] not in _NOT_AS_HTML:
        html = block_html(node)
        if "\n\n" not in html:
            yield html


def _stubs(node: Node) -> str:
    """Return empty footnotes for the references in a block, which are none without them."""
    if node["type"] == "footnotes":
        return ""
    names = dict.fromkeys(inner["attrs"]["id"] for inner in walk([node]) if inner["type"] == "footnoteRef")
    return "".join(f"\n\n[^{name}]: x" for name in names)


def _opaque(node: Node) -> str:
    bare = {**node, "attrs": {name: value for name, value in node.get("attrs", {}).items() if name != "id"}}
    if not bare["attrs"]:
        del bare["attrs"]
    text = json.dumps(bare, ensure_ascii=False)
    return fenced("cms-block", text if len(text) <= _LONG_LINE else json.dumps(bare, ensure_ascii=False, indent=1))


def _agreed(nodes: list[Node], written: list[str]) -> str:
    """Join the blocks; where neighbours are read in another way than alone, they go into fences."""
    wanted = [content_key(node) for node in nodes]
    for _ in range(_ROUNDS):
        text = "\n\n".join(written) + "\n"
        found = [content_key(node) for node in from_markdown(text)["content"]]
        if found == wanted:
            return text
        place = next((step for step, pair in enumerate(zip(found, wanted, strict=False)) if pair[0] != pair[1]), None)
        place = min(len(found), len(wanted)) - 1 if place is None else place
        for step in range(max(0, place - 1), min(len(nodes), place + 2)):
            written[step] = _opaque(nodes[step])
    return "\n\n".join(_opaque(node) for node in nodes) + "\n"
