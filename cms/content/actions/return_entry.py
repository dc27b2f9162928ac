"""Return an entry in review to its authors."""

from __future__ import annotations

from cms.content import policies, states
from cms.content.events import EntryReturned
from cms.content.models import Entry
from cms.content.saving import facts, fresh
from cms.core.db import current_session
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require
from cms.lib.clock import utcnow


def return_entry(entry: Entry, *, version: int | None = None, by: Actor) -> Entry:
    """Make an entry in review a draft again: an editor sends it back, or its author takes it back.

    Raises Forbidden, Conflict for an old `version`, Invalid when the state does not allow it.
    """
    require(policies.may_edit_outside_bin(by, entry), _("You may not return this entry. Its authors and editors can."))
    fresh(entry, version)
    states.check(entry, "return")
    before, now = facts(entry), utcnow()
    entry.state = states.DRAFT
    entry.updated_at = now
    current_session().flush()
    record(EntryReturned(entry.id, entry.kind, now, by.id, before=before, after=facts(entry)))
    return entry
