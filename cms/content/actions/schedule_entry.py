"""Have readers see an entry from a moment on."""

from __future__ import annotations

from datetime import datetime

from cms.content import policies, states
from cms.content.actions.publish_entry import publish_entry
from cms.content.events import EntryScheduled
from cms.content.field_rules import check_date
from cms.content.models import Entry
from cms.content.moving import check_move
from cms.content.saving import apply, check_says_something, facts, fresh, working_fields
from cms.core.db import current_session
from cms.core.errors import WrongState
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require
from cms.lib.clock import utcnow


def schedule_entry(entry: Entry, *, at: datetime, version: int | None = None, by: Actor) -> Entry:
    """Have readers see the newest save from `at` (aware) on; a moment that is past already publishes with that date.

    What readers see already keeps being seen, with the new date, when `at` is past, and is refused otherwise.
    Raises Forbidden, Conflict for an old `version`, Invalid when the state does not allow it.
    """
    if at.tzinfo is None:
        raise ValueError("A moment to publish at needs its zone.")
    require(policies.may_publish(by, entry), _("You may not schedule this entry. An editor can."))
    fresh(entry, version)
    now = utcnow()
    if at <= now:
        return publish_entry(entry, at=at, by=by)
    check_date(entry, at, by=by)
    if states.is_out(entry, now):
        sentence = _("What readers see already cannot be scheduled. Unpublish it first.")
        raise WrongState(fields={"published_at": sentence})
    before, session = facts(entry), current_session()
    if entry.binned_at is not None or entry.state != states.PUBLISHED:
        states.check(entry, "schedule")
    fields = working_fields(entry)
    check_move(entry, fields, publishes=True, by=by)
    check_says_something(fields)
    with session.no_autoflush:
        apply(entry, fields)
    entry.published_at = entry.revised_at = at
    entry.state = states.SCHEDULED
    entry.live_revision_number = entry.working_revision_number
    entry.updated_at = now
    session.flush()
    record(EntryScheduled(entry.id, entry.kind, now, by.id, before=before, after=facts(entry)))
    return entry
