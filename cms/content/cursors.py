"""Going on in a list of entries behind a row: cursors over any order, right while rows are added (keyset paging)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, or_, select

from cms.content.models import Entry
from cms.core.db import LARGEST_KEY, current_session
from cms.core.errors import NotFound
from cms.core.keysets import whole_text
from cms.core.pagination import LONGEST_IN_CURSOR, Batch, decode_cursor, encode_cursor

Kind = TypeVar("Kind", bound=Entry)
#: What a list may be sorted by; `-` before the name turns it round.
SORTS: Mapping[str, Any] = {
    "updated": Entry.updated_at,
    "published": Entry.published_at,
    "title": Entry.title,
    "created": Entry.created_at,
    "address": Entry.address,
}


def read_batch(
    wanted: Sequence[ColumnElement[bool]],
    *,
    sort: str,
    cursor: str | None = None,
    limit: int = 25,
    offset: int = 0,
    parts: Sequence[Any] = (),
    dated: bool = False,
) -> Batch[Entry]:
    """Return at most 200 of the entries that meet the conditions, after (or, as the cursor says, before) a row.

    `sort` is a key of SORTS, with `-` before it turned round (anything else: `-updated`); `parts` says what is loaded
    with each; without a cursor `offset` rows are passed over; `dated` tells that every row has a date it went out.
    Raises NotFound for what cannot be a cursor of a list in this order.
    """
    limit = max(1, min(limit, 200))
    sort = sort if sort.removeprefix("-") in SORTS else "-updated"
    column, falling = SORTS[sort.removeprefix("-")], sort.startswith("-")
    values = decode_cursor(cursor, 3)
    if values is not None and values[0] not in (f"after {sort}", f"before {sort}"):
        raise NotFound()
    backwards = values is not None and str(values[0]).startswith("before")
    query = select(Entry).where(*wanted)
    if values is not None:
        query = query.where(beyond(column, values[1], values[2], falling=falling != backwards))
    query = ordered(query, column, falling=falling != backwards, dated=dated).limit(limit + 1)
    query = query.offset(offset) if values is None and offset else query
    rows = list(current_session().scalars(query.options(*parts)).unique())
    more, rows = len(rows) > limit, rows[:limit]
    if backwards:
        rows.reverse()
    has_next, has_previous = (True, more) if backwards else (more, values is not None or offset > 0)
    return Batch(
        rows,
        cursor_at("after", sort, rows[-1]) if rows and has_next else None,
        cursor_at("before", sort, rows[0]) if rows and has_previous else None,
    )


def ordered(query: Select[Kind], column: Any, *, falling: bool, dated: bool = False) -> Select[Kind]:
    """Order a query by a column and, among equals, by id; `dated` says that every row has the date it is ordered by."""
    first = column.desc() if falling else column.asc()
    if column is Entry.published_at and not dated:
        # Rows without a date come last, turned round first, as the cursor's condition has it; SQLite's own order is
        # the same, so that its index serves.
        first = first.nulls_last() if falling else first.nulls_first()
    return query.order_by(first, Entry.id.desc() if falling else Entry.id.asc())


def beyond(column: Any, raw: Any, row_id: Any, *, falling: bool) -> ColumnElement[bool]:
    """Return the condition that a row comes after the one with the sort value `raw` and the id `row_id`.

    Raises NotFound for what cannot have come from a cursor of ours.
    """
    if not isinstance(row_id, int) or isinstance(row_id, bool) or abs(row_id) > LARGEST_KEY:
        raise NotFound()
    past = Entry.id < row_id if falling else Entry.id > row_id
    if raw is None:
        return and_(column.is_(None), past) if falling else or_(and_(column.is_(None), past), column.is_not(None))
    value = _value(column, raw, row_id)
    further = column < value if falling else column > value
    rest = or_(further, and_(column == value, past))
    return or_(rest, column.is_(None)) if falling and column is Entry.published_at else rest


def _value(column: Any, raw: Any, row_id: int) -> Any:
    """Return the sort value that a cursor names; raises NotFound for what cannot be one."""
    text = str(raw)
    try:
        if column is Entry.title or column is Entry.address:
            text.encode()
            return _whole(column, text, row_id)
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise NotFound()


def _whole(column: Any, text: str, row_id: int) -> str:
    """Return a text whose beginning a cursor holds; if its row is gone or changed, the beginning will do."""
    if "\0" in text:
        raise NotFound()
    return whole_text(column, Entry.id, text, row_id)


def cursor_at(way: str, sort: str, entry: Entry) -> str:
    """Return the cursor that names a row of a list in an order; `way` says whether to go on after or before it."""
    value = getattr(entry, SORTS[sort.removeprefix("-")].key)
    if isinstance(value, datetime):
        value = value.isoformat()
    return encode_cursor(f"{way} {sort}", value[:LONGEST_IN_CURSOR] if value is not None else None, entry.id)
