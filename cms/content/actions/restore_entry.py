"""Take an entry out of the bin."""

from __future__ import annotations

from cms.content import policies
from cms.content.addresses import move_children, place, remember
from cms.content.events import EntryRestored
from cms.content.models import Entry, Page
from cms.content.saving import facts
from cms.core.db import current_session
from cms.core.errors import WrongState
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require
from cms.lib.clock import utcnow


def restore_entry(entry: Entry, *, by: Actor) -> Entry:
    """Take the entry out of the bin, in the state it had, at its old address or the nearest free one.

    Raises Forbidden, WrongState when it is not in the bin.
    """
    require(policies.may_delete(by, entry), _("You may not restore this entry. An editor can."))
    if entry.binned_at is None:
        raise WrongState(_("This entry is not in the bin."))
    before, now, session = facts(entry), utcnow(), current_session()
    entry.binned_at = None
    entry.updated_at = now
    with session.no_autoflush:
        place(entry, entry.slug, session.get(Page, entry.parent_id) if entry.parent_id else None)
    session.flush()
    remember(entry, None)
    if isinstance(entry, Page):
        move_children(entry)
    record(EntryRestored(entry.id, entry.kind, now, by.id, before=before, after=facts(entry)))
    return entry
