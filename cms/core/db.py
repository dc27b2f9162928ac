"""The database: column mixins and `transaction()`, the only place that commits.

SQLite needs care (measured, see ARCHITECTURE.md): reads run without a transaction, and every writing
transaction begins with BEGIN IMMEDIATE, so that no write is built on rows another writer is changing.
"""

from __future__ import annotations

import logging
import random
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import DateTime, Dialect, Engine, Select, event, func, select
from sqlalchemy.orm import Mapped, Session, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator

from cms.core.db_errors import as_cms_error, is_outcome_unknown
from cms.core.errors import OutcomeUnknown
from cms.extensions import Base, db
from cms.lib.clock import utcnow

__all__ = [
    "LARGEST_KEY",
    "Base",
    "IntegerKey",
    "Timestamps",
    "UtcDateTime",
    "Versioned",
    "after_commit",
    "after_rollback",
    "before_commit",
    "current_session",
    "engine_options",
    "has_committed",
    "held_commit",
    "hold_rows",
    "in_transaction",
    "read_key",
    "take_turn",
    "transaction",
]

_WRITES = re.compile(r"\s*(?:INSERT|UPDATE|DELETE|REPLACE|WITH\b.*\b(?:INSERT|UPDATE|DELETE)\b)", re.I | re.S)
_OPEN = "masthead_transaction"
_HELD = "masthead_held_commit"
_COMMITTING = "masthead_before_commit"
_COMMITTED = "masthead_after_commit"
_DONE = "masthead_has_committed"
_ROLLED_BACK = "masthead_after_rollback"
_log = logging.getLogger("cms.db")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware going in and coming out, stored in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware time into UTC; a naive one raises ValueError, for its zone would be a guess."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A naive time cannot be stored: its zone is unknown.")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give a stored time back, aware and in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


#: PostgreSQL keeps keys in 32 bits, and answers the question for a larger one with an error.
LARGEST_KEY = 2**31 - 1


def read_key(text: str) -> int | None:
    """Return the primary key that a text names in plain digits, None for what can be nobody's key."""
    if not text.isascii() or not text.isdecimal() or len(text) > len(str(LARGEST_KEY)):
        return None
    return int(text) if 0 < int(text) <= LARGEST_KEY else None


class IntegerKey:
    """A whole number as primary key."""

    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-10)


class Timestamps:
    """When a row was made and last changed."""

    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, sort_order=90)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, onupdate=utcnow, sort_order=91)


class Versioned:
    """A counter that each flush compares and raises, so that a change built on an old row fails."""

    version: Mapped[int] = mapped_column(default=1, sort_order=92)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 -- SQLAlchemy's declared_attr hands in the class
        return {"version_id_col": cls.version}


def current_session() -> Session:
    """Return the session of the current application context."""
    return db.session()


def engine_options(uri: str) -> dict[str, Any]:
    """Return the engine options for a database address: immediate writes for SQLite, limits elsewhere."""
    if uri.startswith("sqlite"):
        return {"connect_args": {"isolation_level": None, "timeout": 15, "check_same_thread": False}}
    # Its driver takes a while to be loaded, which SQLite need not wait for.
    from cms.core.db_deadlines import postgres_options

    return postgres_options()


