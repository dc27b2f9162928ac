"""Save an entry."""

from __future__ import annotations

from cms.content import policies, states
from cms.content.addresses import wanted_slug
from cms.content.events import EntrySaved
from cms.content.field_rules import check_fields
from cms.content.fields import EntryFields
from cms.content.models import Entry
from cms.content.moving import check_move
from cms.content.saving import apply, clean, facts, fresh, working_fields, write_revision
from cms.core.db import current_session
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require
from cms.lib.clock import utcnow


def edit_entry(entry: Entry, fields: EntryFields, *, version: int | None = None, by: Actor) -> Entry:
    """Save the fields: as the entry itself while nothing is live, else as a draft beside what readers see.

    `version` is what the person had before them; raises Conflict when somebody saved since, Forbidden, or
    Invalid naming each wrong field. Saving what is there already changes nothing.
    """
    require(policies.may_edit_outside_bin(by, entry), _("You may not edit this entry. Its authors and editors can."))
    states.check_not_binned(entry)
    fresh(entry, version)
    working = working_fields(entry)
    checked = clean(fields, entry=entry, by=by)
    checked = checked.changed(slug=wanted_slug(checked.slug, checked.title, entry.kind))
    check_fields(working, checked, kind=entry.kind, entry=entry, by=by)
    # What waits beside a live row is moved by whoever publishes it; any other row is written now, and moved now.
    check_move(entry, checked, since=working if states.is_live(entry) else None, by=by)
    if checked.snapshot() == working.snapshot():
        return entry
    before, session = facts(entry), current_session()
    # The row is written once, at the end: with what changed and the number of the revision together.
    with session.no_autoflush:
        if not states.is_live(entry):
            apply(entry, checked)
            checked = checked.changed(slug=entry.slug)
        written = write_revision(entry, checked, by=by)
    if written:
        session.flush()
        record(EntrySaved(entry.id, entry.kind, utcnow(), by.id, before, facts(entry), written))
    session.flush()
    return entry
