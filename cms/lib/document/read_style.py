"""What HTML says by names and styles: marks, alignment, layout, the number of a file."""

from __future__ import annotations

import re
from collections.abc import Mapping

from selectolax.lexbor import LexborNode

from cms.lib.document import dom
from cms.lib.document.schema import Node
from cms.lib.document.urls import own_reference

#: Elements that are a mark.
MARK_TAGS: dict[str, str] = {
    "strong": "bold",
    "b": "bold",
    "em": "italic",
    "i": "italic",
    "dfn": "italic",
    "var": "italic",
    "u": "underline",
    "s": "strike",
    "strike": "strike",
    "del": "strike",
    "ins": "insert",
    "mark": "highlight",
    "code": "code",
    "tt": "code",
    "samp": "code",
    "kbd": "kbd",
    "sub": "subscript",
    "sup": "superscript",
    "small": "small",
    "cite": "cite",
}
_ALIGN_CLASSES = {
    "text-start": "left",
    "text-center": "center",
    "text-end": "right",
    "text-justify": "justify",
    "num": "right",
    "has-text-align-left": "left",
    "has-text-align-center": "center",
    "has-text-align-right": "right",
    "has-text-align-justify": "justify",
}
_ALIGN_VALUES = {"left": "left", "start": "left", "center": "center", "right": "right", "end": "right"}
_ALIGN_STYLE = re.compile(r"text-align\s*:\s*(left|start|center|right|end|justify)", re.IGNORECASE)
_LAYOUT_CLASSES = {
    "is-wide": "wide",
    "alignwide": "wide",
    "is-full": "full",
    "alignfull": "full",
    "align-start": "start",
    "alignleft": "start",
    "align-end": "end",
    "alignright": "end",
}
_STYLES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("bold", re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)")),
    ("italic", re.compile(r"font-style\s*:\s*(?:italic|oblique)")),
    ("underline", re.compile(r"text-decoration(?:-line)?\s*:[^;]*underline")),
    ("strike", re.compile(r"text-decoration(?:-line)?\s*:[^;]*line-through")),
    ("superscript", re.compile(r"vertical-align\s*:\s*super")),
    ("subscript", re.compile(r"vertical-align\s*:\s*sub(?!\w)|vertical-align\s*:\s*sub$")),
)


def root_attrs(node: LexborNode) -> Node:
    """Return what any block may say of itself: its id, its language, its direction."""
    values = node.attributes
    found = {"id": values.get("data-id"), "lang": values.get("lang"), "dir": (values.get("dir") or "").lower()}
    return {name: value for name, value in found.items() if value}


def alignment(node: LexborNode) -> str | None:
    """Return how an element aligns its text, by class, attribute or style."""
    values = dom.attrs(node)
    for name in values.get("class", "").split():
        if name in _ALIGN_CLASSES:
            return _ALIGN_CLASSES[name]
    by_style = _ALIGN_STYLE.search(values.get("style", ""))
    if by_style:
        value = by_style.group(1).lower()
        return "justify" if value == "justify" else _ALIGN_VALUES[value]
    value = values.get("align", "").lower()
    if value == "justify":
        return "justify"
    return "center" if node.tag == "center" or value == "middle" else _ALIGN_VALUES.get(value)


def layout(*nodes: LexborNode | None) -> str | None:
    """Return how a picture stands in the text, by the first of `nodes` that says so."""
    for node in nodes:
        if node is None:
            continue
        found = next((_LAYOUT_CLASSES[name] for name in sorted(dom.classes(node)) if name in _LAYOUT_CLASSES), None)
        side = (node.attributes.get("align") or "").lower() if node.tag == "img" else ""
        style = re.search(r"(?:^|;|\s)float\s*:\s*(left|right)", (node.attributes.get("style") or "").lower())
        side = style.group(1) if style else side
        if found or side in ("left", "right"):
            return found or {"left": "start", "right": "end"}[side]
    return None


def marks_of(node: LexborNode) -> list[Node]:
    """Return the marks that an element inside a line puts on its text."""
    values = dom.attrs(node)
    kind = MARK_TAGS.get(node.tag or "")
    marks: list[Node] = [{"type": kind}] if kind else []
    if node.tag == "a" and ("href" in values or "data-entry" in values or "data-media" in values):
        marks.append({"type": "link", "attrs": link_attrs(values)})
    style = values.get("style", "").lower()
    if style and node.tag in ("span", "font"):
        marks += [{"type": name} for name, pattern in _STYLES if pattern.search(style)]
    language = {"lang": values.get("lang"), "dir": values.get("dir", "").lower() or None}
    if (language["lang"] or language["dir"]) and node.tag not in ("a",):
        marks.append({"type": "language", "attrs": language})
    return marks


def link_attrs(values: Mapping[str, str]) -> Node:
    """Return the attributes of a link mark."""
    href = values.get("href")
    numbered = {"entryId": values.get("data-entry"), "mediaId": values.get("data-media")}
    found: Node = {name: value for name, value in numbered.items() if value}
    if href and not (found and own_reference(href)):
        found["href"] = href
    return {**found, **{name: values[name] for name in ("title", "rel", "target") if values.get(name)}}


def source_attrs(values: Mapping[str, str], *names: str) -> Node:
    """Return where a picture or recording is found: by number, or by the first of `names` that has an address."""
    media_id = values.get("data-media")
    address = next((values[name] for name in names if values.get(name) and not values[name].startswith("data:")), None)
    found: Node = {"mediaId": media_id} if media_id else {}
    if address and not (media_id and own_reference(address)):
        found["src"] = address
    return found


def size(value: str | None) -> int | None:
    """Return a length in pixels from an attribute such as `300` or `300px`."""
    match = re.match(r"\s*(\d{1,6})(?:\.\d+)?\s*(?:px)?\s*$", value or "")
    return int(match.group(1)) if match else None
