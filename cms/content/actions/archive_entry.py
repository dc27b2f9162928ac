"""Archive an entry."""

from __future__ import annotations

from cms.content import policies, states
from cms.content.events import EntryArchived
from cms.content.models import Entry
from cms.content.saving import facts, fresh
from cms.core.db import current_session
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require
from cms.lib.clock import utcnow


def archive_entry(entry: Entry, *, version: int | None = None, by: Actor) -> Entry:
    """Take the entry away from readers for good, but keep it: its address answers as if it had never been.

    Raises Forbidden, Conflict for an old `version`, Invalid when the state does not allow it.
    """
    require(policies.may_publish(by, entry), _("You may not archive this entry. An editor can."))
    fresh(entry, version)
    states.check(entry, "archive")
    before, now = facts(entry), utcnow()
    entry.state = states.ARCHIVED
    entry.updated_at = now
    current_session().flush()
    record(EntryArchived(entry.id, entry.kind, now, by.id, before=before, after=facts(entry)))
    return entry
