"""The record as a file: JSON lines with everything, or a table for people."""

from __future__ import annotations

import json
from collections.abc import Iterator

from cms.audit.queries import Kept, RecordFilter, stream_entries
from cms.audit.sealing import moment
from cms.lib.batches import batched
from cms.lib.spreadsheets import Cell, write_csv

_COLUMNS = (
    "number", "at", "act", "actor_id", "actor", "seen_by_id", "subject", "subject_id", "title", "way", "ip",
    "request_id", "undoes", "before", "after", "hash",
)  # fmt: skip
_AT_ONCE = 200


def json_lines(asked: RecordFilter) -> Iterator[bytes]:
    """Yield the entries asked for as lines of JSON in UTF-8, the oldest first, some at a time."""
    for entries in batched(stream_entries(asked), _AT_ONCE):
        lines = [json.dumps(entry.row(), ensure_ascii=False, sort_keys=True) for entry in entries]
        yield "".join(f"{line}\n" for line in lines).encode()


def csv_table(asked: RecordFilter) -> Iterator[bytes]:
    """Yield the entries asked for as CSV in which no cell computes, a head first, some at a time."""
    return write_csv(_rows(asked))


def _rows(asked: RecordFilter) -> Iterator[tuple[Cell, ...]]:
    yield _COLUMNS
    for entry in stream_entries(asked):
        yield tuple(_cell(entry, column) for column in _COLUMNS)


def _cell(entry: Kept, column: str) -> Cell:
    if column == "at":
        return moment(entry.at)
    if column in ("before", "after"):
        return json.dumps(dict(getattr(entry, column)), ensure_ascii=False, sort_keys=True)
    value = getattr(entry, column) if hasattr(entry, column) else entry.told(column)
    return value if isinstance(value, int) else "" if value is None else str(value)
