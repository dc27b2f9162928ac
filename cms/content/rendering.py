"""From documents to what readers see: HTML stored at save, filled with addresses when a page is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select

from cms.content.addresses import to_url
from cms.content.models import Entry
from cms.content.queries import is_listed
from cms.core.db import current_session
from cms.core.permissions import Actor
from cms.lib.clock import utcnow
from cms.lib.document import RENDERER_VERSION, Document, MediaSource, excerpt, named, to_html, to_text, word_count
from cms.lib.document import fill as fill_in
from cms.media.addresses import media_address, srcset
from cms.media.models import MediaFile

_WORDS_OF_A_SUMMARY = 40
#: How wide a picture in the text is shown at most, for `sizes`.
SIZES = "(min-width: 62rem) 46rem, 100vw"


def render(entry: Entry) -> None:
    """Store what follows from the entry's body: HTML with things named by id, text, word count and summary."""
    body = entry.body
    entry.body_html = to_html(body)
    entry.body_text = to_text(body)
    entry.word_count = word_count(body)
    entry.summary = summary_of(entry.excerpt, body)
    entry.renderer_version = RENDERER_VERSION


def summary_of(written: str, body: Document) -> str:
    """Return what lists show of a text: the excerpt that was written, else the beginning of the text."""
    return written or excerpt(body, _WORDS_OF_A_SUMMARY)


@dataclass(frozen=True)
class Things:
    """The media files and entry addresses that some HTML names, as the document's library asks for them."""

    files: Mapping[int, MediaFile] = field(default_factory=dict)
    addresses: Mapping[int, str] = field(default_factory=dict)

    def media(self, media_id: int) -> MediaSource | None:
        """Return where a media file is found, None when it is gone."""
        file = self.files.get(media_id)
        if file is None:
            return None
        candidates = srcset(file) or None
        return MediaSource(
            media_address(file), file.alt, file.width, file.height, candidates, SIZES if candidates else None
        )

    def entry(self, entry_id: int) -> str | None:
        """Return the address of an entry, None when readers cannot see it."""
        path = self.addresses.get(entry_id)
        return None if path is None else to_url(path)


def find_things(chunks: Iterable[str], *, more_media: Iterable[int] = (), user: Actor | None = None) -> Things:
    """Load what stored HTML names, as `user` may find it, in at most two queries whatever its length."""
    media_ids, entry_ids = set(more_media), set[int]()
    for chunk in chunks:
        media, entries = named(chunk)
        media_ids |= media
        entry_ids |= entries
    return Things(_files(media_ids), _addresses(entry_ids, user))


def _files(ids: set[int]) -> dict[int, MediaFile]:
    if not ids:
        return {}
    query = select(MediaFile).where(MediaFile.id.in_(ids), MediaFile.deleted_at.is_(None))
    return {file.id: file for file in current_session().scalars(query)}


def _addresses(ids: set[int], user: Actor | None) -> dict[int, str]:
    if not ids:
        return {}
    query = select(Entry.id, Entry.address).where(Entry.id.in_(ids), is_listed(user, utcnow()))
    return {row.id: row.address for row in current_session().execute(query) if row.address}


def fill(chunks: list[str], things: Things | None = None) -> list[str]:
    """Fill in addresses, alternative texts and sizes of what stored HTML names by id.

    A picture that is gone leaves its alternative text, a link to what readers cannot see leaves its words.
    """
    known = find_things(chunks) if things is None else things
    return [fill_in(chunk, known) for chunk in chunks]
