"""The states of an entry and the ways between them: one table, asked by every action and every button."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from cms.content.models import Entry
from cms.core.errors import WrongState
from cms.core.i18n import LazyString, _

DRAFT: Final = "draft"
IN_REVIEW: Final = "in_review"
SCHEDULED: Final = "scheduled"
PUBLISHED: Final = "published"
ARCHIVED: Final = "archived"
STATES: Final = (DRAFT, IN_REVIEW, SCHEDULED, PUBLISHED, ARCHIVED)
#: In these states the row is what readers see, or will see when its time comes; drafts of it wait beside.
LIVE: Final = (SCHEDULED, PUBLISHED)

LABELS: Final[dict[str, LazyString]] = {
    DRAFT: _("Draft"),
    IN_REVIEW: _("In review"),
    SCHEDULED: _("Scheduled"),
    PUBLISHED: _("Published"),
    ARCHIVED: _("Archived"),
}

#: What may be done from where; the bin stands outside: only restoring and deleting lead out of it.
WAYS: Final[dict[str, frozenset[str]]] = {
    "submit": frozenset({DRAFT}),
    "return": frozenset({IN_REVIEW}),
    "publish": frozenset(STATES),
    "schedule": frozenset({DRAFT, IN_REVIEW, SCHEDULED, ARCHIVED}),
    "unpublish": frozenset({SCHEDULED, PUBLISHED, ARCHIVED}),
    "archive": frozenset({SCHEDULED, PUBLISHED}),
}

_REFUSALS: Final[dict[str, LazyString]] = {
    "submit": _("Only a draft can be submitted for review."),
    "return": _("Only an entry in review can be returned to its authors."),
    "publish": _("This entry cannot be published as it is."),
    "schedule": _("What readers see already cannot be scheduled. Unpublish it first."),
    "unpublish": _("Only what is published, scheduled or archived can become a draft again."),
    "archive": _("Only what is published or scheduled can be archived."),
}


def allows(entry: Entry, way: str) -> bool:
    """Tell whether the entry's state allows `way`, a key of WAYS."""
    return entry.binned_at is None and entry.state in WAYS[way]


def check(entry: Entry, way: str) -> None:
    """Raise WrongState, saying what to do, unless the entry's state allows `way`."""
    check_not_binned(entry)
    if not allows(entry, way):
        raise WrongState(_REFUSALS[way])


def check_not_binned(entry: Entry) -> None:
    """Raise WrongState, saying what to do, for an entry in the bin."""
    if entry.binned_at is not None:
        raise WrongState(_("This entry is in the bin. Restore it first."))


def refusal(way: str) -> LazyString:
    """Return the sentence that says from where `way`, a key of WAYS, is possible."""
    return _REFUSALS[way]


def is_live(entry: Entry) -> bool:
    """Tell whether the row is what readers see or will see when its time comes."""
    return entry.binned_at is None and entry.state in LIVE


def is_out(entry: Entry, now: datetime) -> bool:
    """Tell whether readers can see the entry at `now`, as far as state and clock go."""
    return is_live(entry) and entry.published_at is not None and entry.published_at <= now


def shown_state(entry: Entry, now: datetime) -> str:
    """Return the state to name on screen: a scheduled entry whose time has come is published."""
    if entry.state == SCHEDULED and is_out(entry, now):
        return PUBLISHED
    return entry.state
