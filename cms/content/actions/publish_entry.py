"""Bring the newest save of an entry before readers."""

from __future__ import annotations

from datetime import datetime

from cms.content import policies, states
from cms.content.events import EntryPublished
from cms.content.field_rules import check_date
from cms.content.models import Entry
from cms.content.moving import check_move
from cms.content.saving import apply, check_says_something, facts, fresh, working_fields
from cms.core.db import current_session
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require
from cms.lib.clock import utcnow


def publish_entry(entry: Entry, *, at: datetime | None = None, version: int | None = None, by: Actor) -> Entry:
    """Publish the newest save now; what was out already keeps its date, what was scheduled comes out now.

    `at` (aware, past) is the date it is to have instead. Raises Forbidden, Conflict for an old `version`, Invalid
    when the state does not allow it.
    """
    require(policies.may_publish(by, entry), _("You may not publish this entry. An editor can."))
    fresh(entry, version)
    states.check(entry, "publish")
    if at is not None:
        check_date(entry, at, by=by)
    before, now, session = facts(entry), utcnow(), current_session()
    was_out = states.is_out(entry, now)
    fields = working_fields(entry)
    check_move(entry, fields, publishes=True, by=by)
    check_says_something(fields)
    with session.no_autoflush:
        apply(entry, fields)
    date = entry.published_at if at is None else at
    entry.published_at = now if date is None else min(date, now)
    entry.revised_at = now if was_out else entry.published_at
    entry.state = states.PUBLISHED
    entry.live_revision_number = entry.working_revision_number
    entry.updated_at = now
    session.flush()
    record(EntryPublished(entry.id, entry.kind, now, by.id, before=before, after=facts(entry)))
    return entry
