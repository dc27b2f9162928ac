"""What happens to entries and terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class EntryEvent:
    """Something happened to an entry; `before` and `after` hold the values of its row, plain.

    `written` are the fields that differ between this save and the one before: name, before, after. Of the body it
    tells size and digest alone, for revisions hold the text.
    """

    entry_id: int
    kind: str
    at: datetime
    by_id: int | None
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    written: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)


class EntryCreated(EntryEvent):
    """An entry was begun."""


class EntrySaved(EntryEvent):
    """An entry was saved: its draft, or what readers see where nothing is live."""


class EntrySubmitted(EntryEvent):
    """An entry was submitted for review."""


class EntryReturned(EntryEvent):
    """An entry in review went back to its authors."""


class EntryPublished(EntryEvent):
    """Readers see an entry, or a newer version of it."""


class EntryScheduled(EntryEvent):
    """Readers will see an entry at `after["published_at"]`."""


class EntryUnpublished(EntryEvent):
    """An entry became a draft again."""


class EntryArchived(EntryEvent):
    """An entry was archived."""


class EntryBinned(EntryEvent):
    """An entry was put into the bin."""


class EntryRestored(EntryEvent):
    """An entry came back from the bin."""


class EntryReverted(EntryEvent):
    """An entry stands again where it stood before: state, dates, and the revision that readers see."""


class EntryDeleted(EntryEvent):
    """An entry was deleted for good."""


@dataclass(frozen=True)
class TermEvent:
    """Something happened to a term."""

    term_id: int
    kind: str
    at: datetime
    by_id: int | None
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


class TermCreated(TermEvent):
    """A term was made."""


class TermEdited(TermEvent):
    """A term was changed."""


class TermRestored(TermEvent):
    """A deleted term is back, in the entries that had it too."""


class TermDeleted(TermEvent):
    """A term was deleted; entries lost it."""
