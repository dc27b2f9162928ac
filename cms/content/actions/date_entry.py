"""Note when an entry should go out."""

from __future__ import annotations

from datetime import datetime

from cms.content import policies, states
from cms.content.events import EntrySaved
from cms.content.field_rules import check_date
from cms.content.models import Entry
from cms.content.saving import facts, fresh
from cms.core.db import current_session
from cms.core.errors import Invalid
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require
from cms.lib.clock import utcnow


def date_entry(entry: Entry, *, at: datetime | None, version: int | None = None, by: Actor) -> Entry:
    """Keep `at` (aware; None for no date) with an entry that readers do not see; publishing decides what it means.

    Raises Forbidden, Conflict for an old `version`, Invalid when the entry is live.
    """
    require(policies.may_publish(by, entry), _("You may not date this entry. An editor can."))
    fresh(entry, version)
    states.check_not_binned(entry)
    if states.is_live(entry):
        raise Invalid(fields={"published_at": _("Update the entry to change its date.")})
    if entry.published_at == at:
        return entry
    check_date(entry, at, by=by)
    before = facts(entry)
    entry.published_at = at
    current_session().flush()
    record(EntrySaved(entry.id, entry.kind, utcnow(), by.id, before=before, after=facts(entry)))
    return entry
