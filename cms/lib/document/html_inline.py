"""Lines of text as HTML: marks become nested elements, opened and closed as seldom as possible."""

from __future__ import annotations

from html import escape

from cms.lib.document.context import Context
from cms.lib.document.html_tags import attributes, element, void
from cms.lib.document.schema import Node

_TAGS: dict[str, str] = {
    "link": "a",
    "language": "span",
    "insert": "ins",
    "highlight": "mark",
    "bold": "strong",
    "italic": "em",
    "underline": "u",
    "strike": "del",
    "small": "small",
    "cite": "cite",
    "subscript": "sub",
    "superscript": "sup",
    "kbd": "kbd",
    "code": "code",
}


def inline(content: list[Node], context: Context) -> str:
    """Return canonical inline content as HTML."""
    out: list[str] = []
    open_marks: list[Node] = []
    for place, item in enumerate(content):
        marks = _marks(content, place, open_marks)
        shared = _shared(open_marks, marks)
        out += [f"</{_TAGS[mark['type']]}>" for mark in reversed(open_marks[shared:])]
        out += [_open(mark, context) for mark in marks[shared:]]
        open_marks = marks
        out.append(_item(item, context))
    out += [f"</{_TAGS[mark['type']]}>" for mark in reversed(open_marks)]
    return "".join(out)


def link_attributes(attrs: Node, context: Context) -> dict[str, object]:
    """Return the `href` of a link, button or picture; an entry and a file are named by their number."""
    if "entryId" in attrs:
        own = f"cms:entry/{attrs['entryId']}"
    elif "mediaId" in attrs:
        own = f"cms:media/{attrs['mediaId']}"
    else:
        return {"href": attrs["href"]}
    if not context.ids:
        return {"href": own}
    return {
        "href": attrs.get("href", own),
        "data-entry": attrs.get("entryId"),
        "data-media": attrs.get("mediaId"),
    }


def image_attributes(attrs: Node, context: Context) -> dict[str, object]:
    """Return the attributes of an `img`; a file of ours is named by number, its address filled in later."""
    media_id = attrs.get("mediaId")
    return {
        "src": attrs.get("src") if media_id is None or context.ids else None,
        "data-media": media_id,
        "width": attrs.get("width"),
        "height": attrs.get("height"),
        "alt": attrs.get("alt", "" if media_id is None else None),
        "title": attrs.get("title"),
    }


def _marks(content: list[Node], place: int, open_marks: list[Node]) -> list[Node]:
    """Return the marks of an item; a hard break keeps open what goes on after it."""
    if content[place]["type"] != "hardBreak":
        marks: list[Node] = content[place].get("marks", [])
        return marks
    following = next((item for item in content[place:] if item["type"] != "hardBreak"), None)
    after = following.get("marks", []) if following else []
    return open_marks[: _shared(open_marks, after)]


def _shared(left: list[Node], right: list[Node]) -> int:
    count = 0
    while count < min(len(left), len(right)) and left[count] == right[count]:
        count += 1
    return count


def _open(mark: Node, context: Context) -> str:
    attrs = mark.get("attrs", {})
    if mark["type"] == "link":
        rest = {name: attrs.get(name) for name in ("title", "rel", "target")}
        return f"<a{attributes({**link_attributes(attrs, context), **rest})}>"
    return f"<{_TAGS[mark['type']]}{attributes(attrs)}>"


def _item(item: Node, context: Context) -> str:
    kind = item["type"]
    if kind == "text":
        return escape(item["text"], quote=False)
    if kind == "hardBreak":
        return "<br>"
    attrs = item["attrs"]
    if kind == "inlineImage":
        return void("img", {"class": "inline-image", **image_attributes(attrs, context), "decoding": "async"})
    return _reference(attrs["id"], context)


def _reference(name: str, context: Context) -> str:
    number = context.numbers[name]
    first = name not in context.referred
    context.referred.add(name)
    link = {"href": f"#fn-{name}", "aria-label": context.labels.footnote.format(number=number)}
    mark = {"class": "fn-ref", "id": f"fnref-{name}" if first else None}
    return element("sup", mark, element("a", link, str(number)))
