"""What a document may hold: every node and mark with its attributes and its content.

A document is Tiptap/ProseMirror JSON. An attribute with its default value is left out. `content` of a node is
`blocks`, `inline`, `text` (one plain text), `none`, or `parts` (only the kinds listed in `parts`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from cms.lib.document.values import (
    Cleaner,
    anchor,
    choice,
    code_language,
    flag,
    language,
    line,
    media_type,
    note_id,
    number,
    relations,
    url,
)

Node: TypeAlias = dict[str, Any]
Document: TypeAlias = dict[str, Any]
Content = Literal["blocks", "inline", "text", "none", "parts"]
Role = Literal["block", "part", "inline"]

#: Blocks inside blocks are kept to this depth; deeper ones become paragraphs at that depth.
MAX_DEPTH = 32
_BIG = 2**53 - 1


@dataclass(frozen=True)
class NodeSpec:
    """One kind of node: where it may stand, what it holds, and a cleaner for each attribute."""

    role: Role
    content: Content
    attrs: Mapping[str, Cleaner] = field(default_factory=dict)
    parts: tuple[str, ...] = ()
    top_only: bool = False


_LANG: dict[str, Cleaner] = {"lang": language, "dir": choice(("ltr", "rtl"))}
_ALIGN: dict[str, Cleaner] = {"align": choice(("left", "center", "right", "justify"))}
_ENTRY: dict[str, Cleaner] = {"entryId": number(1, _BIG)}
_SIZE: dict[str, Cleaner] = {"width": number(1, 20000), "height": number(1, 20000)}
_SOURCE: dict[str, Cleaner] = {"mediaId": number(1, _BIG), "src": url("media")}
_CELL: dict[str, Cleaner] = {"colspan": number(2, 1000), "rowspan": number(2, 1000), **_ALIGN}


def _block(content: Content, *parts: str, **attrs: Cleaner) -> NodeSpec:
    return NodeSpec("block", content, {**attrs, **_LANG}, parts)


def _part(content: Content, *parts: str, **attrs: Cleaner) -> NodeSpec:
    return NodeSpec("part", content, {**attrs, **_LANG}, parts)


NODES: dict[str, NodeSpec] = {
    "paragraph": _block("inline", **_ALIGN),
    "heading": _block("inline", level=number(1, 6), anchor=anchor, **_ALIGN),
    "bulletList": _block("parts", "listItem"),
    "orderedList": _block(
        "parts", "listItem", start=number(0, 999_999_999, default=1), type=choice("aAiI"), reversed=flag
    ),
    "listItem": _part("blocks"),
    "taskList": _block("parts", "taskItem"),
    "taskItem": _part("blocks", checked=flag),
    "definitionList": _block("parts", "definitionTerm", "definitionDescription"),
    "definitionTerm": _part("inline"),
    "definitionDescription": _part("blocks"),
    "blockquote": _block("blocks", attribution=line()),
    "verse": _block("inline"),
    "codeBlock": _block("text", language=code_language, filename=line(200)),
    "image": _block(
        "inline",
        **_SOURCE,
        alt=line(2000),
        title=line(),
        **_SIZE,
        layout=choice(("wide", "full", "start", "end")),
        href=url("link"),
    ),
    "gallery": _block("parts", "image", columns=number(1, 12), caption=line(2000)),
    "audio": _block("inline", **_SOURCE, title=line()),
    "video": _block("inline", **_SOURCE, title=line(), posterId=number(1, _BIG), poster=url("media"), **_SIZE),
    "file": _block("inline", **_SOURCE, name=line(), bytes=number(0, _BIG), mediaType=media_type),
    "table": _block("parts", "tableRow", caption=line(2000)),
    "tableRow": NodeSpec("part", "parts", {}, ("tableHeader", "tableCell")),
    "tableHeader": _part("blocks", **_CELL, scope=choice(("col", "row", "colgroup", "rowgroup"))),
    "tableCell": _part("blocks", **_CELL),
    "horizontalRule": NodeSpec("block", "none"),
    "pageBreak": NodeSpec("block", "none", top_only=True),
    "readMore": NodeSpec("block", "none", {"text": line(200)}, top_only=True),
    "embed": _block("inline", url=url("media"), provider=line(40), title=line()),
    "callout": _block("blocks", kind=choice(("note", "tip", "warning")), title=line()),
    "button": _block("inline", href=url("link"), **_ENTRY, variant=choice(("outline",))),
    "columns": _block("parts", "column"),
    "column": _part("blocks", width=number(1, 100)),
    "details": _block("parts", "detailsSummary", "detailsContent", open=flag),
    "detailsSummary": NodeSpec("part", "inline"),
    "detailsContent": NodeSpec("part", "blocks"),
    "footnotes": NodeSpec("block", "parts", {}, ("footnote",), top_only=True),
    "footnote": _part("blocks", id=note_id),
    "rawHtml": NodeSpec("block", "none", {"html": lambda value: value if isinstance(value, str) else None}),
    "text": NodeSpec("inline", "none"),
    "hardBreak": NodeSpec("inline", "none"),
    "footnoteRef": NodeSpec("inline", "none", {"id": note_id}),
    "inlineImage": NodeSpec("inline", "none", {**_SOURCE, "alt": line(2000), **_SIZE}),
}

#: Marks in the order in which they nest, outermost first; attributes by mark.
MARKS: dict[str, dict[str, Cleaner]] = {
    "link": {
        "href": url("link"),
        "title": line(),
        "rel": relations,
        "target": choice(("_blank",)),
        **_ENTRY,
        "mediaId": number(1, _BIG),
    },
    "language": _LANG,
    "insert": {},
    "highlight": {},
    "bold": {},
    "italic": {},
    "underline": {},
    "strike": {},
    "small": {},
    "cite": {},
    "subscript": {},
    "superscript": {},
    "kbd": {},
    "code": {},
}

MARK_RANK: dict[str, int] = {name: rank for rank, name in enumerate(MARKS)}

#: What stands in for a piece that must not be empty, and what wraps a stray block in a list of parts.
DEFAULT_PART: dict[str, str] = {
    "bulletList": "listItem",
    "orderedList": "listItem",
    "taskList": "taskItem",
    "definitionList": "definitionDescription",
    "table": "tableRow",
    "tableRow": "tableCell",
    "columns": "column",
    "details": "detailsContent",
    "footnotes": "footnote",
}


def clean_attrs(cleaners: Mapping[str, Cleaner], raw: object) -> Node:
    """Return the canonical attributes out of `raw`, in the order of the schema, without empty ones."""
    if not isinstance(raw, Mapping):
        return {}
    found: Node = {}
    for name, cleaner in cleaners.items():
        value = cleaner(raw.get(name))
        if value is not None:
            found[name] = value
    return found
