"""Pictures met in the text: those that stand by themselves become blocks, those in a sentence stay there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from selectolax.lexbor import LexborNode

from cms.lib.document import dom
from cms.lib.document.read_style import layout, size, source_attrs
from cms.lib.document.schema import Node
from cms.lib.document.scope import Scope

_SMALL = frozenset(("inline-image", "wp-smiley", "emoji", "latex", "smiley"))
_LETTER_SIZE = 48
_SOURCES = ("data-src", "data-lazy-src", "data-original", "src")


@dataclass(frozen=True)
class Picture:
    """A picture in the text, with the link around it."""

    attrs: Node
    link: Node | None = None

    @property
    def small(self) -> bool:
        """Whether it is of the size of letters, in pixels, rather than of a picture to look at."""
        return bool(max(self.attrs.get("width", 1000), self.attrs.get("height", 1000)) <= _LETTER_SIZE)

    def inline(self) -> Node:
        """Return it as a piece of a sentence."""
        return {"type": "inlineImage", "attrs": self.attrs, "marks": [self.link] if self.link else []}

    def block(self) -> Node:
        """Return it as a block."""
        link = (self.link or {}).get("attrs", {})
        href = link.get("href")
        for name in ("entry", "media"):
            href = f"cms:{name}/{link[f'{name}Id']}" if f"{name}Id" in link else href
        return {"type": "image", "attrs": {**self.attrs, "href": href} if href else self.attrs}


def image_attrs(node: LexborNode) -> Node:
    """Return the attributes of an `img` element."""
    values = dom.attrs(node)
    found: Node = source_attrs(values, *(_SOURCES if "data-src" not in values or values["data-src"] else ("src",)))
    found |= {name: values[name] for name in ("alt", "title") if values.get(name)}
    sizes = {name: size(values.get(name)) for name in ("width", "height")}
    return found | {name: value for name, value in sizes.items() if value}


def loose_picture(node: LexborNode, scope: Scope) -> Iterator[Node | Picture]:
    """Yield a picture met in the text; a smiley is text at once."""
    attrs = image_attrs(node)
    picture = Picture(attrs, scope.link)
    if not attrs.keys() & {"src", "mediaId"}:
        if attrs.get("alt"):
            yield {"type": "text", "text": attrs["alt"], "marks": list(scope.marks)}
    elif dom.classes(node) & _SMALL:
        yield picture.inline()
    else:
        place = layout(node)
        yield Picture({**attrs, "layout": place}, scope.link) if place else picture


def settle_pictures(line: list[Node | Picture], attrs: Mapping[str, Any]) -> list[Node]:
    """Return the blocks for one line of the flow: a paragraph, and the pictures that stand outside of it.

    A picture floated to a side comes before its paragraph. One between words stays between them.
    """
    if not any(isinstance(item, Picture) for item in line):
        return _paragraph(line, attrs)
    blocks: list[Node] = []
    rest: list[Node | Picture] = []
    for item in line:
        if isinstance(item, Picture) and item.attrs.get("layout") in ("start", "end"):
            blocks.append(item.block())
        else:
            rest.append(item)
    part: list[Node | Picture] = []
    wordless = _ends([item for item in rest if isinstance(item, Picture) or item["type"] != "hardBreak"])
    for place, item in enumerate(rest):
        if (
            isinstance(item, Picture)
            and (wordless or not item.small)
            and (_ends(rest[:place][::-1]) or _ends(rest[place + 1 :]))
        ):
            blocks += _paragraph(part, attrs)
            part = []
            blocks.append(item.block())
        else:
            part.append(item)
    return blocks + _paragraph(part, attrs)


def _ends(items: list[Node | Picture]) -> bool:
    """Tell whether a line, going away from a picture, breaks before any word comes."""
    for item in items:
        if isinstance(item, Picture):
            continue
        if item["type"] == "hardBreak":
            return True
        if item["type"] != "text" or item["text"].strip(" \t\r\n\f\xa0"):
            return False
    return True


def _paragraph(line: list[Node | Picture], attrs: Mapping[str, Any]) -> list[Node]:
    content = [item.inline() if isinstance(item, Picture) else item for item in line]
    blank = all(item["type"] == "text" and not item["text"].strip(" \t\r\n\f\xa0") for item in content)
    if blank and "id" not in attrs:
        return []
    return [{"type": "paragraph", "attrs": dict(attrs), "content": content}]
