"""Searching what readers see: lists of what is found, and the texts that pieces are shown of."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, literal, select
from sqlalchemy.orm import load_only

from cms.content.cursors import read_batch
from cms.content.models import Entry
from cms.content.queries import found_by
from cms.core.db import current_session
from cms.core.pagination import Batch
from cms.core.permissions import Actor

_SHOWN = (Entry.id, Entry.kind, Entry.title, Entry.address, Entry.visibility, Entry.published_at)


def list_found(
    text: str, *, user: Actor | None, cursor: str | None = None, offset: int = 0, limit: int = 20
) -> Batch[Entry]:
    """Return a batch of what `user` finds by all words of `text`, newest first, without texts; nothing for no words.

    Raises NotFound for a broken cursor.
    """
    wanted = found_by(text, user)
    if not wanted:
        return Batch([])
    parts = [load_only(*_SHOWN)]
    sort = "-published"
    return read_batch(wanted, sort=sort, cursor=cursor, offset=offset, limit=limit, parts=parts, dated=True)


def count_found(text: str, *, user: Actor | None, most: int | None = None) -> int:
    """Count what `user` finds; at most `most` of it, all for None."""
    wanted = found_by(text, user)
    if not wanted:
        return 0
    found = select(literal(1)).select_from(Entry).where(*wanted).limit(most)
    return current_session().scalar(select(func.count()).select_from(found.subquery())) or 0


def read_texts(entries: Iterable[Entry]) -> dict[int, str]:
    """Return the texts that pieces may be shown of, by id, in one query: not of what a password protects."""
    ids = [entry.id for entry in entries if entry.visibility != "password"]
    if not ids:
        return {}
    return dict(current_session().execute(select(Entry.id, Entry.body_text).where(Entry.id.in_(ids))).all())
