"""Events: "this happened", told within the transaction and again after the commit.

An event is a frozen dataclass of ids and plain values, named in the past tense. Listeners within the
transaction fail or succeed with the change; listeners after the commit run before the surface answers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from cms.core.db import after_commit, in_transaction

Event = TypeVar("Event")
_within: defaultdict[type, list[Callable[[Any], None]]] = defaultdict(list)
_after: defaultdict[type, list[Callable[[Any], None]]] = defaultdict(list)


def on(kind: type[Event]) -> Callable[[Callable[[Event], None]], Callable[[Event], None]]:
    """Listen to events of `kind` (and its subclasses) within the transaction."""
    return _listener(_within, kind)


def after(kind: type[Event]) -> Callable[[Callable[[Event], None]], Callable[[Event], None]]:
    """Listen to events of `kind` (and its subclasses) once they are committed."""
    return _listener(_after, kind)


def record(event: object) -> None:
    """Tell everybody that `event` happened; raises RuntimeError outside a transaction."""
    if not in_transaction():
        raise RuntimeError("An event is recorded inside a transaction.")
    for listener in _listeners(_within, event):
        listener(event)
    for listener in _listeners(_after, event):
        after_commit(partial(listener, event))


def _listener(
    table: defaultdict[type, list[Callable[[Any], None]]], kind: type[Event]
) -> Callable[[Callable[[Event], None]], Callable[[Event], None]]:
    def add(listener: Callable[[Event], None]) -> Callable[[Event], None]:
        if listener not in table[kind]:
            table[kind].append(listener)
        return listener

    return add


def _listeners(table: defaultdict[type, list[Callable[[Any], None]]], event: object) -> list[Callable[[Any], None]]:
    return [listener for kind in type(event).__mro__ if kind in table for listener in table[kind]]
