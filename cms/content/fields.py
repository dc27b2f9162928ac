"""Everything editable about an entry, as one value: what a form sends and what a revision keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from cms.lib.document import EMPTY

VISIBILITIES = ("public", "members", "password", "private")


@dataclass(frozen=True)
class EntryFields:
    """The editable part of an entry; ids name people, terms and media, `body` is a structured document."""

    title: str = ""
    slug: str = ""
    body: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    excerpt: str = ""
    language: str = ""
    visibility: str = "public"
    password_hash: str | None = None
    author_ids: tuple[int, ...] = ()
    term_ids: tuple[int, ...] = ()
    featured_media_id: int | None = None
    seo_title: str = ""
    seo_description: str = ""
    canonical_url: str = ""
    noindex: bool = False
    sticky: bool = False
    menu_order: int = 0
    comments_open: bool = True
    parent_id: int | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)

    def changed(self, **changes: Any) -> EntryFields:
        """Return these fields with some of them changed."""
        return replace(self, **changes)

    def snapshot(self) -> dict[str, Any]:
        """Return plain JSON values for a revision."""
        values = {item.name: getattr(self, item.name) for item in fields(self)} | {"meta": dict(self.meta)}
        return values | {"author_ids": list(self.author_ids), "term_ids": sorted(self.term_ids)}


def from_snapshot(snapshot: Mapping[str, Any]) -> EntryFields:
    """Read the fields back from a revision; what older snapshots lack has its default."""
    known = {item.name for item in fields(EntryFields)}
    values = {name: value for name, value in snapshot.items() if name in known}
    for name in ("author_ids", "term_ids"):
        values[name] = tuple(values.get(name) or ())
    return EntryFields(**values)
