"""A PostgreSQL that falls silent costs who asks it seconds, and everybody else nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from cms.core import db_deadlines as module
from cms.core.db import engine_options, transaction
from cms.core.errors import CmsError
from cms.extensions import db
from tests.clients import PageClient
from tests.factories import make_post
from tests.faults import FaultyWay, clock_of
from tests.functional.api.client import ApiClient
from tests.needs import needs
from tests.people import ED

pytestmark = needs("postgres")
ONE = text("SELECT 1")
#: Seconds within which everything here is over: a ping or a statement, a connection (two is the least), a slow machine.
SOON = 6.0


@pytest.fixture
def way(postgres_url: str) -> Iterator[FaultyWay]:
    """A way to a real PostgreSQL."""
    there = make_url(postgres_url)
    found = FaultyWay(there.host or "127.0.0.1", there.port or 5432)
    yield found
    found.close()


@pytest.fixture
def url(postgres_url: str, way: FaultyWay, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a database over this way; little is waited for there."""
    monkeypatch.setattr(module, "CONNECT", 2)
    monkeypatch.setattr(module, "PING", 0.3)
    monkeypatch.setattr(module, "SILENCE", 0.6)
    return make_url(postgres_url).set(host="127.0.0.1", port=way.port).render_as_string(False)


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """An engine with three connections that rest in its pool."""
    made = create_engine(url, **engine_options(url))
    for connection in [made.connect() for _turn in range(3)]:
        connection.execute(ONE)
        connection.close()
    yield made
    made.dispose()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let so many seconds pass."""
    return clock_of(module, monkeypatch)


def seconds_of(act: Callable[[], Any]) -> float:
    """Return how long it takes until an act fails because the database does not answer."""
    began = time.monotonic()
    with pytest.raises(OperationalError):
        act()
    return time.monotonic() - began


def test_what_is_waited_for_fits_the_limits_of_the_server() -> None:
    options = module.postgres_options()["connect_args"]
    assert options["options"] == "-c statement_timeout=15s -c lock_timeout=10s"
    assert module.SILENCE == 15 + 3
    assert module.PING + module.CONNECT <= 5


def test_a_statement_that_is_not_answered_ends(engine: Engine, way: FaultyWay) -> None:
    with engine.connect() as connection:
        connection.execute(ONE)
        way.become("hang")
        assert 0.5 < seconds_of(lambda: connection.execute(ONE)) < SOON
        assert connection.invalidated


def test_what_is_answered_little_by_little_is_waited_for(engine: Engine) -> None:
    # Longer in all than a silence may be, but something is heard now and then.
    rows = text("SELECT pg_sleep(0.1), repeat('x', 10000) FROM generate_series(1, 10)")
    began = time.monotonic()
    with engine.connect() as connection:
        assert len(connection.execute(rows).all()) == 10
    assert time.monotonic() - began > module.SILENCE


def test_what_rolls_back_is_not_held_up(engine: Engine, way: FaultyWay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SILENCE", 600.0)
    with engine.connect() as connection:
        connection.execute(ONE)
        way.become("hang")
        assert seconds_of(connection.rollback) < SOON


def test_one_who_asks_finds_out_for_all(engine: Engine, way: FaultyWay, later: Callable[[float], None]) -> None:
    way.become("hang")
    assert 2 < seconds_of(engine.connect) < SOON
    # The other two that rest are not asked, and no new one is asked for.
    assert sum(seconds_of(engine.connect) for _turn in range(20)) < 1
    later(module.PAUSE)
    assert 2 < seconds_of(engine.connect) < SOON
    way.become("pass")
    assert seconds_of(engine.connect) < 1
    later(module.PAUSE)
    for _turn in range(3):
        with engine.connect() as connection:
            assert connection.scalar(ONE) == 1


def test_who_is_refused_may_ask_again_at_once(engine: Engine, way: FaultyWay) -> None:
    way.become("refuse")
    assert seconds_of(engine.connect) < 1
    way.become("pass")
    with engine.connect() as connection:
        assert connection.scalar(ONE) == 1


def test_whoever_asks_is_told_to_come_again(make_app: Callable[..., Flask], url: str, way: FaultyWay) -> None:
    app = make_app(CMS_DATABASE_URL=url, CACHE_TYPE="shared")
    browser, program, stranger = PageClient(app), ApiClient(app), PageClient(app)
    browser.sign_in(ED)
    program.sign_in(ED)
    assert [stranger.get("/").status_code for _turn in range(2)] == [200, 200]
    way.become("hang")
    began = time.monotonic()
    for answer in (browser.get("/admin/"), program.get("/posts"), program.get("/users/me"), browser.get("/account/")):
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert stranger.get("/").status_code == stranger.get("/healthz").status_code == 200
    # One of them waited.
    assert time.monotonic() - began < SOON


def test_a_commit_that_is_not_answered_ends(make_app: Callable[..., Flask], url: str, way: FaultyWay) -> None:
    with make_app(CMS_DATABASE_URL=url).app_context():
        post = make_post()
        began = time.monotonic()
        with pytest.raises(CmsError), transaction() as session:  # noqa: PT012 -- the way fails before the end
            session.get_one(type(post), post.id).title = "Another"
            session.flush()
            began = time.monotonic()
            way.become("hang")
        assert time.monotonic() - began < SOON
        db.session.remove()
