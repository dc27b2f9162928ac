"""Finding media files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_
from sqlalchemy.orm import joinedload

from cms.accounts.models import User
from cms.core.db import LARGEST_KEY, current_session
from cms.core.errors import NotFound
from cms.core.keysets import count_rows, read_batch, read_order
from cms.core.pagination import Batch, decode_cursor, encode_cursor
from cms.core.references import Use, count_uses, list_uses
from cms.media.models import MediaFile

KINDS = ("image", "audio", "video", "document")
MAX_LIMIT = 200
#: What a list may be sorted by; `-` before the name turns it round.
SORTS: Mapping[str, Any] = {
    "created": MediaFile.created_at,
    "filename": MediaFile.filename,
    "bytes": MediaFile.bytes,
}


@dataclass(frozen=True)
class MediaFilter:
    """What a list of media files is narrowed to; the bin is a list of its own."""

    q: str = ""
    kind: str | None = None
    uploaded_by_id: int | None = None
    without_alt: bool = False
    binned: bool = False


@dataclass(frozen=True)
class MediaTotals:
    """How many files there are outside the bin, their bytes, and how many pictures have no alt text."""

    files: int
    bytes: int
    without_alt: int


def find_media(media_id: int) -> MediaFile | None:
    """Return the file with that id, also from the bin, or None."""
    return current_session().get(MediaFile, media_id) if 0 < media_id <= LARGEST_KEY else None


def get_media(media_id: int) -> MediaFile:
    """Return the file with that id, also from the bin; raises NotFound."""
    media = find_media(media_id)
    if media is None:
        raise NotFound()
    return media


def find_media_by_key(key: str) -> MediaFile | None:
    """Return the file with that key, also from the bin, or None."""
    return current_session().scalar(select(MediaFile).where(MediaFile.key == key))


def find_media_by_content(sha256: str) -> MediaFile | None:
    """Return the oldest file outside the bin with these bytes (SHA-256 in hex), or None."""
    query = select(MediaFile).where(MediaFile.sha256 == sha256, MediaFile.deleted_at.is_(None))
    return current_session().scalar(query.order_by(MediaFile.id).limit(1))


def get_media_by_ids(media_ids: Iterable[int]) -> Mapping[int, MediaFile]:
    """Return those of the files that are there, outside the bin, by id. One query."""
    wanted = set(media_ids)
    if not wanted:
        return {}
    query = select(MediaFile).where(MediaFile.id.in_(wanted), MediaFile.deleted_at.is_(None))
    return {media.id: media for media in current_session().scalars(query)}


def list_media(
    q: str = "",
    kind: str | None = None,
    cursor: str | None = None,
    limit: int = 48,
    *,
    where: MediaFilter | None = None,
) -> Batch[MediaFile]:
    """List files, newest first, `limit` (1 to 200) at a time, with their uploaders; one query.

    `q` is looked for in names and alt texts, `kind` is one of KINDS (anything else: all); `where` says the same
    and more. A cursor that is none begins at the beginning.
    """
    narrowed = where or MediaFilter(q, kind)
    limit = max(1, min(limit, MAX_LIMIT))
    place = (MediaFile.created_at, MediaFile.id)
    uploader = joinedload(MediaFile.uploaded_by).load_only(User.id, User.name)
    query = _narrow(select(MediaFile), narrowed).options(uploader)
    position = _position(cursor)
    backwards = position is not None and position[0] == "newer"
    if position is not None:
        here = tuple_(literal(position[1], MediaFile.created_at.type), literal(position[2]))
        query = query.where(tuple_(*place) > here if backwards else tuple_(*place) < here)
    order = [column.asc() if backwards else column.desc() for column in place]
    found = list(current_session().scalars(query.order_by(*order).limit(limit + 1)))
    has_more, items = len(found) > limit, found[:limit]
    if backwards:
        items.reverse()
    if not items:
        return Batch([])
    return Batch(
        items,
        cursor_next=_cursor("older", items[-1]) if has_more or backwards else None,
        cursor_previous=_cursor("newer", items[0]) if (has_more if backwards else position is not None) else None,
    )


def list_media_sorted(
    where: MediaFilter, *, sort: str = "-created", cursor: str | None = None, offset: int = 0, limit: int = 20
) -> Batch[MediaFile]:
    """Return a batch of files in an order of SORTS, with their uploaders; one query.

    Raises Invalid for an order that is not offered, or a broken cursor.
    """
    uploader = joinedload(MediaFile.uploaded_by).load_only(User.id, User.name)
    query = _narrow(select(MediaFile), where).options(uploader)
    return read_batch(query, read_order(sort, SORTS, MediaFile.id), cursor=cursor, offset=offset, limit=limit)


def count_media(
    q: str = "", kind: str | None = None, *, where: MediaFilter | None = None, most: int | None = None
) -> int:
    """Count the files that `list_media` would list in all; at most `most` of them."""
    return count_rows(_narrow(select(MediaFile), where or MediaFilter(q, kind)), most)


def media_totals() -> MediaTotals:
    """Count what is there outside the bin. One query."""
    missing = func.count().filter(_without_alt())
    query = select(func.count(), func.coalesce(func.sum(MediaFile.bytes), 0), missing)
    files, size, without_alt = current_session().execute(query.where(MediaFile.deleted_at.is_(None))).one()
    return MediaTotals(files, int(size), without_alt)


def media_uses(media: MediaFile, limit: int = 20) -> list[Use]:
    """List where a file is used, at most `limit` places of each sort."""
    return list_uses("media", media.id, limit)


def count_media_uses(media: MediaFile) -> int:
    """Count the places where a file is used."""
    return count_uses("media", media.id)


def _narrow(query: Select[Any], where: MediaFilter) -> Select[Any]:
    query = query.where(MediaFile.deleted_at.is_not(None) if where.binned else MediaFile.deleted_at.is_(None))
    words = where.q.replace("\0", "").split()[:8]
    for word in words:
        query = query.where(
            MediaFile.filename.icontains(word, autoescape=True) | MediaFile.alt.icontains(word, autoescape=True)
        )
    if where.kind in KINDS:
        query = query.where(MediaFile.kind == where.kind)
    if where.uploaded_by_id is not None:
        query = query.where(MediaFile.uploaded_by_id == where.uploaded_by_id)
    return query.where(_without_alt()) if where.without_alt else query


def _without_alt() -> ColumnElement[bool]:
    return (MediaFile.kind == "image") & (MediaFile.alt == "")


def _cursor(direction: str, media: MediaFile) -> str:
    return encode_cursor(direction, media.created_at.isoformat(), media.id)


def _position(cursor: str | None) -> tuple[str, datetime, int] | None:
    direction, moment, media_id = decode_cursor(cursor, 3) or (None, None, None)
    if direction not in {"newer", "older"} or not isinstance(moment, str) or not isinstance(media_id, int):
        return None
    try:
        created_at = datetime.fromisoformat(moment)
        if created_at.tzinfo is None or not 0 < media_id <= LARGEST_KEY:
            return None
        return str(direction), created_at.astimezone(UTC), media_id
    except (ValueError, OverflowError):
        return None
