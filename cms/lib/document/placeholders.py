"""Addresses of entries and media files, put into HTML that names them by number."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape, unescape
from typing import Protocol

from cms.lib.document.html_tags import attributes


@dataclass(frozen=True)
class MediaSource:
    """Where a media file is found, and what a page says about it; sizes in pixels."""

    url: str
    alt: str = ""
    width: int | None = None
    height: int | None = None
    srcset: str | None = None
    sizes: str | None = None


class Resolver(Protocol):
    """Knows the addresses; None for what is missing or not for this reader."""

    def media(self, media_id: int) -> MediaSource | None:
        """Return the source of a media file."""

    def entry(self, entry_id: int) -> str | None:
        """Return the address of an entry."""


_IMAGE = re.compile(r'<img((?: [a-z-]+(?:="[^"<>]*")?)*?) data-media="(\d{1,16})"((?: [a-z-]+(?:="[^"<>]*")?)*)>')
_ATTRIBUTE = re.compile(r' ([a-z-]+)(?:="([^"<>]*)")?')
_LINK = re.compile(
    r'<a((?: [a-z-]+(?:="[^"<>]*")?)*?) href="cms:(entry|media)/(\d{1,16})(#[^"<>]*)?"([^<>]*)>(.*?)</a>',
    re.DOTALL,
)
_SOURCE = re.compile(r' (src|poster)="cms:media/(\d{1,16})"')
_NAMED = re.compile(r'(?:data-(?:media|entry)="|"cms:(?:media|entry)/)(\d{1,16})(?:#[^"]*)?"')


def named(html: str) -> tuple[frozenset[int], frozenset[int]]:
    """Return the numbers of the media files and of the entries that rendered HTML names."""
    media: set[int] = set()
    entries: set[int] = set()
    for match in _NAMED.finditer(html):
        (entries if "entry" in match.group() else media).add(int(match.group(1)))
    return frozenset(media), frozenset(entries)


def fill(html: str, resolver: Resolver) -> str:
    """Put addresses into rendered HTML; of a missing picture its alternative text stays, of a link its words."""
    html = _IMAGE.sub(_image(resolver), html)
    html = _LINK.sub(_link(resolver), html)
    return _SOURCE.sub(_source(resolver), html)


def _image(resolver: Resolver) -> Callable[[re.Match[str]], str]:
    def replace(match: re.Match[str]) -> str:
        found = _ATTRIBUTE.findall(match.group(1) + match.group(3))
        values: dict[str, object] = {name: unescape(value) for name, value in found}
        source = resolver.media(int(match.group(2)))
        if source is None:
            return escape(str(values.get("alt", "")), quote=False)
        values["src"] = source.url
        values.setdefault("alt", source.alt)
        if "width" not in values or "height" not in values:
            values |= {"width": source.width, "height": source.height}
        values |= {"srcset": source.srcset, "sizes": source.sizes}
        first = ("class", "src", "srcset", "sizes", "width", "height", "alt")
        ordered = {name: values[name] for name in first if name in values}
        return f"<img{attributes({**ordered, **values})}>"

    return replace


def _link(resolver: Resolver) -> Callable[[re.Match[str]], str]:
    def replace(match: re.Match[str]) -> str:
        before, kind, number, fragment, after, inner = match.groups()
        if kind == "entry":
            address = resolver.entry(int(number))
        else:
            source = resolver.media(int(number))
            address = source.url if source is not None else None
        if address is None:
            return str(inner)
        return f'<a{before} href="{escape(address)}{fragment or ""}"{after}>{inner}</a>'

    return replace


def _source(resolver: Resolver) -> Callable[[re.Match[str]], str]:
    def replace(match: re.Match[str]) -> str:
        source = resolver.media(int(match.group(2)))
        return f' {match.group(1)}="{escape(source.url)}"' if source is not None else ""

    return replace
