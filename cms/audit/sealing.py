"""The seals of the record: one canonical form of an entry and of its details, and HMAC-SHA256 over it (RFC 2104).

The canonical form follows RFC 8785 in spirit: JSON in UTF-8 with sorted keys and no needless space. It holds no
fractions, for their notation differs from writer to writer; a moment is a text in UTC.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

#: What the first entry there ever was names as the hash before it.
GENESIS: Final = "0" * 64
#: The columns of an entry that its hash seals.
SEALED: Final = (
    "number",
    "at",
    "act",
    "actor_id",
    "seen_by_id",
    "token_id",
    "subject",
    "subject_id",
    "undoes",
    "details_digest",
    "key_id",
    "previous_hash",
)
LONGEST_WORDS: Final = 2000


def plain(value: Any) -> Any:
    """Return `value` as JSON holds it and gives it back: texts, whole numbers, truth values, lists and mappings.

    Text keeps no NUL and no half of a letter, which databases refuse; what JSON has no word for becomes text.
    """
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        # A lazy text has its words now.
        return str(value).replace("\0", "").encode(errors="replace").decode()
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, Mapping):
        return {str(plain(str(key))): plain(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((plain(item) for item in value), key=str)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return plain(str(value))


def moment(at: datetime) -> str:
    """Return an aware moment as text in UTC, with all its microseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def canonical(value: Any) -> bytes:
    """Return plain values as the bytes that are sealed; raises ValueError for a fraction, TypeError for no JSON."""
    _refuse_fractions(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _refuse_fractions(value: Any) -> None:
    if isinstance(value, float):
        raise ValueError("Fractions have no canonical form here.")
    if isinstance(value, Mapping):
        for item in value.values():
            _refuse_fractions(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_fractions(item)


def new_salt() -> str:
    """Return 128 random bits, so that nobody guesses erased details by trying."""
    return secrets.token_hex(16)


def digest(key: bytes, salt: str, details: Mapping[str, Any]) -> str:
    """Return the seal of an entry's details with the salt kept beside them, as hex."""
    return hmac.new(key, canonical(["details", salt, details]), hashlib.sha256).hexdigest()


def chain_hash(key: bytes, entry: Mapping[str, Any]) -> str:
    """Return the seal of an entry: of every column but the hash itself, that of the entry before among them."""
    values = {name: entry[name] for name in SEALED} | {"at": moment(entry["at"])}
    return hmac.new(key, canonical(["entry", values]), hashlib.sha256).hexdigest()


def words_of(details: Mapping[str, Any]) -> str:
    """Return the names and values of details in small letters, for the search."""
    found: dict[str, None] = {}
    stack: list[Any] = [details.get(name) for name in ("before", "after", "title", "actor", "ip")]
    while stack:
        item = stack.pop()
        if isinstance(item, Mapping):
            stack.extend(reversed(list(item.values())))
        elif isinstance(item, list):
            stack.extend(reversed(item))
        elif isinstance(item, str) and item:
            found[" ".join(item.casefold().split())[:200]] = None
    return " ".join(found)[:LONGEST_WORDS]
