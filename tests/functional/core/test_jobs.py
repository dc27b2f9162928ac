"""Jobs: recorded with their cause, done at least once, tried again later and later, by one leader."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from cms.core.db import current_session, transaction
from cms.core.jobs import Job, Runner, enqueue, job, run_due, runner
from cms.core.jobs.queue import Periodic, kinds, periodics
from cms.core.jobs.runner import LEASE, LONGEST, backoff, forget_finished, lead
from cms.extensions import db
from cms.lib.clock import utcnow
from tests.needs import needs

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=needs("postgres"))])
def either(request: pytest.FixtureRequest, make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """An application on each kind of database, inside its context."""
    more = {} if request.param == "sqlite" else {"CMS_DATABASE_URL": request.getfixturevalue("postgres_url")}
    made = make_app(**more)
    with made.app_context():
        yield made


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


def test_a_job_that_takes_its_process_along_each_time_is_given_up(done: list[dict[str, Any]]) -> None:
    with transaction() as session:
        enqueue("note", {"number": 1})
        enqueue("note", {"number": 2})
        item = session.scalars(select(Job).order_by(Job.id)).first()
        assert item is not None
        item.state, item.attempts, item.locked_until = "running", 3, utcnow() - timedelta(seconds=1)
    assert run_due() == 2
    assert done == [{"number": 2}]
    assert [item.state for item in jobs()] == ["failed", "done"]
    assert "has ended" in jobs()[0].last_error


def test_a_job_of_a_newer_release_waits_for_who_knows_it(done: list[dict[str, Any]]) -> None:
    with transaction():
        enqueue("note", {"number": 1})
    note = kinds.pop("note")
    run_due()
    kinds["note"] = note
    assert [(item.state, item.attempts) for item in jobs()] == [("waiting", 1)]
    assert run_due(now=utcnow() + timedelta(minutes=1)) == 1
    assert done == [{"number": 1}]


def test_a_slow_process_does_not_put_back_what_another_took_over(done: list[dict[str, Any]]) -> None:
    @job("slow", tries=3)
    def slow(_payload: dict[str, Any]) -> None:
        with transaction() as session:
            item = session.scalars(select(Job)).one()
            item.attempts, item.locked_until = 2, utcnow() + LONGEST
        raise ValueError("Too late.")

    try:
        with transaction():
            enqueue("slow")
        run_due(1)
    finally:
        del kinds["slow"]
    assert [(item.state, item.attempts, item.last_error) for item in jobs()] == [("running", 2, "")]


def test_any_error_can_be_noted(either: Flask) -> None:
    @job("odd")
    def odd(_payload: dict[str, Any]) -> None:
        raise ValueError("a\x00b")

    try:
        with transaction():
            enqueue("odd")
        assert run_due() == 1
    finally:
        del kinds["odd"]
    assert [item.last_error for item in jobs()] == ["ValueError: ab"]


def test_whoever_leads_writes_only_when_half_the_time_is_over(count_queries: Callable[[], Any]) -> None:
    now = utcnow()
    assert lead("jobs", "one", now=now)
    with count_queries() as asked:
        for seconds in range(1, 15):
            assert lead("jobs", "one", now=now + timedelta(seconds=seconds))
            assert not lead("jobs", "other", now=now + timedelta(seconds=seconds))
    assert {statement.split()[0] for statement in asked} == {"SELECT"}
    later = now + timedelta(seconds=16)
    assert lead("jobs", "one", now=later)
    assert not lead("jobs", "other", now=later + timedelta(seconds=29))
    assert lead("jobs", "other", now=later + timedelta(seconds=31))


def at_once(app: Flask, act: Callable[[int], object], count: int = 4) -> list[object]:
    """Do something in several threads at the same moment and return what came of it."""
    gate = threading.Barrier(count)

    def run(number: int) -> object:
        with app.app_context():
            gate.wait(30)
            try:
                return act(number)
            finally:
                db.session.remove()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_of_many_that_begin_at_once_one_leads(either: Flask) -> None:
    led = at_once(either, lambda number: lead("jobs", str(number)))
    assert sorted(map(bool, led)) == [False, False, False, True]


def test_each_job_is_done_by_one_of_many(either: Flask, done: list[dict[str, Any]]) -> None:
    with transaction():
        for number in range(12):
            enqueue("note", {"number": number})
    at_once(either, lambda _number: run_due())
    run_due()
    assert sorted(given["number"] for given in done) == list(range(12))


def test_equal_work_recorded_at_once_refuses_nobody(either: Flask, done: list[dict[str, Any]]) -> None:
    def record_it(_number: int) -> None:
        with transaction():
            enqueue("note", key="once")

    at_once(either, record_it)
    assert len(jobs()) == 1


@needs("postgres")
def test_equal_work_waits_for_the_change_it_is_to_see(
    make_app: Callable[..., Flask], postgres_url: str, done: list[dict[str, Any]]
) -> None:
    """Two changes, one job: it is not done between the second one's look at the queue and its commit."""
    app = make_app(CMS_DATABASE_URL=postgres_url)
    recorded, commit = threading.Event(), threading.Event()

    def change() -> None:
        with app.app_context():
            with transaction():
                enqueue("note", key="once")
                recorded.set()
                assert commit.wait(30)
            db.session.remove()

    with app.app_context():
        with transaction():
            enqueue("note", key="once")
        with ThreadPoolExecutor(1) as pool:
            changing = pool.submit(change)
            assert recorded.wait(30)
            assert run_due() == 0
            commit.set()
            changing.result(30)
        assert run_due() == 1
        db.session.remove()


def test_periodic_work_minds_no_clock_that_is_set_back(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[int] = []
    monkeypatch.setattr(runner, "periodics", {"count": Periodic("count", lambda: ran.append(1), timedelta(minutes=1))})
    made, passed = Runner(app), 1000.0
    monkeypatch.setattr("cms.core.jobs.runner.time.monotonic", lambda: passed)
    made.step()
    made.step()
    assert len(ran) == 1
    monkeypatch.setattr("cms.core.jobs.runner.utcnow", lambda: utcnow() - timedelta(hours=2))
    passed += 61
    made.step()
    assert len(ran) == 2


def test_old_jobs_are_forgotten_by_and_by() -> None:
    assert periodics["forget_finished"].every <= timedelta(days=1)


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
