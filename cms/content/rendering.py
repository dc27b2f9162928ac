"""From documents to what readers see: HTML stored at save, filled with addresses when a page is made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape, unescape
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import load_only

from cms.content import states
from cms.content.addresses import to_url
from cms.content.models import Entry
from cms.core.db import current_session
from cms.lib.clock import utcnow
from cms.lib.document import RENDERER_VERSION, excerpt, to_html, to_text, word_count
from cms.media.addresses import media_address, srcset
from cms.media.models import MediaFile

_WORDS_OF_A_SUMMARY = 40
_REFERENCE = re.compile(r"cms:(media|entry)/(\d+)")
_TAG = re.compile(r"<[a-z][^<>]*(?:data-media=|cms:(?:media|entry)/)[^<>]*>")
_ATTRIBUTE = re.compile(r'\s([a-z-]+)="([^"]*)"')
#: How wide a picture in the text is shown at most, for `sizes`.
SIZES = "(min-width: 62rem) 46rem, 100vw"


def render(entry: Entry) -> None:
    """Store what follows from the entry's body: HTML with things named by id, text, word count and summary."""
    body = entry.body
    entry.body_html = to_html(body)
    entry.body_text = to_text(body)
    entry.word_count = word_count(body)
    entry.summary = entry.excerpt or excerpt(body, _WORDS_OF_A_SUMMARY)
    entry.renderer_version = RENDERER_VERSION


@dataclass
class Things:
    """The media files and entry addresses that some HTML names."""

    media: Mapping[int, MediaFile] = field(default_factory=dict)
    addresses: Mapping[int, str] = field(default_factory=dict)


def named_ids(chunks: Iterable[str]) -> tuple[set[int], set[int]]:
    """Return the ids of media files and of entries that stored HTML names."""
    media, entries = set[int](), set[int]()
    for chunk in chunks:
        for kind, number in _REFERENCE.findall(chunk):
            (media if kind == "media" else entries).add(int(number))
        media.update(int(number) for number in re.findall(r'data-media="(\d+)"', chunk))
    return media, entries


def find_things(chunks: Iterable[str], *, more_media: Iterable[int] = ()) -> Things:
    """Load what stored HTML names, in at most two queries whatever its length."""
    media_ids, entry_ids = named_ids(chunks)
    media_ids |= set(more_media)
    session, now = current_session(), utcnow()
    found = (
        session.scalars(select(MediaFile).where(MediaFile.id.in_(media_ids), MediaFile.deleted_at.is_(None))).all()
        if media_ids
        else ()
    )
    columns = (Entry.id, Entry.kind, Entry.address, Entry.state, Entry.published_at, Entry.binned_at)
    entries = (
        session.scalars(select(Entry).options(load_only(*columns)).where(Entry.id.in_(entry_ids))).all()
        if entry_ids
        else ()
    )
    addresses = {entry.id: entry.address for entry in entries if entry.address and states.is_out(entry, now)}
    return Things({item.id: item for item in found}, addresses)


def fill(chunks: list[str], things: Things | None = None) -> list[str]:
    """Fill in addresses, alternative texts and sizes of what stored HTML names by id.

    A picture that is gone leaves its alternative text, a link to what readers cannot see leaves its words.
    """
    known = find_things(chunks) if things is None else things
    return [_TAG.sub(lambda found: _fill_tag(found.group(), known), chunk) for chunk in chunks]


def _fill_tag(tag: str, things: Things) -> str:
    attributes = dict(_ATTRIBUTE.findall(tag))
    if tag.startswith("<img"):
        return _fill_image(attributes, things)
    name = re.match(r"<[a-z0-9]+", tag)
    for attribute in ("href", "src", "poster"):
        value = attributes.get(attribute, "")
        found = _REFERENCE.match(value)
        if found is None:
            continue
        address = _address(found.group(1), int(found.group(2)), things)
        if address is None:
            del attributes[attribute]
        else:
            attributes[attribute] = escape(address + unescape(value[found.end() :]))
    return f"{name.group() if name else tag}{_write(attributes)}>"


def _address(kind: str, number: int, things: Things) -> str | None:
    if kind == "entry":
        path = things.addresses.get(number)
        return None if path is None else to_url(path)
    file = things.media.get(number)
    return None if file is None else media_address(file)


def _fill_image(attributes: dict[str, str], things: Things) -> str:
    file = things.media.get(int(attributes.pop("data-media", "") or 0))
    alt = attributes.get("alt", "")
    if file is None:
        return alt if "src" not in attributes or attributes["src"].startswith("cms:") else f"<img{_write(attributes)}>"
    made: dict[str, str] = {"src": escape(media_address(file))}
    widths = srcset(file)
    if widths:
        made |= {"srcset": escape(widths), "sizes": SIZES}
    if file.width and file.height:
        made |= {"width": str(file.width), "height": str(file.height)}
    made["alt"] = alt or escape(file.alt)
    rest = {name: value for name, value in attributes.items() if name not in made}
    return f"<img{_write(made | rest)}>"


def _write(attributes: Mapping[str, Any]) -> str:
    return "".join(f' {name}="{value}"' for name, value in attributes.items())
