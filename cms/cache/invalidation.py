"""What a change makes stale: learnt from the statements that change it, told to the store around the commit."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from flask import current_app, has_app_context
from sqlalchemy import Connection, Engine, ExceptionContext, event, insert
from sqlalchemy.orm import Session

from cms.cache.redis_store import RedisStore
from cms.cache.store import SharedStore, StoreError
from cms.cache.tags import tag_of_table
from cms.cache.untold import CLEAR_PAGES
from cms.core.db_errors import is_outcome_unknown
from cms.core.errors import Unavailable
from cms.core.i18n import _
from cms.core.jobs import Job
from cms.extensions import Base, cache

_WRITING = re.compile(r"\s*(?:INSERT|UPDATE|DELETE|REPLACE|TRUNCATE|WITH)\b", re.IGNORECASE)
#: Also the ways of one dialect (`INSERT OR IGNORE INTO`, `UPDATE ONLY`) and writes behind a WITH.
_WRITE = re.compile(
    r"\b(INSERT|REPLACE|UPDATE|DELETE|TRUNCATE)"
    r"(?:\s+(?:OR\s+[a-z]+|INTO|FROM|TABLE|ONLY))*\s+(?:\"?\w+\"?\.)?\"?(\w+)\"?",
    re.IGNORECASE,
)
_SET = re.compile(r"\bSET\s+(.*?)(?:\sWHERE\s|\sRETURNING\s|$)", re.IGNORECASE | re.DOTALL)
_COLUMN = re.compile(r"(?:^|,)\s*\"?([a-z_]+)\"?\s*=", re.IGNORECASE)
#: No public page is made from these.
_UNSEEN = {"jobs", "leases", "sign_ins", "revisions", "import_records", "alembic_version"}
_UNSEEN |= {"limits", "devices", "challenges", "email_changes", "passkeys", "authenticators", "recovery_codes"}
_UNSEEN |= {"audit_entries", "audit_details", "audit_people"}
_UNSEEN |= {"personal_tokens", "refresh_tokens", "idempotent_requests"}
_quiet: dict[str, frozenset[str]] = {}
_hidden: dict[type, tuple[frozenset[str], Callable[[Any], bool]]] = {}
_CHANGED, _HIDDEN = "masthead_changed_tags", "masthead_hidden_tables"
_log = logging.getLogger("cms.cache")
#: The stores that keep the law.
PageStore = SharedStore | RedisStore
#: What this request or job has announced and not stamped yet.
_announced: ContextVar[tuple[tuple[str | None, frozenset[str]], ...]] = ContextVar("masthead_announced", default=())


def quiet_columns(table: str, columns: Iterable[str]) -> None:
    """Say that a change of these columns alone changes nothing that a public page shows."""
    _quiet[table] = frozenset(columns)


def hidden_rows(model: type, tables: Iterable[str], is_hidden: Callable[[Any], bool]) -> None:
    """Say which objects readers see neither before nor after a flush: its changes to `tables` make nothing stale."""
    _hidden[model] = (frozenset(tables), is_hidden)


@lru_cache(maxsize=2048)
def changed_tables(statement: str) -> frozenset[str]:
    """Return the tables that a statement changes in a way that pages show."""
    if _WRITING.match(statement) is None:
        return frozenset()
    writes = [(verb.upper(), table.lower()) for verb, table in _WRITE.findall(statement)]
    if len(writes) == 1 and writes[0][0] == "UPDATE" and _is_quiet(writes[0][1], statement):
        return frozenset()
    return frozenset(table for _verb, table in writes if table in Base.metadata.tables and table not in _UNSEEN)


def _is_quiet(table: str, statement: str) -> bool:
    assigned = _SET.search(statement)
    columns = {name.lower() for name in _COLUMN.findall(assigned.group(1))} if assigned else set()
    return bool(columns) and columns <= _quiet.get(table, frozenset())


def watch_writes(engine: Engine) -> None:
    """Have every change on `engine` announced to the store before its commit, and stamped after it."""
    if event.contains(engine, "before_cursor_execute", _note):
        return
    event.listen(engine, "before_cursor_execute", _note)
    event.listen(engine, "commit", _announce)
    event.listen(engine, "rollback", _withdraw)
    event.listen(engine, "handle_error", _let_stand)
    event.listen(Session, "before_flush", _before_flush)
    event.listen(Session, "after_flush", _after_flush)
    event.listen(Session, "after_commit", _stamp)


def page_store() -> PageStore | None:
    """Return the store that holds pages, or None when `CACHE_TYPE` names one that cannot keep the law."""
    store: object = cache.cache
    return store if isinstance(store, SharedStore | RedisStore) else None


def _note(connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
    for table in changed_tables(statement) - connection.info.get(_HIDDEN, frozenset()):
        connection.info.setdefault(_CHANGED, set()).add(tag_of_table(table))


def _before_flush(session: Session, _context: Any, _instances: Any) -> None:
    """Hide the tables of this flush whose every touched owner readers see neither before nor after."""
    touched = [*session.new, *session.dirty, *session.deleted]
    hidden: set[str] = set()
    for model, (tables, is_hidden) in _hidden.items():
        owners = [item for item in touched if isinstance(item, model)]
        if owners and all(is_hidden(item) for item in owners):
            hidden |= tables
    if hidden:
        session.connection().info[_HIDDEN] = hidden


def _after_flush(session: Session, _context: Any) -> None:
    session.connection().info.pop(_HIDDEN, None)


def _announce(connection: Connection) -> None:
    """Just before the database commits."""
    changed = connection.info.pop(_CHANGED, None)
    store = _store()
    if not changed or store is None:
        return
    try:
        writer = store.announce(changed)
    except StoreError:
        raise Unavailable(
            _("The page cache cannot be written, so nothing was saved. Please ask an admin to look at the disk.")
        ) from None
    if writer is None:
        # Nobody heard: the store is emptied as soon as it answers, by this process or by the job.
        connection.execute(insert(Job).values(name=CLEAR_PAGES, payload={}))
    _announced.set((*_announced.get(), (writer, frozenset(changed))))


def _stamp(_session: Session) -> None:
    """Just after the commit, before anybody is answered."""
    _stamp_announced()


def _withdraw(connection: Connection) -> None:
    """When a transaction is given up; what was announced for a commit that failed counts as changed."""
    connection.info.pop(_CHANGED, None)
    connection.info.pop(_HIDDEN, None)
    _stamp_announced()


def _let_stand(context: ExceptionContext) -> None:
    """When nobody can tell whether, or when, a commit happens: no stamp would come late enough.

    While the announcement stands pages are cold, and it becomes a stamp as that of a process that died.
    """
    if is_outcome_unknown(context.sqlalchemy_exception or context.original_exception):
        _announced.set(())


def _stamp_announced() -> None:
    announced = _announced.get()
    _announced.set(())
    store = _store()
    if store is None:
        return
    for writer, changed in announced:
        try:
            store.stamp(changed, writer)
        except StoreError as error:
            # The change is committed and cannot be refused any more; while the announcement stands, pages are cold.
            _log.error("changes could not be stamped, so pages stay cold for a while: %s", error)


def _store() -> PageStore | None:
    return page_store() if has_app_context() and "cache" in current_app.extensions else None
