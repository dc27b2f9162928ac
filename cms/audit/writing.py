"""Writing the record: acts are gathered while a transaction lasts, and chained to it as the last thing before its end.

The lock that keeps the chain one line is taken last and held until the commit, so that writers wait for each other
only there: on SQLite it is the transaction's own, on PostgreSQL an advisory lock. With the commit both are there, the
change and its entries; with a rollback neither is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from cms.accounts.models import User
from cms.audit import head
from cms.audit.models import AuditDetails, AuditEntry, AuditPerson
from cms.audit.sealing import GENESIS, chain_hash, digest, new_salt, plain, words_of
from cms.core.db import after_commit, after_rollback, before_commit, current_session
from cms.core.events import on
from cms.core.origin import Origin, current_origin
from cms.core.secrets import audit_key
from cms.core.trail import Act, Trace, act_of
from cms.lib.clock import utcnow

#: Names the one lock that keeps the chain a line (PostgreSQL): "audit" as bytes.
LOCK = 0x6175646974
_WAITING = "masthead_audit"
_undoing: ContextVar[int | None] = ContextVar("masthead_undoing", default=None)


@contextmanager
def undoing(number: int) -> Iterator[None]:
    """Note with every act inside that it takes back the entry `number`."""
    token = _undoing.set(number)
    try:
        yield
    finally:
        _undoing.reset(token)


@on(object)
def gather(event: object) -> None:
    """Gather an event for the record, as the feature that told it wants it kept."""
    act = act_of(event)
    if act is None:
        return
    info = current_session().info
    if _WAITING not in info:
        info[_WAITING] = []
        before_commit(write_gathered)
        after_rollback(lambda: info.pop(_WAITING, None))
    info[_WAITING].append(_row(act, act.describe(event), current_origin()))


def count_gathered() -> int:
    """Return how many acts the open transaction has gathered so far."""
    return len(current_session().info.get(_WAITING, ()))


def forget_gathered(count: int) -> None:
    """Forget what was gathered after the first `count` acts: it was given up, and the transaction goes on."""
    del current_session().info.get(_WAITING, [])[count:]


def _row(act: Act, trace: Trace, origin: Origin) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return an entry without its place in the chain, and its details."""
    entry = {
        "at": utcnow(),
        "act": act.name,
        "actor_id": trace.by_id,
        "seen_by_id": origin.seen_by_id,
        "token_id": origin.token_id,
        "subject": trace.subject,
        "subject_id": trace.subject_id,
        "undoes": _undoing.get(),
    }
    details = {
        "actor": _name_of(trace.by_id) or origin.who,
        "title": trace.title,
        "before": trace.before,
        "after": trace.after,
        "about": sorted(set(trace.about)),
        "way": origin.way,
        "ip": origin.ip,
        "user_agent": origin.user_agent,
        "request_id": origin.request_id,
        "sign_in_id": origin.sign_in_id,
    }
    return entry, plain({name: value for name, value in details.items() if value not in (None, "", [], {}, ())})


def _name_of(user_id: int | None) -> str:
    user = current_session().get(User, user_id) if user_id is not None else None
    return user.name if user is not None else ""


def write_gathered() -> None:
    """Chain what was gathered to the record; the last thing of a transaction."""
    session = current_session()
    gathered = session.info.pop(_WAITING, [])
    if not gathered:
        return
    connection = session.connection()
    number, before = take_end(connection)
    key_id, key = audit_key()
    entries: list[dict[str, Any]] = []
    details: list[dict[str, Any]] = []
    people: list[dict[str, int]] = []
    lost = head.find_lost(head.Head(number, before, key_id), partial(_hash_of, connection))
    if lost is not None:
        _clear_behind(connection, number)
    for entry, told in gathered:
        number += 1
        salt = new_salt()
        sealed = digest(key, salt, told)
        entry |= {"number": number, "details_digest": sealed, "key_id": key_id, "previous_hash": before}
        before = entry["hash"] = chain_hash(key, entry)
        entries.append(entry)
        details.append({"number": number, "salt": salt, "details": told, "words": words_of(told)})
        people += [{"number": number, "user_id": user_id} for user_id in told.get("about", ())]
    _insert(connection, entries, details, people)
    end = head.Head(number, before, key_id)
    after_commit(lambda: head.settle(end, lost))


def _hash_of(connection: Connection, number: int) -> str | None:
    return connection.scalar(select(AuditEntry.hash).where(AuditEntry.number == number))


def take_end(connection: Connection) -> tuple[int, str]:
    """Take the lock of the chain until the transaction ends, and return its last number and hash."""
    # Said in plain SQL: every act waits for this.
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
    row = connection.exec_driver_sql("SELECT number, hash FROM audit_entries ORDER BY number DESC LIMIT 1").first()
    return (row.number, row.hash) if row is not None else (0, GENESIS)


def _insert(
    connection: Connection,
    entries: list[dict[str, Any]],
    details: list[dict[str, Any]],
    people: list[dict[str, int]],
) -> None:
    if connection.dialect.name == "postgresql" and len(entries) == 1:
        # Both in one question and answer: here the database may be far away.
        entry = insert(AuditEntry).values(**entries[0]).cte("entry")
        connection.execute(insert(AuditDetails).values(**details[0]).add_cte(entry))
    else:
        connection.execute(insert(AuditEntry), entries)
        connection.execute(insert(AuditDetails), details)
    if people:
        connection.execute(insert(AuditPerson), people)


def clear_leftovers() -> None:
    """Delete details that stand behind the end of the chain, whose entries somebody took out; in a transaction."""
    connection = current_session().connection()
    _clear_behind(connection, take_end(connection)[0])


def _clear_behind(connection: Connection, number: int) -> None:
    """Delete what is left of entries that somebody took out of the end of the table; their numbers are given again."""
    for table in (AuditDetails, AuditPerson):
        connection.execute(delete(table).where(table.number > number))
