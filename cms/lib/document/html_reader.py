"""A document out of any HTML: ours gives back what it was written from, other people's loses no visible word."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from cms.lib.document import dom, read_blocks, read_media, read_tables
from cms.lib.document.normalise import normalise
from cms.lib.document.read_flow import FlowReader
from cms.lib.document.read_style import root_attrs
from cms.lib.document.schema import Document, Node
from cms.lib.document.scope import BlockReader, Reader, Scope

_NOTE_REFERENCES = frozenset(("fn-ref", "footnote-ref", "fn"))
_NOTE_BACKLINKS = frozenset(("fn-back", "footnote-backref", "footnote-back"))


def from_html(html: str, *, previous: Document | None = None) -> Document:
    """Return the canonical document that `html` says; whatever it holds, nothing is raised.

    Blocks without a `data-id` take the id of their like in `previous`. HTML that is none of our blocks and has no
    simpler form (forms, drawings, formulas) becomes a raw block, cleaned.
    """
    body = dom.parse(html)
    if body is None:
        return normalise(None, previous=previous)
    selector = "section.footnotes li[id], .footnotes ol > li[id], ol.wp-block-footnotes li[id]"
    notes = frozenset(item.attributes.get("id") or "" for item in body.css(selector))
    reader = FlowReader(_BY_TAG, notes)
    return normalise(reader.blocks(body, Scope()), previous=previous)


def _division(reader: Reader, node: LexborNode, scope: Scope) -> list[Node] | None:
    """Read the `div`s that are blocks of ours or of WordPress; all others are passed through."""
    values, names = node.attributes, dom.classes(node)
    if "data-cms-block" in values:
        return read_blocks.opaque(node)
    if "raw-html" in names:
        html = values.get("data-html") or node.inner_html or ""
        return [{"type": "rawHtml", "attrs": {**root_attrs(node), "html": html}}]
    if "read-more" in names:
        return [{"type": "readMore", "attrs": {**root_attrs(node), "text": values.get("data-text")}}]
    if "wp-block-file" in names or {"media-card", "file"} <= names:
        return read_media.card(reader, node, scope)
    for name, read in _DIVISIONS.items():
        if name in names:
            return read(reader, node, scope)
    return None


def _section(reader: Reader, node: LexborNode, scope: Scope) -> list[Node] | None:
    return read_blocks.footnotes(reader, node, scope) if "footnotes" in dom.classes(node) else None


def _definitions(reader: Reader, node: LexborNode, scope: Scope) -> list[Node] | None:
    if "gallery-item" in dom.classes(node):
        return read_media.classic_item(reader, node, scope)
    return read_blocks.definition_list(reader, node, scope)


def _list(reader: Reader, node: LexborNode, scope: Scope) -> list[Node] | None:
    if dom.classes(node) & {"gallery", "blocks-gallery-grid", "wp-block-gallery"}:
        images = read_media.gallery(reader, node, scope)
        if images is not None:
            return images
    return read_blocks.bullet_list(reader, node, scope)


def _rule(_reader: Reader, node: LexborNode, _scope: Scope) -> list[Node]:
    if "footnotes-sep" in dom.classes(node):
        return []
    return [{"type": "horizontalRule", "attrs": root_attrs(node)}]


def _note_reference(reader: Reader, node: LexborNode, _scope: Scope) -> list[Node] | None:
    """Read a reference to a footnote that the page holds; any other raised text is passed through."""
    link = dom.first(node, "a")
    if link is None or not dom.classes(node) & _NOTE_REFERENCES:
        return None
    target = (link.attributes.get("href") or "").removeprefix("#")
    if target not in reader.notes:
        return None
    return [{"type": "footnoteRef", "attrs": {"id": read_blocks.note_name(target)}}]


def _anchor(_reader: Reader, node: LexborNode, scope: Scope) -> list[Node] | None:
    """Leave out links that we add by ourselves: of a heading to itself, from a footnote back to the text."""
    names, href = dom.classes(node), node.attributes.get("href") or ""
    made = "anchor" in names and dom.text_of(node).strip() == "#"
    back = scope.note and (names & _NOTE_BACKLINKS or (href.endswith("-link") and "aria-label" in node.attributes))
    return [] if made or back else None


def _input(_reader: Reader, node: LexborNode, scope: Scope) -> list[Node] | None:
    """Leave out the box of a task, and what a page does not show."""
    kind = (node.attributes.get("type") or "").lower()
    if kind == "checkbox" and not scope.task:
        return [{"type": "text", "text": "\u2611 " if "checked" in node.attributes else "\u2610 "}]
    return [] if kind == "hidden" or (scope.task and kind == "checkbox") or scope.flat else None


def _nothing(_reader: Reader, _node: LexborNode, _scope: Scope) -> list[Node] | None:
    return []


def _icon(_reader: Reader, node: LexborNode, _scope: Scope) -> list[Node] | None:
    return [] if "icon" in dom.classes(node) or (not dom.text_of(node).strip() and _scope.flat) else None


def _foreign(_reader: Reader, node: LexborNode, scope: Scope) -> list[Node] | None:
    """Read `object` and `embed`: a player that we know, a link to anything else; what they hold follows."""
    values = dom.attrs(node)
    address = values.get("data") or values.get("src")
    if not address or scope.flat:
        return None
    return [{"type": "embed", "attrs": {"url": address, "title": values.get("title")}}, *_inside(_reader, node, scope)]


def _inside(reader: Reader, node: LexborNode, scope: Scope) -> list[Node]:
    return reader.blocks(node, scope.inside(), lambda child: child.tag == "embed")


_DIVISIONS: dict[str, BlockReader] = {
    "table-wrap": read_tables.wrapped,
    "embed": read_media.own_embed,
    "columns": read_blocks.columns,
    "wp-block-columns": read_blocks.columns,
    "wp-block-button": read_blocks.buttons,
    "wp-caption": read_media.figure,
    "gallery": read_media.gallery,
    "wp-block-gallery": read_media.gallery,
    "footnotes": read_blocks.footnotes,
}
_BY_TAG: dict[str, BlockReader] = {
    **{f"h{level}": read_blocks.heading for level in range(1, 7)},
    "p": read_blocks.paragraph,
    "ul": _list,
    "menu": _list,
    "ol": read_blocks.ordered_list,
    "dl": _definitions,
    "blockquote": read_blocks.blockquote,
    "pre": read_blocks.preformatted,
    "listing": read_blocks.preformatted,
    "xmp": read_blocks.preformatted,
    "plaintext": read_blocks.preformatted,
    "aside": read_blocks.callout,
    "details": read_blocks.details,
    "div": _division,
    "section": _section,
    "figure": read_media.figure,
    "table": read_tables.table,
    "iframe": read_media.iframe,
    "audio": read_media.player,
    "video": read_media.player,
    "hr": _rule,
    "sup": _note_reference,
    "a": _anchor,
    "input": _input,
    "svg": _icon,
    "canvas": _nothing,
    "object": _foreign,
    "embed": _foreign,
}
