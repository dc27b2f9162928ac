"""Make an entry a draft again."""

from __future__ import annotations

from cms.content import policies, states
from cms.content.events import EntryUnpublished
from cms.content.models import Entry
from cms.content.moving import check_move
from cms.content.saving import apply, facts, fresh, working_fields
from cms.core.db import current_session
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require
from cms.lib.clock import utcnow


def unpublish_entry(entry: Entry, *, version: int | None = None, by: Actor) -> Entry:
    """Take the entry away from readers; its newest save becomes the draft that is worked on.

    Its first date is kept, so that publishing it again does not make it new.
    Raises Forbidden, Conflict for an old `version`, Invalid when the state does not allow it.
    """
    require(policies.may_publish(by, entry), _("You may not unpublish this entry. An editor can."))
    fresh(entry, version)
    states.check(entry, "unpublish")
    fields = working_fields(entry)
    check_move(entry, fields, by=by)
    before, now, session = facts(entry), utcnow(), current_session()
    if entry.state == states.SCHEDULED and not states.is_out(entry, now):
        entry.published_at = None
    entry.state = states.DRAFT
    entry.live_revision_number = None
    with session.no_autoflush:
        apply(entry, fields)
    entry.updated_at = now
    session.flush()
    record(EntryUnpublished(entry.id, entry.kind, now, by.id, before=before, after=facts(entry)))
    return entry
