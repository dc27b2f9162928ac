"""Where entries use media files, and who may therefore fetch them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true

from cms.content import states
from cms.content.models import Entry, EntryAuthor
from cms.core.db import current_session
from cms.core.i18n import _
from cms.core.permissions import Actor, may, may_some
from cms.core.references import Reference, Use, register_reference
from cms.lib.clock import utcnow
from cms.media.models import MediaUse
from cms.media.visibility import Viewer, register_visibility


def _used_by(media_id: ColumnElement[int] | int) -> ColumnElement[bool]:
    """Return the condition that an entry, or a draft of it, uses the file."""
    uses = select(MediaUse.thing_id).where(MediaUse.media_id == media_id, MediaUse.thing.in_(("entry", "draft")))
    return Entry.id.in_(uses)


def _count(media_id: int) -> int:
    query = select(func.count()).select_from(Entry).where(_used_by(media_id))
    return current_session().scalar(query) or 0


def _list(media_id: int, limit: int) -> Sequence[Use]:
    columns = select(Entry.id, Entry.title, _is_open_to(Viewer()).label("is_public"))
    rows = current_session().execute(columns.where(_used_by(media_id)).order_by(Entry.updated_at.desc()).limit(limit))
    return [Use("entry", entry_id, title or str(_("Untitled")), is_public) for entry_id, title, is_public in rows]


def _is_out() -> ColumnElement[bool]:
    """Return `states.is_out` in SQL."""
    return and_(Entry.binned_at.is_(None), Entry.state.in_(states.LIVE), Entry.published_at <= utcnow())


def _is_open_to(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition that a viewer may read an entry: `policies.may_read` and its password, in SQL."""
    user = viewer.user
    open_to_all = ["public"]
    if user is not None and may(user, "content:members:read"):
        open_to_all.append("members")
    if user is not None and may(user, "content:private:read"):
        open_to_all.append("private")
    readable: list[ColumnElement[bool]] = [Entry.visibility.in_(open_to_all)]
    if viewer.unlocked_entry_ids:
        readable.append(and_(Entry.visibility == "password", Entry.id.in_(viewer.unlocked_entry_ids)))
    return and_(_is_out(), or_(*readable))


def _is_edited_by(user: Actor | None) -> ColumnElement[bool]:
    """Return the condition that a person sees an entry in the back office: `policies.may_see` in SQL."""
    allowed: list[ColumnElement[bool]] = []
    for kind in ("post", "page"):
        name = f"content:{kind}:edit"
        if not may_some(user, name) or user is None:
            continue
        own = select(EntryAuthor.entry_id).where(EntryAuthor.user_id == user.id)
        allowed.append(and_(Entry.kind == kind, true() if may(user, name) else Entry.id.in_(own)))
    return or_(false(), *allowed)


def _shows(media_id: ColumnElement[int], viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition that a viewer may see an entry that uses the file; in a draft only its editors."""
    live = select(MediaUse.thing_id).where(MediaUse.media_id == media_id, MediaUse.thing == "entry")
    shown = and_(Entry.id.in_(live.correlate_except(MediaUse)), _is_open_to(viewer))
    if viewer.user is not None:
        uses = select(MediaUse.thing_id).where(MediaUse.media_id == media_id)
        drafts = uses.where(MediaUse.thing.in_(("entry", "draft"))).correlate_except(MediaUse)
        shown = or_(shown, and_(Entry.id.in_(drafts), _is_edited_by(viewer.user)))
    return select(Entry.id).where(shown).correlate_except(Entry).exists()


register_reference(Reference("media", "content.entries", _("Posts and pages"), _count, _list))
register_visibility("content.entries", _shows)
