"""Jobs: recorded with their cause, done at least once, tried again later and later, by one leader."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from cms.core.db import current_session, transaction
from cms.core.jobs import Job, enqueue, job, run_due
from cms.core.jobs.queue import kinds
from cms.core.jobs.runner import LEASE, LONGEST, backoff, forget_finished, lead
from cms.lib.clock import utcnow

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def done() -> Iterator[list[dict[str, Any]]]:
    """What the job `note` was given."""
    given: list[dict[str, Any]] = []

    @job("note", tries=3)
    def note(payload: dict[str, Any]) -> None:
        given.append(payload)
        if payload.get("fails"):
            raise ValueError("It does not work.")

    yield given
    del kinds["note"]


def jobs() -> list[Job]:
    return list(current_session().scalars(select(Job).order_by(Job.id).execution_options(populate_existing=True)))


def test_a_job_is_done_once_its_cause_is_committed(done: list[dict[str, Any]]) -> None:
    with transaction():
        enqueue("note", {"number": 1})
    assert run_due() == 1
    assert done == [{"number": 1}]
    assert [item.state for item in jobs()] == ["done"]
    assert run_due() == 0


def _enqueue_and_fail() -> None:
    enqueue("note", {"number": 1})
    raise ZeroDivisionError


def test_no_commit_no_job(done: list[dict[str, Any]]) -> None:
    with pytest.raises(ZeroDivisionError), transaction():
        _enqueue_and_fail()
    assert run_due() == 0


def test_work_is_recorded_inside_a_transaction_only(done: list[dict[str, Any]]) -> None:
    with pytest.raises(RuntimeError):
        enqueue("note")
    with transaction(), pytest.raises(KeyError):
        enqueue("nobody does this")


def test_failing_job_waits_longer_each_time_and_is_given_up_visibly(done: list[dict[str, Any]]) -> None:
    with transaction():
        enqueue("note", {"fails": True})
    now = utcnow()
    run_due(now=now)
    (failed,) = jobs()
    assert (failed.state, failed.attempts) == ("waiting", 1)
    assert "It does not work." in failed.last_error
    assert run_due(now=now) == 0
    run_due(now=now + timedelta(hours=1))
    run_due(now=now + timedelta(hours=9))
    (failed,) = jobs()
    assert (failed.state, failed.attempts) == ("failed", 3)
    assert run_due(now=now + timedelta(days=9)) == 0


def test_one_bad_job_does_not_stop_the_others(done: list[dict[str, Any]]) -> None:
    with transaction():
        enqueue("note", {"fails": True})
        enqueue("note", {"number": 2})
    assert run_due() == 2
    assert {"number": 2} in done


def test_a_job_whose_process_died_is_done_again(done: list[dict[str, Any]]) -> None:
    with transaction() as session:
        enqueue("note", {"number": 1})
        session.flush()
        item = session.scalars(select(Job)).one()
        item.state, item.attempts, item.locked_until = "running", 1, utcnow() + LONGEST
    assert run_due() == 0
    assert run_due(now=utcnow() + LONGEST + timedelta(seconds=1)) == 1
    assert done == [{"number": 1}]


def test_equal_work_is_recorded_once_while_it_waits(done: list[dict[str, Any]]) -> None:
    with transaction():
        enqueue("note", key="once")
        enqueue("note", key="once")
    assert run_due() == 1
    with transaction():
        enqueue("note", key="once")
    assert run_due() == 1


def test_one_process_leads_until_it_is_silent() -> None:
    now = utcnow()
    assert lead("jobs", "one", now=now)
    assert not lead("jobs", "other", now=now)
    assert lead("jobs", "one", now=now)
    assert lead("jobs", "other", now=now + LEASE + timedelta(seconds=1))


def test_pauses_grow_to_six_hours() -> None:
    pauses = [backoff(attempts) for attempts in range(1, 30)]
    assert pauses == sorted(pauses)
    assert pauses[0] == timedelta(seconds=10)
    assert pauses[-1] == timedelta(hours=6)


def test_finished_jobs_are_forgotten_after_two_weeks(done: list[dict[str, Any]]) -> None:
    with transaction():
        enqueue("note")
    run_due()
    forget_finished()
    assert len(jobs()) == 1
    forget_finished(now=utcnow() + timedelta(days=15))
    assert jobs() == []
