"""Lists in parts, in any order of theirs: behind a row (right while rows are added), or from a number on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, String, and_, func, literal, or_, select

from cms.core.db import LARGEST_KEY, UtcDateTime, current_session
from cms.core.errors import Invalid
from cms.core.i18n import _
from cms.core.pagination import LONGEST_IN_CURSOR, Batch, decode_cursor, encode_cursor, foreign_cursor

Row = TypeVar("Row")


@dataclass(frozen=True)
class Order:
    """What a list is sorted by: a column that is never null, and among equals the id; `name` as it was asked for."""

    name: str
    column: Any
    key: Any

    @property
    def falling(self) -> bool:
        """Whether the largest comes first."""
        return self.name.startswith("-")


def read_order(name: str, columns: Mapping[str, Any], key: Any) -> Order:
    """Return the order called `name` (turned round with `-` before it); raises Invalid for what is not offered."""
    column = columns.get(name.removeprefix("-"))
    if column is None:
        raise Invalid(fields={"sort": _("Sort by one of: %(names)s.", names=", ".join(columns))})
    return Order(name, column, key)


def read_batch(
    query: Select[Row], order: Order, *, cursor: str | None = None, offset: int = 0, limit: int = 20
) -> Batch[Row]:
    """Return a batch of the records that `query` selects: after (or, as the cursor says, before) a row, or by number.

    Raises NoSuchPlace for a cursor that does not come from a list in this order.
    """
    position = _position(cursor, order)
    backwards = position is not None and position[0] == "before"
    falling = order.falling != backwards
    if position is not None:
        query = query.where(_beyond(order, position[1], position[2], falling=falling))
    columns = (order.column, order.key)
    query = query.order_by(*[column.desc() if falling else column.asc() for column in columns])
    rows: list[Any] = list(current_session().scalars(query.limit(limit + 1).offset(0 if position else offset)))
    more, rows = len(rows) > limit, rows[:limit]
    if backwards:
        rows.reverse()
    has_next, has_previous = (True, more) if backwards else (more, position is not None or offset > 0)
    return Batch(
        rows,
        _cursor("after", order, rows[-1]) if rows and has_next else None,
        _cursor("before", order, rows[0]) if rows and has_previous else None,
    )


def count_rows(query: Select[Any], most: int | None = None) -> int:
    """Count what `query` selects: at most `most` of it, for a count that costs no more than that; all for None."""
    found = query.with_only_columns(literal(1), maintain_column_froms=True).order_by(None).limit(most)
    return current_session().scalar(select(func.count()).select_from(found.subquery())) or 0


def _cursor(way: str, order: Order, row: Any) -> str:
    value = getattr(row, order.column.key)
    if isinstance(value, datetime):
        value = value.isoformat()
    elif isinstance(value, str):
        value = value[:LONGEST_IN_CURSOR]
    return encode_cursor(f"{way} {order.name}", value, getattr(row, order.key.key))


def _position(cursor: str | None, order: Order) -> tuple[str, Any, int] | None:
    """Return which way a cursor leads, from which value and which id on; None without one."""
    if cursor is None:
        return None
    told, raw, row_id = decode_cursor(cursor, 3) or ("", None, 0)
    way, _space, name = str(told).partition(" ")
    if way not in ("after", "before") or name != order.name or not _is_id(row_id):
        raise foreign_cursor()
    return way, _value(order, raw, int(row_id or 0)), int(row_id or 0)


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST_KEY


def _value(order: Order, raw: Any, row_id: int) -> Any:
    """Return the sort value that a cursor names, as the database has it; raises NoSuchPlace for what cannot be one."""
    kind = order.column.type
    if isinstance(kind, UtcDateTime):
        try:
            moment = datetime.fromisoformat(str(raw))
            if moment.tzinfo is not None:
                return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    elif isinstance(kind, String):
        if isinstance(raw, str) and _is_text(raw):
            return whole_text(order.column, order.key, raw, row_id)
    elif _is_id(raw):
        return raw
    raise foreign_cursor()


def _is_text(value: str) -> bool:
    return not any(sign == "\0" or "\ud800" <= sign <= "\udfff" for sign in value)


def whole_text(column: Any, key: Any, text: str, row_id: int) -> str:
    """Return a text whose beginning a cursor holds; if its row is gone or changed, the beginning will do."""
    if len(text) < LONGEST_IN_CURSOR:
        return text
    whole = current_session().scalar(select(column).where(key == row_id))
    return whole if isinstance(whole, str) and whole.startswith(text) else text


def _beyond(order: Order, value: Any, row_id: int, *, falling: bool) -> ColumnElement[bool]:
    column, key = order.column, order.key
    further = column < value if falling else column > value
    past = key < row_id if falling else key > row_id
    return or_(further, and_(column == value, past))