@event.listens_for(Engine, "connect")
def _set_pragmas(connection: Any, _record: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        cursor = connection.cursor()
        for pragma in ("busy_timeout=15000", "journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()


@event.listens_for(Engine, "before_cursor_execute")
def _begin_immediate(_conn: Any, cursor: Any, statement: str, _params: Any, _ctx: Any, _many: bool) -> None:
    """Begin a writing transaction before the first write that came without one (Flask-Security's own)."""
    connection = getattr(cursor, "connection", None)
    if isinstance(connection, sqlite3.Connection) and not connection.in_transaction and _WRITES.match(statement):
        _begin_writing(connection, cursor.execute)


def _begin_writing(connection: sqlite3.Connection, execute: Callable[[str], object]) -> None:
    """Begin a writing transaction as soon as no other is open; after 20 seconds `execute` asks once more, and fails.

    SQLite's own waiting looks after 1, 2, 5 … and then every 100 ms: whoever has waited longest looks least often,
    and of 64 writers some never get their turn. Here everybody looks equally often.
    """
    deadline = time.monotonic() + 20
    connection.execute("PRAGMA busy_timeout=0")
    try:
        while time.monotonic() < deadline:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                time.sleep(random.uniform(0.002, 0.006))
            else:
                return
    finally:
        connection.execute("PRAGMA busy_timeout=15000")
    execute("BEGIN IMMEDIATE")


def in_transaction() -> bool:
    """Tell whether `transaction()` is open in this context."""
    return bool(current_session().info.get(_OPEN))


def has_committed() -> bool:
    """Tell whether something was committed in this context (of a request, say) already."""
    return bool(current_session().info.get(_DONE))


def hold_rows(query: Select[Any]) -> None:
    """Let nobody else change the rows that `query` selects until the transaction ends; wait for who does.

    On SQLite nobody else writes while a transaction is open.
    """
    session = current_session()
    if session.get_bind().dialect.name != "sqlite":
        session.execute(query.with_for_update())


def take_turn(name: str) -> None:
    """Wait for whoever has taken the turn of this name, and have it until the transaction ends.

    For what is looked for before it is made, such as a free address. On SQLite nobody else writes meanwhile.
    """
    session = current_session()
    if session.get_bind().dialect.name != "sqlite":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def before_commit(callback: Callable[[], None]) -> None:
    """Call `callback` at the end of the open transaction, once everything in it is flushed, just before the commit.

    What it raises gives the transaction up. What has to be done in one order by everybody (a chain, say) belongs here,
    so that its lock is taken last and held shortest. Raises RuntimeError outside a transaction.
    """
    _keep(_COMMITTING, callback)


def after_commit(callback: Callable[[], None]) -> None:
    """Call `callback` once the open transaction is committed, before the surface answers.

    Not while nobody can tell whether it is committed (OutcomeUnknown): what must be done belongs into the transaction,
    as a job. What it raises is logged: the change is made and cannot be refused any more. Raises RuntimeError outside
    a transaction, whose end it would wait for.
    """
    _keep(_COMMITTED, callback)


def after_rollback(callback: Callable[[], None]) -> None:
    """Call `callback` if the open transaction is given up (to take back a file, say).

    Only if it surely is: not while nobody can tell whether it was committed (OutcomeUnknown). What it raises is logged.
    Raises RuntimeError outside a transaction.
    """
    _keep(_ROLLED_BACK, callback)


def _keep(key: str, callback: Callable[[], None]) -> None:
    if not in_transaction():
        raise RuntimeError("There is no open transaction whose end could be waited for.")
    current_session().info.setdefault(key, []).append(callback)


@contextmanager
def transaction(*, adopt: bool = False) -> Iterator[Session]:
    """Open the one writing transaction of a surface: commit at the end, roll back on any error.

    What was read before is forgotten, so that policy and state are checked on rows read inside.
    `adopt` keeps what a library has changed without committing it (Flask-Security at a sign-in), so that its
    change, our events and our mails are committed together.
    Raises Conflict when somebody else was faster, NotFound when what is changed is gone, Unavailable when the
    database does not answer, OutcomeUnknown when it was asked to commit and its answer got lost, RuntimeError when
    there are unsaved changes or a transaction is open already (both are mistakes in code).
    """
    session = current_session()
    if session.info.get(_OPEN):
        raise RuntimeError("A transaction is open already: only the surface opens one.")
    if not adopt:
        if session.new or session.dirty or session.deleted:
            raise RuntimeError("There are changes from outside a transaction.")
        session.rollback()
        session.expire_all()
    session.info[_OPEN] = True
    first: Callable[[], None] | None = session.info.get(_HELD)
    try:
        _begin(session)
        if first is not None:
            first()
        yield session
        session.flush()
        if first is not None:
            # As a commit would have it: what follows reads the rows.
            session.expire_all()
            return
        _commit(session)
    except BaseException as error:
        _give_up(session)
        raise as_cms_error(error) from error
    _run(session.info.pop(_COMMITTED, []))


@contextmanager
def held_commit(first: Callable[[], None]) -> Iterator[None]:
    """Hold back the commit of the transaction that is opened inside, so that what stands behind it here belongs to it.

    `first` is called at its beginning, before anything else is done in it. Only one may be opened inside; until the end
    of this block `in_transaction()` tells whether there was one. Raises as `transaction()` does.
    """
    session = current_session()
    if session.info.get(_OPEN) or session.info.get(_HELD):
        raise RuntimeError("A transaction is open already: only the surface opens one.")
    session.info[_HELD] = first
    try:
        yield
        if session.info.get(_OPEN):
            session.flush()
            _commit(session)
    except BaseException as error:
        if not session.info.get(_OPEN):
            raise
        _give_up(session)
        raise as_cms_error(error) from error
    finally:
        session.info.pop(_HELD, None)
    _run(session.info.pop(_COMMITTED, []))


def _commit(session: Session) -> None:
    # What is done there may ask for more to be done there.
    while waiting := session.info.pop(_COMMITTING, []):
        for callback in waiting:
            callback()
    try:
        session.commit()
    except BaseException as error:
        if not is_outcome_unknown(error):
            raise
        # What waits for a commit and what waits for a rollback are left undone alike: either may be wrong.
        session.info.pop(_ROLLED_BACK, None)
        _log.error("nobody can tell whether a transaction was committed: %r", error)
        if isinstance(error, Exception):
            raise OutcomeUnknown from error
        raise
    session.info[_DONE] = True
    session.info.pop(_OPEN, None)
    session.info.pop(_ROLLED_BACK, None)


def _give_up(session: Session) -> None:
    session.info.pop(_OPEN, None)
    session.info.pop(_COMMITTING, None)
    session.info.pop(_COMMITTED, None)
    undo = session.info.pop(_ROLLED_BACK, [])
    try:
        session.rollback()
    finally:
        _run(undo)


def _begin(session: Session) -> None:
    connection = session.connection()
    if connection.dialect.name == "sqlite" and not getattr(connection.connection, "in_transaction", False):
        _begin_writing(cast(sqlite3.Connection, connection.connection.dbapi_connection), connection.exec_driver_sql)


def _run(callbacks: list[Callable[[], None]]) -> None:
    for callback in callbacks:
        try:
            callback()
        except Exception:  # noqa: BLE001 -- the transaction has ended, and those behind wait for their turn
            _log.exception("what follows a transaction failed")
