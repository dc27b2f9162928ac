"""What the page cache should know about content."""

from __future__ import annotations

from sqlalchemy import inspect

from cms.cache.invalidation import hidden_rows, quiet_columns
from cms.cache.pages import register_horizon
from cms.content import states
from cms.content.models import Entry
from cms.content.queries import next_change


def _is_hidden(entry: Entry) -> bool:
    """Tell whether readers see the entry neither before nor after the flush at hand."""
    record = inspect(entry)
    history = record.attrs.state.history
    if record.persistent and not (history.unchanged or history.deleted):
        # Its state was not read, so nobody knows whether readers see it.
        return False
    return not any(state in states.LIVE for state in history.sum())


# A draft beside what readers see changes only these.
quiet_columns("entries", ("working_revision_number", "updated_at", "updated_by_id", "version"))
hidden_rows(Entry, ("entries", "entry_terms", "entry_authors"), _is_hidden)
register_horizon(next_change)
