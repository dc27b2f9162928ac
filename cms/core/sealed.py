"""Columns that hold sealed text: features name theirs, so that another key can take over everywhere."""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect, select, update
from sqlalchemy.orm import InstrumentedAttribute

from cms.core.db import transaction
from cms.core.secrets import reseal

_COLUMNS: dict[str, tuple[InstrumentedAttribute[Any], str]] = {}


def register_sealed(column: InstrumentedAttribute[Any], *, purpose: str) -> None:
    """Say that a column holds what `seal` made for a purpose (or NULL)."""
    _COLUMNS[str(column)] = (column, purpose)


def reseal_all() -> int:
    """Seal everything anew with the newest key, each column in one transaction, and return how much that was.

    Raises UnknownKeyError, changing nothing of that column, when something cannot be opened.
    """
    count = 0
    for column, purpose in _COLUMNS.values():
        model = column.class_
        key: Any = inspect(model).primary_key[0]
        with transaction() as session:
            for row_id, sealed in session.execute(select(key, column).where(column.is_not(None))).all():
                changed = reseal(sealed, purpose=purpose)
                session.execute(update(model).where(key == row_id, column == sealed).values({column: changed}))
                count += 1
    return count
