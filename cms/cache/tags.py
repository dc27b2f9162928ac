"""Tags: what a page was made from, collected from the database's own statements while it is rendered.

A tag names all things of a table (`all-entries`). Collecting at the cursor misses nothing, whoever asked;
finer tags for single things come with real dependency detection.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from sqlalchemy import Engine, event

from cms.extensions import Base

_WORD = re.compile(r"[a-z_]+")
_collected: ContextVar[set[str] | None] = ContextVar("masthead_tags", default=None)


def tag_of_table(table: str) -> str:
    """Return the tag for everything in a table."""
    return f"all-{table.replace('_', '-')}"


def add(*tags: str) -> None:
    """Note that what is being rendered depends on `tags`; nothing happens outside a rendering."""
    found = _collected.get()
    if found is not None:
        found.update(tags)


@contextmanager
def collecting() -> Iterator[set[str]]:
    """Collect the tags of everything that is read inside."""
    found: set[str] = set()
    token = _collected.set(found)
    try:
        yield found
    finally:
        _collected.reset(token)
        add(*found)


def watch_reads(engine: Engine) -> None:
    """Have every SELECT on `engine` add its tables' tags to the rendering at hand."""
    if not event.contains(engine, "before_cursor_execute", _note):
        event.listen(engine, "before_cursor_execute", _note)


def _note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
    found = _collected.get()
    if found is not None:
        found.update(_tags(statement))


@lru_cache(maxsize=2048)
def _tags(statement: str) -> tuple[str, ...]:
    return tuple({tag_of_table(word) for word in _WORD.findall(statement) if word in Base.metadata.tables})
