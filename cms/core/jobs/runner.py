"""The embedded job runner: one leader among all processes, each job at least once, later and later on errors."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import delete, or_, select, update

from cms.core.db import current_session, transaction
from cms.core.errors import CmsError, Conflict
from cms.core.jobs.models import Job, Lease
from cms.core.jobs.queue import LONGEST_WAIT, JobKind, kinds, periodic, periodics
from cms.core.origin import Origin, coming_from
from cms.lib.clock import utcnow

LEASE = timedelta(seconds=30)
#: A job that runs longer than this is believed to have died with its process and is tried again.
LONGEST = timedelta(minutes=15)
#: How often a job that nobody knows (of a newer release, say) is tried.
UNKNOWN_TRIES = 8
#: How long finished jobs are kept for the record.
KEPT = timedelta(days=14)
_log = logging.getLogger("cms.jobs")


def backoff(attempts: int, longest: timedelta = LONGEST_WAIT) -> timedelta:
    """Return how long to wait after the given number of tries: 10 s, 20 s, 40 s … at most `longest`."""
    return min(timedelta(seconds=10 * 2 ** min(max(0, attempts - 1), 20)), longest)


def run_due(limit: int = 100, *, now: datetime | None = None) -> int:
    """Run up to `limit` jobs that are due at `now` and return how many ran, well or not."""
    ran = 0
    while ran < limit and _run_next(now or utcnow()):
        ran += 1
    return ran


def _run_next(now: datetime) -> bool:
    claimed = _claim(now)
    if claimed is None:
        return False
    job_id, name, payload, attempts = claimed
    kind = kinds.get(name)
    if attempts > _tries(kind):
        # Each process that tried it has died with it: it must not take the next one along.
        _put_back(job_id, attempts, kind, RuntimeError("Each process that tried this has ended before it was done."))
        return True
    try:
        if kind is None:
            raise KeyError(f"Nobody does jobs called {name}.")
        with coming_from(Origin("job", request_id=f"job {job_id}")):
            kind.run(payload)
    except Exception as error:  # noqa: BLE001 -- one bad job must not stop those behind it; it is kept and logged
        current_session().rollback()
        _log.warning("job %s (%s) failed at try %s", job_id, name, attempts, exc_info=not isinstance(error, CmsError))
        _put_back(job_id, attempts, kind, error)
    else:
        _finish(job_id)
    return True


def _tries(kind: JobKind | None) -> int:
    return UNKNOWN_TRIES if kind is None else kind.tries


def _claim(now: datetime) -> tuple[int, str, dict[str, object], int] | None:
    session = current_session()
    due = or_(Job.state == "waiting", (Job.state == "running") & (Job.locked_until < now))
    query = select(Job.id).where(due, Job.run_at <= now).order_by(Job.run_at, Job.id).limit(1)
    if session.scalar(query) is None:
        session.rollback()
        return None
    with transaction() as session:
        found = session.scalar(
            select(Job)
            .where(due, Job.run_at <= now)
            .order_by(Job.run_at, Job.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if found is None:
            return None
        found.state, found.locked_until = "running", now + LONGEST
        found.attempts += 1
        # From now on equal work is new work: what this run has already looked at may change again.
        found.key = None
        return found.id, found.name, dict(found.payload), found.attempts


def _finish(job_id: int) -> None:
    with transaction() as session:
        session.execute(
            update(Job).where(Job.id == job_id).values(state="done", finished_at=utcnow(), locked_until=None)
        )


def _put_back(job_id: int, attempts: int, kind: JobKind | None, error: Exception) -> None:
    given_up = attempts >= _tries(kind)
    message = f"{type(error).__name__}: {error}".replace("\0", "").encode(errors="replace").decode()
    with transaction() as session:
        session.execute(
            update(Job)
            # Only while it is still ours: after the longest time another process may have taken it over.
            .where(Job.id == job_id, Job.state == "running", Job.attempts == attempts)
            .values(
                state="failed" if given_up else "waiting",
                run_at=utcnow() + backoff(attempts, kind.longest_wait if kind is not None else LONGEST_WAIT),
                finished_at=utcnow() if given_up else None,
                locked_until=None,
                last_error=message[:2000],
            )
        )


def lead(name: str, holder: str, *, now: datetime | None = None) -> bool:
    """Take or keep the lead in `name` for 30 seconds; False while another process has it."""
    moment = now or utcnow()
    session = current_session()
    known = session.execute(select(Lease.holder, Lease.until).where(Lease.name == name)).first()
    session.rollback()
    # Most of the time nothing has to be written: half of the lease is left, or somebody else holds it.
    if known is not None and known.until > (moment + LEASE / 2 if known.holder == holder else moment):
        return bool(known.holder == holder)
    try:
        with transaction() as session:
            lease = session.scalar(select(Lease).where(Lease.name == name).with_for_update())
            if lease is None:
                session.add(Lease(name=name, holder=holder, until=moment + LEASE))
                return True
            if lease.holder != holder and lease.until > moment:
                return False
            lease.holder, lease.until = holder, moment + LEASE
            return True
    except Conflict:
        # Two processes began at once, and the other one was faster.
        return False


class Runner:
    """Does jobs and periodic work until it is told to stop."""

    def __init__(self, app: Flask, *, pause: float = 1.0) -> None:
        self._app = app
        self._pause = pause
        self._stop = threading.Event()
        self._due: dict[str, float] = {}
        self._holder = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"

    def stop(self) -> None:
        """End after the job in hand."""
        self._stop.set()

    def run(self) -> None:
        """Run until `stop()`; a database that does not answer is waited for."""
        while not self._stop.is_set():
            worked = False
            try:
                with self._app.app_context():
                    worked = self.step()
            except Exception:  # noqa: BLE001 -- the runner outlives whatever happens to the database
                _log.exception("the job runner stumbled; it goes on")
            if not worked:
                self._stop.wait(self._pause)
        with self._app.app_context():
            self._give_up_the_lead()

    def step(self) -> bool:
        """Do what is due now, if this process leads; True if anything was done."""
        if not lead("jobs", self._holder):
            return False
        for work in periodics.values():
            # Not the time of day, which may be set back.
            now = time.monotonic()
            if self._due.get(work.name, now) <= now:
                self._due[work.name] = now + work.every.total_seconds()
                with coming_from(Origin("job", request_id=work.name)):
                    work.run()
        return run_due(20) > 0

    def _give_up_the_lead(self) -> None:
        with transaction() as session:
            session.execute(delete(Lease).where(Lease.name == "jobs", Lease.holder == self._holder))


def forget_finished(*, now: datetime | None = None) -> None:
    """Delete jobs that were done more than 14 days ago."""
    with transaction() as session:
        session.execute(delete(Job).where(Job.state == "done", Job.finished_at < (now or utcnow()) - KEPT))


@periodic("forget_finished", every=timedelta(hours=6))
def _forget_by_and_by() -> None:
    forget_finished()
