"""Blocks of a document made by hand where WordPress's markup says more than HTML does."""

from __future__ import annotations

import re
from html import escape
from typing import Any, Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from cms.lib.document import from_html, normalise, to_html

Node = dict[str, Any]

_LAYOUTS: Final = {"wide": "wide", "full": "full", "left": "start", "right": "end"}
_ALIGNED: Final = re.compile(r"\balign(wide|full|left|right)\b")


def node(kind: str, content: list[Node] | None = None, **attributes: object) -> Node:
    """Return a node of a document; attributes that are None, "" or 0 are left out."""
    made: Node = {"type": kind}
    kept = {name: value for name, value in attributes.items() if value not in (None, "", 0)}
    if kept:
        made["attrs"] = kept
    if content:
        made["content"] = content
    return made


def as_html(*nodes: Node) -> str:
    """Return nodes as the HTML from which `from_html` makes the same nodes again."""
    return str(to_html(normalise({"type": "doc", "content": list(nodes)}), ids=True))


def blocks_of(html: str) -> list[Node]:
    """Return the blocks that a piece of HTML makes."""
    content: list[Node] = from_html(html).get("content", [])
    return content


def inline_of(html: str) -> list[Node]:
    """Return a piece of HTML as the inside of one paragraph; several blocks become lines of it."""
    found: list[Node] = []
    for block in blocks_of(f"<p>{html}</p>"):
        words = block.get("content", []) if block["type"] in ("paragraph", "heading") else []
        if found and words:
            found.append({"type": "hardBreak"})
        found.extend(words)
    return found


def fragment(html: str) -> LexborNode:
    """Return the body of a parsed piece of HTML."""
    body = LexborHTMLParser(f"<!doctype html><body>{html}").body
    if body is None:
        raise ValueError("A parsed page always has a body.")
    return body


def first(element: LexborNode, selector: str) -> LexborNode | None:
    """Return the first element inside that matches a CSS selector, None when there is none."""
    return next(iter(element.css(selector)), None)


def inner(element: LexborNode | None) -> str:
    """Return the HTML inside an element, "" for none."""
    return (element.inner_html or "") if element is not None else ""


def plain(html: str) -> str:
    """Return the words of a piece of HTML in one line."""
    return " ".join(fragment(html).text().split())


def attribute(element: LexborNode | None, name: str) -> str:
    """Return an attribute of an element, "" when either is missing."""
    return ((element.attributes.get(name) or "") if element is not None else "").strip()


def layout_of(*hints: str) -> str | None:
    """Return the layout that the first telling hint names: an `align` value or a class attribute."""
    for hint in hints:
        if hint in _LAYOUTS:
            return _LAYOUTS[hint]
        if found := _ALIGNED.search(hint):
            return _LAYOUTS[found[1]]
    return None


def size_of(element: LexborNode, name: str) -> int | None:
    """Return an attribute that is a number of pixels."""
    digits = attribute(element, name).removesuffix("px")
    return int(digits) if digits.isdecimal() and len(digits) < 6 else None


def picture(element: LexborNode, caption: str = "", layout: str | None = None) -> Node:
    """Return the image node of an `<img>`; the link around it becomes the node's own."""
    around = element.parent
    return node(
        "image",
        inline_of(caption) if caption.strip() else None,
        src=attribute(element, "src"),
        alt=attribute(element, "alt"),
        title=attribute(element, "title"),
        width=size_of(element, "width"),
        height=size_of(element, "height"),
        layout=layout or layout_of(attribute(element, "class")),
        href=attribute(around, "href") if around is not None and around.tag == "a" else None,
    )


def link_paragraph(href: str, words: str) -> str:
    """Return a paragraph of HTML that is nothing but a link."""
    return f'<p><a href="{escape(href)}">{escape(words or href)}</a></p>'
