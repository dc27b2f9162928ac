"""Naming jobs and recording work for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from cms.core.db import current_session, in_transaction
from cms.core.jobs.models import Job
from cms.lib.clock import utcnow

#: Called outside a transaction with the payload; it opens its own where it changes something.
Handler = Callable[[dict[str, Any]], None]

LONGEST_WAIT = timedelta(hours=6)


@dataclass(frozen=True)
class JobKind:
    """What is done for jobs of one name, how often it is tried, and after what time at most it is tried again."""

    name: str
    run: Handler
    tries: int
    longest_wait: timedelta


@dataclass(frozen=True)
class Periodic:
    """Work that is done again and again, `every` so often, by the leading process alone."""

    name: str
    run: Callable[[], None]
    every: timedelta


kinds: dict[str, JobKind] = {}
periodics: dict[str, Periodic] = {}


def job(name: str, *, tries: int = 8, longest_wait: timedelta = LONGEST_WAIT) -> Callable[[Handler], Handler]:
    """Name a function as the one that does jobs called `name`, at most `tries` times each.

    After each try that failed it waits twice as long, but never longer than `longest_wait`.
    """

    def add(run: Handler) -> Handler:
        kinds[name] = JobKind(name, run, tries, longest_wait)
        return run

    return add


def periodic(name: str, *, every: timedelta) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Have a function called every so often by the job runner."""

    def add(run: Callable[[], None]) -> Callable[[], None]:
        periodics[name] = Periodic(name, run, every)
        return run

    return add


def enqueue(
    name: str, payload: Mapping[str, Any] | None = None, *, run_at: datetime | None = None, key: str | None = None
) -> None:
    """Record work within the open transaction: it is done if, and only if, the transaction commits.

    `key` keeps equal work from being recorded twice while it waits: what waits already is held back until this
    transaction has ended, so that it sees the change too. Raises KeyError for an unknown name and RuntimeError
    outside a transaction.
    """
    if name not in kinds:
        raise KeyError(name)
    if not in_transaction():
        raise RuntimeError("Work is recorded inside a transaction.")
    session = current_session()
    work = {"name": name, "payload": dict(payload or {}), "run_at": run_at or utcnow(), "key": key}
    if key is None:
        session.add(Job(**work))
        session.flush()
        return
    session.flush()
    waiting = select(Job.id).where(Job.key == key).with_for_update(read=True)
    while session.scalar(waiting) is None:
        try:
            with session.begin_nested():
                session.add(Job(**work))
        except IntegrityError:
            # Another transaction recorded the same work just now (PostgreSQL; on SQLite nobody else writes).
            continue
        return
