"""Parts of a long list: batches by cursor (the back office) and numbered pages (the public site)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from cms.core.errors import NoSuchPlace
from cms.core.i18n import _

Item = TypeVar("Item")
#: A page number above this is nobody's: it is answered like a page that does not exist.
LAST_PAGE = 1_000_000
#: Characters of a text that a cursor holds; the row it names has the others.
LONGEST_IN_CURSOR = 100
#: Characters of a cursor: such a text, none of more than four bytes, and what is around it, in Base64. However they are
#: written, so many fit into an address.
LONGEST_CURSOR = 640


@dataclass(frozen=True)
class Batch(Generic[Item]):
    """Some items of a list, cursors to the neighbours (None at an end) and the total where it was asked for."""

    items: Sequence[Item]
    cursor_next: str | None = None
    cursor_previous: str | None = None
    total: int | None = None

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


@dataclass(frozen=True)
class Page(Generic[Item]):
    """One numbered page (from 1) of a list, and how many pages and items there are."""

    items: Sequence[Item]
    number: int
    pages: int
    total: int

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


def encode_cursor(*values: str | int | float | None) -> str:
    """Turn the sort values of an item into an opaque cursor for an address."""
    raw = json.dumps(values, separators=(",", ":"), ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode_cursor(cursor: str | None, length: int) -> tuple[str | int | float | None, ...] | None:
    """Read a cursor of `length` values; anything that is not one gives None, the beginning of the list."""
    if not cursor or len(cursor) > LONGEST_CURSOR:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    if not isinstance(values, list) or len(values) != length:
        return None
    plain = all(value is None or isinstance(value, str | int | float) for value in values)
    return tuple(values) if plain else None


def foreign_cursor() -> NoSuchPlace:
    """Return the error about a cursor that is none of the list that was asked with it."""
    return NoSuchPlace(fields={"cursor": _("This list has no such place. Begin without a cursor, and follow next.")})
