"""What is kept of what happened: how each event reads in the record, and how it is taken back.

A feature tells, in its `records.py`, how each of its events is kept (`keep`). What it tells with the values before
and after can be undone by one function for each sort of thing, whatever the act was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cms.core.i18n import LazyString
from cms.core.permissions import Actor

#: Plain values that JSON can hold: texts, whole numbers, truth values, None, lists and mappings of them.
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Trace:
    """An event as the record keeps it: what it was done to, and the values that differ, plain, before and after."""

    #: The sort of thing (`user`, `role`, `entry`, `settings` …) and its id.
    subject: str
    subject_id: int | None
    #: What the thing was called at that moment.
    title: str = ""
    before: Values = field(default_factory=dict)
    after: Values = field(default_factory=dict)
    by_id: int | None = None
    #: The people whose personal data `title`, `before` or `after` hold, besides whoever acted.
    about: tuple[int, ...] = ()


@dataclass(frozen=True)
class Act:
    """How events of one class are kept.

    `name` is a word such as `user.roles_changed`, `sentence` reads on after the name of whoever acted, with
    `%(title)s` for the thing ("gave %(title)s other roles"). `undo` brings the thing back to `trace.before`; it goes
    through an action, so that permission and state are checked, and raises Conflict when the thing is not as
    `trace.after` says any more.
    """

    name: str
    sentence: LazyString
    describe: Callable[[Any], Trace]
    undo: Callable[[Trace, Actor], None] | None = None
    #: Where there is no `undo`: why it cannot be taken back, and what to do instead.
    final: LazyString | None = None


_by_event: dict[type, Act] = {}
_by_name: dict[str, Act] = {}


def keep(kind: type, act: Act) -> None:
    """Keep events of exactly `kind` as `act` says; a name for two classes raises ValueError."""
    known = _by_name.get(act.name)
    if known is not None and _by_event.get(kind) is not known:
        raise ValueError(f"The act {act.name} is registered twice.")
    _by_event[kind] = act
    _by_name[act.name] = act


def act_of(event: object) -> Act | None:
    """Return how `event` is kept, or None when it is not."""
    return _by_event.get(type(event))


def find_act(name: str) -> Act | None:
    """Return the act called `name`; None for one of a feature that is not there any more."""
    return _by_name.get(name)


def list_acts() -> Iterator[Act]:
    """Yield every act there is."""
    yield from _by_name.values()


def kept_events() -> frozenset[type]:
    """Return the classes of events that are kept."""
    return frozenset(_by_event)
