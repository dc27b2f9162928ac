"""Bring an entry back to where it stood."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cms.content import policies, states
from cms.content.events import EntryReverted
from cms.content.field_rules import check_fields
from cms.content.models import Entry
from cms.content.moving import check_move
from cms.content.saving import apply, facts, fields_of, fresh
from cms.core.db import current_session
from cms.core.errors import Invalid
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require
from cms.lib.clock import utcnow


def revert_entry(entry: Entry, standing: Mapping[str, Any], *, version: int | None = None, by: Actor) -> Entry:
    """Give the entry the standing it had: its state, its dates, and the revision that readers saw.

    `standing` holds values of `saving.facts`; what it lacks stays. Newer saves wait beside it as drafts. Raises
    Forbidden, Conflict for an old `version`, Invalid for what no entry can be and for fields that `by` may not change
    before readers, CmsError for a revision that is gone.
    """
    require(policies.may_publish(by, entry), _("You may not bring this entry back. An editor can."))
    fresh(entry, version)
    state = standing.get("state", entry.state)
    if state not in states.STATES or entry.binned_at is not None:
        raise Invalid(_("This entry cannot be brought back as it is. Look at its own page."))
    before, now, session = facts(entry), utcnow(), current_session()
    was = fields_of(
        entry, (entry.live_revision_number if states.is_live(entry) else None) or entry.working_revision_number
    )
    entry.state = state
    for name in ("published_at", "revised_at"):
        if name in standing:
            setattr(entry, name, _moment(standing[name]))
    entry.live_revision_number = standing.get("revision", entry.live_revision_number)
    live = entry.live_revision_number if state in states.LIVE else None
    fields = fields_of(entry, live or entry.working_revision_number)
    if live is not None:
        # What readers are shown then was once decided by somebody; by whom it is decided now, their rights say.
        check_fields(was, fields, kind=entry.kind, entry=entry, by=by)
    check_move(entry, fields, publishes=live is not None, by=by)
    with session.no_autoflush:
        apply(entry, fields)
    entry.updated_at = now
    session.flush()
    record(EntryReverted(entry.id, entry.kind, now, by.id, before, facts(entry)))
    return entry


def _moment(value: Any) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None
