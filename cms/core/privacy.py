"""What the product holds about a person: each feature tells how it is given out and how it is erased.

For the right of access and the right to erasure (GDPR, articles 15, 17 and 20): an export asks everybody who
registered, and so does an erasure, so that a new feature cannot be forgotten by the old ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from cms.core.i18n import LazyString


@dataclass(frozen=True)
class DataSubject:
    """Somebody whom data are about: a person with an account, or only a mail address (who commented, say)."""

    email: str
    user_id: int | None = None


@dataclass(frozen=True)
class HeldFile:
    """A file of theirs: its path in the export, and the way to read it (FileNotFoundError when it is lost)."""

    path: str
    open: Callable[[], BinaryIO]


@dataclass(frozen=True)
class Holding:
    """What one feature holds; `key` is unique and names the file of the export, `name` is for people.

    `rows` gives plain values that JSON can hold. `erase` takes away, within the transaction, whatever tells who
    somebody was and returns how many records it touched; None: what is held goes or stays with the account.
    """

    key: str
    name: LazyString
    count: Callable[[DataSubject], int]
    rows: Callable[[DataSubject], Iterable[Mapping[str, Any]]]
    files: Callable[[DataSubject], Iterable[HeldFile]] | None = None
    erase: Callable[[DataSubject], int] | None = None


_holdings: dict[str, Holding] = {}


def register_holding(holding: Holding) -> None:
    """Register what a feature holds; one of the same key takes its place."""
    _holdings[holding.key] = holding


def holdings() -> tuple[Holding, ...]:
    """Return everything that is held, in the order of registration."""
    return tuple(_holdings.values())
