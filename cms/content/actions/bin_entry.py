"""Put an entry into the bin."""

from __future__ import annotations

from cms.content import policies
from cms.content.addresses import move_children, remember
from cms.content.events import EntryBinned
from cms.content.models import Entry, Page
from cms.content.saving import facts, fresh
from cms.core.db import current_session
from cms.core.errors import WrongState
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require
from cms.lib.clock import utcnow


def bin_entry(entry: Entry, *, version: int | None = None, by: Actor) -> Entry:
    """Put the entry into the bin: readers cannot see it, its address is free, everything else is kept.

    Pages below it move up to the top. Raises Forbidden, Conflict for an old `version`, WrongState when it is there.
    """
    require(policies.may_delete(by, entry), _("You may not delete this entry. An editor can."))
    fresh(entry, version)
    if entry.binned_at is not None:
        raise WrongState(_("This entry is in the bin already."))
    before, now, session, old = facts(entry), utcnow(), current_session(), entry.address
    entry.binned_at = entry.updated_at = now
    entry.address = None
    session.flush()
    # It may be restored elsewhere; until then its old address leads nowhere.
    remember(entry, old if entry.published_at is not None else None)
    if isinstance(entry, Page):
        move_children(entry)
    record(EntryBinned(entry.id, entry.kind, now, by.id, before=before, after=facts(entry)))
    return entry
