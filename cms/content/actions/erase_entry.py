"""Delete an entry for good."""

from __future__ import annotations

from sqlalchemy import select, update

from cms.content import policies
from cms.content.events import EntryDeleted
from cms.content.models import Entry
from cms.content.places import forget_places
from cms.content.saving import facts, use_media
from cms.core.db import current_session
from cms.core.errors import WrongState
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require
from cms.lib.clock import utcnow


def erase_entry(entry: Entry, *, by: Actor) -> None:
    """Delete what lies in the bin for good, with its history and old addresses.

    Raises Forbidden, WrongState when it is not in the bin.
    """
    require(policies.may_erase(by, entry), _("You may not delete this for good. An admin or editor can."))
    if entry.binned_at is None:
        raise WrongState(_("Only what lies in the bin can be deleted for good."))
    before, session = facts(entry), current_session()
    entry_id, kind = entry.id, entry.kind
    use_media("entry", entry_id, None)
    use_media("draft", entry_id, None)
    below = session.scalars(select(Entry.id).where(Entry.parent_id == entry_id)).all()
    if below:
        # Said aloud, not left to the database: pages at the top stand in the menu, which is made anew for this.
        values = {"parent_id": None, "updated_at": Entry.updated_at}
        session.execute(update(Entry).where(Entry.id.in_(below)).values(values))
        forget_places(session)
    session.delete(entry)
    session.flush()
    record(EntryDeleted(entry_id, kind, utcnow(), by.id, before=before))
