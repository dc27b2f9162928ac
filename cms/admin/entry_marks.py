"""How an entry is shown in lists and bars: its state as a pill with a word, its people, its title."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cms.accounts.models import User
from cms.content import states
from cms.content.models import Entry
from cms.core.i18n import Text, _, gettext
from cms.lib.clock import utcnow

_PILLS: dict[str, tuple[str, str]] = {
    states.DRAFT: ("draft", "circle-dashed"),
    states.IN_REVIEW: ("review", "hourglass"),
    states.SCHEDULED: ("scheduled", "clock"),
    states.PUBLISHED: ("published", "circle-check"),
    states.ARCHIVED: ("archived", "archive"),
}

VISIBILITY_LABELS: dict[str, Text] = {
    "public": _("Everybody"),
    "members": _("Members"),
    "password": _("With a password"),
    "private": _("Only the staff"),
}


@dataclass(frozen=True)
class StateMark:
    """A state as it is shown: the pill's kind, its icon and word, whether a newer draft waits, and when it goes out."""

    kind: str
    icon: str
    word: Text
    newer: bool = False
    when: datetime | None = None


def state_mark(entry: Entry) -> StateMark:
    """Return the mark of an entry as of now."""
    if entry.binned_at is not None:
        return StateMark("archived", "trash-2", _("In the bin"))
    state = states.shown_state(entry, utcnow())
    kind, icon = _PILLS[state]
    when = entry.published_at if state == states.SCHEDULED else None
    return StateMark(kind, icon, states.LABELS[state], newer=entry.has_newer_draft and states.is_live(entry), when=when)


NEW = StateMark("draft", "circle-dashed", _("New"))


def title_of(entry: Entry) -> str:
    """Return the title, or words for an entry without one."""
    return entry.title or gettext("(without a title)")


def first_names(people: Sequence[User]) -> str:
    """Return the people in few words: "Ada", "Ada, Mila", "Con and 2"."""
    names = [person.name.split()[0] if person.name.split() else person.name for person in people]
    if len(names) <= 2:
        return ", ".join(names)
    return gettext("%(name)s and %(more)s", name=names[0], more=len(names) - 1)
