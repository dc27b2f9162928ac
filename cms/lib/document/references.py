"""Which media files and entries a document names."""

from __future__ import annotations

from dataclasses import dataclass

from cms.lib.document.placeholders import named
from cms.lib.document.schema import Document
from cms.lib.document.tree import walk
from cms.lib.document.urls import own_reference


@dataclass(frozen=True)
class References:
    """Numbers of the media files and of the entries, each sorted and once."""

    media_ids: tuple[int, ...] = ()
    entry_ids: tuple[int, ...] = ()


def references(document: Document) -> References:
    """Return all that a canonical document names by number, in its blocks, its links and its raw HTML."""
    media: set[int] = set()
    entries: set[int] = set()
    for node in walk(document):
        for attrs in [node.get("attrs", {}), *(mark.get("attrs", {}) for mark in node.get("marks", ()))]:
            media |= {attrs[name] for name in ("mediaId", "posterId") if name in attrs}
            entries |= {attrs["entryId"]} if "entryId" in attrs else set()
            own = own_reference(attrs.get("href"))
            if own is not None:
                (media if own[0] == "media" else entries).add(own[1])
        if node["type"] == "rawHtml":
            in_raw = named(node["attrs"]["html"])
            media |= in_raw[0]
            entries |= in_raw[1]
    return References(tuple(sorted(media)), tuple(sorted(entries)))
