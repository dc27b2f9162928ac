"""What tests do not wait for: passwords are hashed at next to no cost, and SQLite leaves writing to the disk for later.

Neither changes an answer. A test of the costs themselves asks for `in_earnest`; servers and commands in processes of
their own are always in earnest.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from cms.accounts import security

_COSTS = "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS"
_real = security._SETTINGS[_COSTS]
_least = _real | {"argon2__memory_cost": 8, "argon2__time_cost": 1}


def begin() -> None:
    """Ease all applications that are made, and connections that are opened, from here on."""
    security._SETTINGS[_COSTS] = _least
    event.listen(Engine, "connect", _leave_for_later)


@contextmanager
def in_earnest() -> Iterator[None]:
    """Ease nothing in the meantime."""
    event.remove(Engine, "connect", _leave_for_later)
    security._SETTINGS[_COSTS] = _real
    try:
        yield
    finally:
        begin()


def _leave_for_later(connection: Any, _record: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous=OFF").close()
