"""Where content uses people and media files."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update

from cms.content import states
from cms.content.models import Entry, EntryAuthor, Revision
from cms.content.queries import is_out
from cms.content.reach import seen_by
from cms.core.db import current_session
from cms.core.i18n import _
from cms.core.permissions import may
from cms.core.references import Reference, Use, register_reference
from cms.lib.clock import utcnow
from cms.media.models import MediaUse
from cms.media.visibility import Viewer, register_visibility

#: Entries whose newest saves are rewritten together.
_AT_ONCE = 100
_IS_NEWEST = Revision.number == Entry.working_revision_number


def _of_author(user_id: int) -> ColumnElement[bool]:
    return Entry.id.in_(select(EntryAuthor.entry_id).where(EntryAuthor.user_id == user_id))


def _of_media(media_id: int) -> ColumnElement[bool]:
    used = select(MediaUse.thing_id).where(MediaUse.media_id == media_id, MediaUse.thing.in_(("entry", "draft")))
    return Entry.id.in_(used)


def _count(condition: ColumnElement[bool]) -> int:
    return current_session().scalar(select(func.count()).select_from(Entry).where(condition)) or 0


def _list(condition: ColumnElement[bool], limit: int) -> Sequence[Use]:
    now = utcnow()
    entries = current_session().scalars(select(Entry).where(condition).order_by(Entry.updated_at.desc()).limit(limit))
    return [
        Use(entry.kind, entry.id, entry.title, states.is_out(entry, now) and entry.visibility == "public")
        for entry in entries
    ]


def _hand_over(user_id: int, heir_id: int) -> None:
    """Make another person the author of what this one wrote; shared entries keep their other authors.

    The newest saves name the heir too: publishing one must not take the entry from them again.
    """
    session = current_session()
    session.flush()
    theirs = EntryAuthor.user_id == user_id
    ids = session.scalars(select(EntryAuthor.entry_id).where(theirs).order_by(EntryAuthor.entry_id)).all()
    shared = select(EntryAuthor.entry_id).where(EntryAuthor.user_id == heir_id)
    unread = {"synchronize_session": False}
    session.execute(delete(EntryAuthor).where(theirs, EntryAuthor.entry_id.in_(shared)), execution_options=unread)
    session.execute(update(EntryAuthor).where(theirs).values(user_id=heir_id), execution_options=unread)
    for start in range(0, len(ids), _AT_ONCE):
        newest = select(Revision).join(Entry, and_(Entry.id == Revision.entry_id, _IS_NEWEST))
        for revision in session.scalars(newest.where(Entry.id.in_(ids[start : start + _AT_ONCE]))).all():
            named = [heir_id if key == user_id else key for key in revision.snapshot.get("author_ids") or ()]
            revision.snapshot = {**revision.snapshot, "author_ids": list(dict.fromkeys(named))}
        session.flush()
    session.expire_all()


def _merge(user_id: int, into_id: int) -> None:
    """Hand over as above, and let the history name the other account of the same person too."""
    _hand_over(user_id, into_id)
    unread = {"synchronize_session": False}
    for column in (Entry.created_by_id, Entry.updated_by_id):
        theirs = update(Entry).where(column == user_id).values({column: into_id, Entry.updated_at: Entry.updated_at})
        current_session().execute(theirs, execution_options=unread)
    saves = update(Revision).where(Revision.created_by_id == user_id).values(created_by_id=into_id)
    current_session().execute(saves, execution_options=unread)
    current_session().expire_all()


register_reference(
    Reference(
        "user",
        "entries",
        _("Posts and pages"),
        lambda user_id: _count(_of_author(user_id)),
        lambda user_id, limit: _list(_of_author(user_id), limit),
        _hand_over,
        _merge,
    )
)
register_reference(
    Reference(
        "media",
        "entries",
        _("Posts and pages"),
        lambda media_id: _count(_of_media(media_id)),
        lambda media_id, limit: _list(_of_media(media_id), limit),
    )
)


def _shows(media_id: ColumnElement[int], viewer: Viewer) -> ColumnElement[bool]:
    """A file is to be seen by whoever may read an entry that shows it, or may see a draft that does."""
    seen = ["public"]
    if may(viewer.user, "content:members:read"):
        seen.append("members")
    if may(viewer.user, "content:private:read"):
        seen.append("private")
    unlocked = and_(Entry.visibility == "password", Entry.id.in_(viewer.unlocked_entry_ids))
    read = and_(MediaUse.thing == "entry", is_out(utcnow()), or_(Entry.visibility.in_(seen), unlocked))
    ways = [read]
    ways.append(and_(MediaUse.thing.in_(("entry", "draft")), seen_by(viewer.user)))
    used = select(MediaUse.media_id).join(Entry, Entry.id == MediaUse.thing_id)
    # Asked about one file at a time: the few uses of that file are looked at, not the uses of all.
    of_this = used.where(MediaUse.media_id == media_id, MediaUse.thing.in_(("entry", "draft")), or_(*ways))
    return of_this.correlate_except(MediaUse, Entry).exists()


register_visibility("content", _shows)
