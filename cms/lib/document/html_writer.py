"""A whole document as HTML."""

from __future__ import annotations

from collections.abc import Callable

from cms.lib.document import footnotes, html_blocks, html_media
from cms.lib.document.anchors import headings
from cms.lib.document.context import Attributes, Context
from cms.lib.document.html_blocks import lang
from cms.lib.document.html_tags import element, void
from cms.lib.document.labels import ENGLISH, Labels
from cms.lib.document.normalise import normalise
from cms.lib.document.placeholders import Resolver, fill
from cms.lib.document.schema import Node

#: Raise it whenever the HTML of any document changes: stored HTML of an older version is rendered anew.
RENDERER_VERSION = 1

Writer = Callable[[Node, Attributes, Context], str]


def to_html(document: object, *, ids: bool = False, resolver: Resolver | None = None, labels: Labels = ENGLISH) -> str:
    """Return any JSON value, read as a document, as HTML that runs nothing.

    With `ids` the HTML also says what only the document knows (ids of blocks, titles, numbers of files), so
    that `from_html` gives the document back. Files and entries are named by number (`data-media="12"`,
    `cms:media/12`, `cms:entry/7`) unless `resolver` puts in their addresses.
    """
    canonical = normalise(document)
    blocks: list[Node] = canonical["content"]
    context = Context(
        ids=ids,
        labels=labels,
        anchors=iter([heading.anchor for heading in headings(canonical)]),
        numbers={name: place for place, name in enumerate(footnotes.order(blocks), start=1)},
        write=_write,
    )
    html = "\n".join(_write(block, _root(block, ids), context) for block in blocks)
    return fill(html, resolver) if resolver is not None else html


def block_html(block: Node) -> str:
    """Return one canonical block as the HTML that `from_html` reads back, but for its id."""
    names = footnotes.order([block])
    context = Context(
        ids=True,
        labels=ENGLISH,
        anchors=iter([heading.anchor for heading in headings({"content": [block]})]),
        numbers={name: place for place, name in enumerate(names, start=1)},
        write=_write,
    )
    return _write(block, lang(block), context)


def _root(block: Node, ids: bool) -> Attributes:
    return {"data-id": block["attrs"]["id"], **lang(block)} if ids else lang(block)


def _write(block: Node, root: Attributes, context: Context) -> str:
    return _WRITERS[block["type"]](block, root, context)


def _rule(_node: Node, root: Attributes, _context: Context) -> str:
    return void("hr", root)


def _page_break(_node: Node, root: Attributes, context: Context) -> str:
    return element("p", {"class": "page-break", **root}, element("span", {}, context.next_page()))


def _read_more(node: Node, root: Attributes, _context: Context) -> str:
    return element(
        "div",
        {"class": "read-more", "id": "more", "data-text": node.get("attrs", {}).get("text"), **root},
        "",
    )


def _raw_html(node: Node, root: Attributes, context: Context) -> str:
    html = node["attrs"]["html"]
    return element("div", {"class": "raw-html", "data-html": html if context.ids else None, **root}, html)


_WRITERS: dict[str, Writer] = {
    "paragraph": html_blocks.paragraph,
    "heading": html_blocks.heading,
    "bulletList": html_blocks.bullet_list,
    "orderedList": html_blocks.ordered_list,
    "taskList": html_blocks.task_list,
    "definitionList": html_blocks.definition_list,
    "blockquote": html_blocks.blockquote,
    "verse": html_blocks.verse,
    "codeBlock": html_blocks.code_block,
    "callout": html_blocks.callout,
    "button": html_blocks.button,
    "columns": html_blocks.columns,
    "details": html_blocks.details,
    "footnotes": html_blocks.footnotes,
    "image": html_media.image,
    "gallery": html_media.gallery,
    "audio": html_media.audio,
    "video": html_media.video,
    "file": html_media.file,
    "table": html_media.table,
    "embed": html_media.embed,
    "horizontalRule": _rule,
    "pageBreak": _page_break,
    "readMore": _read_more,
    "rawHtml": _raw_html,
}
