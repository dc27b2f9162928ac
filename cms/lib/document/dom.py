"""Looking at parsed HTML (lexbor), never by recursion."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

_ENDS = re.compile(r"</(?:body|html)\s*>", re.IGNORECASE)
_INVISIBLE = frozenset(
    ("script", "style", "template", "noscript", "head", "title", "meta", "link", "base", "noframes", "noembed", "param")
)
_HIDDEN = re.compile(r"(?:^|;)\s*display\s*:\s*none", re.IGNORECASE)
_BLOCK_NAMES = """address article aside blockquote caption center dd details dialog dir div dl dt fieldset figcaption
figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr legend li listing main menu nav ol p plaintext pre search section
summary table tbody td tfoot th thead tr ul xmp"""
_BLOCKS = frozenset(_BLOCK_NAMES.split())


def parse(html: str) -> LexborNode | None:
    """Parse HTML as the inside of a body, as a browser does, and return that body."""
    readable = html.encode("utf-8", "replace").decode("utf-8")
    return LexborHTMLParser(f"<!doctype html><body>{_ENDS.sub('', readable)}").body


def attrs(node: LexborNode) -> dict[str, str]:
    """Return the attributes of an element; one without a value is empty."""
    return {name: value or "" for name, value in node.attributes.items()}


def classes(node: LexborNode) -> frozenset[str]:
    """Return the class names of an element."""
    return frozenset((node.attributes.get("class") or "").split())


def children(node: LexborNode) -> Iterator[LexborNode]:
    """Yield the child nodes, text and comments included."""
    child = node.first_child
    while child is not None:
        yield child
        child = child.next


def elements(node: LexborNode, *tags: str) -> list[LexborNode]:
    """Return the child elements, or those with one of the `tags`."""
    return [child for child in children(node) if child.is_element_node and (not tags or child.tag in tags)]


def descend(node: LexborNode, limit: int = 400) -> Iterator[LexborNode]:
    """Yield up to `limit` nodes below `node` in the order of the page."""
    pending = list(children(node))[::-1]
    while pending and limit > 0:
        inner = pending.pop()
        limit -= 1
        yield inner
        if inner.is_element_node:
            pending.extend(list(children(inner))[::-1])


def first(node: LexborNode, *tags: str) -> LexborNode | None:
    """Return the first element near `node`, below it, with one of the `tags`."""
    return next((inner for inner in descend(node) if inner.is_element_node and inner.tag in tags), None)


def is_block(tag: str | None) -> bool:
    """Tell whether an element of this kind begins on a line of its own."""
    return tag in _BLOCKS


def is_hidden(node: LexborNode) -> bool:
    """Tell whether a page shows nothing of an element, whatever is in it."""
    if node.tag in _INVISIBLE:
        return True
    values = node.attributes
    return "hidden" in values or bool(_HIDDEN.search(values.get("style") or ""))


def text_of(node: LexborNode, *, lines: bool = False) -> str:
    """Return the visible text below `node`; with `lines` a line feed at each break and block, else a space."""
    parts: list[str] = []
    pending: list[LexborNode | str] = []
    pending.extend(reversed(list(children(node))))
    edge = "\n" if lines else " "
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            if parts and not parts[-1].endswith(edge):
                parts.append(item)
        elif item.is_text_node:
            parts.append(item.text_content or "")
        elif item.is_element_node and not is_hidden(item):
            inner = reversed(list(children(item)))
            if item.tag == "br":
                parts.append(edge)
            elif is_block(item.tag):
                pending += [edge, *inner, edge]
            else:
                pending.extend(inner)
    return "".join(parts)


def is_blank(node: LexborNode) -> bool:
    """Tell whether a node shows nothing: white space, a comment, something hidden."""
    if node.is_text_node:
        return not (node.text_content or "").strip(" \t\r\n\f")
    return not node.is_element_node or is_hidden(node)
