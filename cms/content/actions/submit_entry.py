"""Submit an entry for review."""

from __future__ import annotations

from cms.content import policies, states
from cms.content.events import EntrySubmitted
from cms.content.models import Entry
from cms.content.saving import facts, fresh
from cms.core.db import current_session
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require
from cms.lib.clock import utcnow


def submit_entry(entry: Entry, *, version: int | None = None, by: Actor) -> Entry:
    """Put a draft before the editors.

    Raises Forbidden, Conflict for an old `version`, Invalid when the state does not allow it.
    """
    require(policies.may_edit_outside_bin(by, entry), _("You may not submit this entry. Its authors can."))
    fresh(entry, version)
    states.check(entry, "submit")
    before, now = facts(entry), utcnow()
    entry.state = states.IN_REVIEW
    entry.updated_at = now
    current_session().flush()
    record(EntrySubmitted(entry.id, entry.kind, now, by.id, before=before, after=facts(entry)))
    return entry
