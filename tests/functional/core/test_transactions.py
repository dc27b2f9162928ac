"""Transactions under many hands, on SQLite and PostgreSQL: nothing answered is lost, nothing is half done."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select, text

from cms.content.actions.edit_entry import edit_entry
from cms.content.models import Entry, Post
from cms.content.saving import working_fields
from cms.core.db import (
    after_commit,
    after_rollback,
    before_commit,
    current_session,
    held_commit,
    in_transaction,
    transaction,
)
from cms.core.errors import Conflict
from cms.core.events import after, on, record
from cms.core.permissions import system_user
from cms.extensions import db
from cms.settings.models import Setting
from tests.factories import make_post
from tests.needs import needs

WRITERS, SAVES = 16, 20


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=needs("postgres"))])
def either(request: pytest.FixtureRequest, make_app: Callable[..., Flask]) -> Flask:
    """An application on each kind of database."""
    if request.param == "sqlite":
        return make_app()
    return make_app(CMS_DATABASE_URL=request.getfixturevalue("postgres_url"))


def test_concurrent_changes_of_one_row_are_all_kept(either: Flask) -> None:
    with either.app_context():
        entry_id = make_post(state="draft").id

    def raise_it(_number: int) -> None:
        with either.app_context():
            for _attempt in range(SAVES):
                with transaction() as session:
                    entry = session.scalars(select(Post).where(Post.id == entry_id).with_for_update()).one()
                    entry.menu_order += 1
            db.session.remove()

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(raise_it, range(WRITERS)))
    with either.app_context():
        assert current_session().get_one(Post, entry_id).menu_order == WRITERS * SAVES


def test_of_stale_saves_at_once_one_wins_and_the_others_are_told(either: Flask) -> None:
    with either.app_context():
        post = make_post(state="draft")
        entry_id, version, fields = post.id, post.version, working_fields(post)
    gate, results = threading.Barrier(8), []

    def save(number: int) -> None:
        with either.app_context():
            gate.wait(30)
            try:
                with transaction() as session:
                    entry = session.get_one(Entry, entry_id)
                    title = f"From {number}"
                    edit_entry(entry, fields.changed(title=title), version=version, by=system_user())
                results.append("saved")
            except Conflict:
                results.append("told")
            db.session.remove()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(save, range(8)))
    assert sorted(results) == ["saved"] + ["told"] * 7


def test_a_transaction_forgets_what_was_read_before(either: Flask) -> None:
    with either.app_context():
        post = make_post(state="draft")
        assert post.menu_order == 0
        with db.engine.begin() as other:
            other.execute(text("UPDATE entries SET menu_order = 7"))
        with transaction():
            assert post.menu_order == 7


@dataclass(frozen=True)
class Rang:
    """An event of this test."""

    number: int


def _fail_after(act: Callable[[], None]) -> None:
    act()
    raise ZeroDivisionError


def test_events_within_and_after(app: Flask) -> None:
    heard: list[str] = []

    @on(Rang)
    def within(event: Rang) -> None:
        heard.append(f"within {event.number}")

    @after(Rang)
    def afterwards(event: Rang) -> None:
        heard.append(f"after {event.number}")

    with transaction():
        record(Rang(1))
        record(Rang(2))
        heard.append("commit")
    assert heard == ["within 1", "within 2", "commit", "after 1", "after 2"]
    heard.clear()
    with pytest.raises(ZeroDivisionError), transaction():
        _fail_after(lambda: record(Rang(3)))
    assert heard == ["within 3"]
    with pytest.raises(RuntimeError, match="inside a transaction"):
        record(Rang(4))


def test_callbacks_follow_the_outcome(app: Flask) -> None:
    called: list[str] = []
    with transaction():
        after_commit(lambda: called.append("kept"))
        after_rollback(lambda: called.append("given up"))
    assert called == ["kept"]
    called.clear()

    def promise() -> None:
        after_commit(lambda: called.append("kept"))
        after_rollback(lambda: called.append("given up"))

    with pytest.raises(ZeroDivisionError), transaction():
        _fail_after(promise)
    assert called == ["given up"]


def _fail() -> None:
    raise ZeroDivisionError


def test_what_fails_after_the_end_keeps_nothing_else_waiting(app: Flask) -> None:
    called: list[str] = []
    with transaction():
        make_it = Setting(key="kept", value=1)
        current_session().add(make_it)
        after_commit(_fail)
        after_commit(lambda: called.append("kept"))
    assert called == ["kept"]
    assert current_session().get(Setting, "kept") is not None

    def promise() -> None:
        after_rollback(_fail)
        after_rollback(lambda: called.append("given up"))
        after_commit(lambda: called.append("never"))

    with pytest.raises(ZeroDivisionError), transaction():
        _fail_after(promise)
    with transaction():
        pass
    assert called == ["kept", "given up"]


def test_nothing_waits_for_a_transaction_that_is_not_there(app: Flask) -> None:
    for wait in (after_commit, after_rollback):
        with pytest.raises(RuntimeError, match="no open transaction"):
            wait(_fail)


def test_a_listener_may_change_something_of_its_own_afterwards(app: Flask) -> None:
    heard: list[str] = []

    @after(Rang)
    def afterwards(event: Rang) -> None:
        if event.number == 10:
            with transaction() as session:
                session.add(Setting(key="heard", value=event.number))
                after_commit(lambda: heard.append("inner"))

    with transaction():
        record(Rang(10))
    assert heard == ["inner"]
    assert current_session().get(Setting, "heard") is not None


def test_transactions_do_not_nest(app: Flask) -> None:
    with pytest.raises(RuntimeError, match="open already"), transaction(), transaction():
        pass


@pytest.mark.usefixtures("in_earnest")
def test_sqlite_keeps_its_promises(app: Flask) -> None:
    def ask(pragma: str) -> object:
        return current_session().execute(text(f"PRAGMA {pragma}")).scalar()

    assert [ask("journal_mode"), ask("foreign_keys"), ask("synchronous")] == ["wal", 1, 2]
    assert int(str(ask("busy_timeout"))) >= 15_000


def test_reading_holds_no_transaction(app: Flask) -> None:
    current_session().execute(text("SELECT * FROM entries"))
    raw = current_session().connection().connection.dbapi_connection
    assert raw is not None
    assert not raw.in_transaction


def _keep(key: str) -> None:
    with transaction() as session:
        session.add(Setting(key=key, value=1))


def _kept() -> list[str]:
    with db.engine.connect() as other:
        return sorted(other.scalars(select(Setting.key).where(Setting.key.like("held%"))))


def test_a_held_commit_comes_at_the_end_of_the_block(either: Flask) -> None:
    called: list[str] = []
    with either.app_context():
        with held_commit(lambda: called.append("first")):
            assert not in_transaction()
            with transaction() as session:
                called.append("act")
                before_commit(lambda: called.append("chained"))
                after_commit(lambda: called.append("told"))
                session.add(Setting(key="held", value=1))
            assert (in_transaction(), _kept(), called) == (True, [], ["first", "act"])
            assert current_session().get_one(Setting, "held").value == 1
            current_session().add(Setting(key="held too", value=1))
        assert (in_transaction(), _kept()) == (False, ["held", "held too"])
        assert called == ["first", "act", "chained", "told"]
        _keep("held no more")
        assert called[-1] == "told"


def test_what_fails_behind_a_transaction_takes_it_back_while_its_commit_is_held(either: Flask) -> None:
    called: list[str] = []

    def act() -> None:
        with transaction() as session:
            after_commit(lambda: called.append("kept"))
            after_rollback(lambda: called.append("given up"))
            session.add(Setting(key="held", value=1))
        called.append("done")

    with either.app_context():
        with pytest.raises(ZeroDivisionError), held_commit(lambda: None):
            _fail_after(act)
        assert (in_transaction(), _kept(), called) == (False, [], ["done", "given up"])
        _keep("held later")
        assert _kept() == ["held later"]


def test_a_commit_that_fails_while_held_is_told_as_ever(either: Flask) -> None:
    with either.app_context():
        _keep("held")
        with pytest.raises(Conflict), held_commit(lambda: None):
            _add_behind_a_transaction("held")
        assert not in_transaction()


def _add_behind_a_transaction(key: str) -> None:
    _keep("held before")
    current_session().add(Setting(key=key, value=2))


def test_one_transaction_is_held_no_more(app: Flask) -> None:
    with pytest.raises(RuntimeError, match="open already"), held_commit(lambda: None):
        list(map(_keep, ["held", "held too"]))
    assert _kept() == []
    with held_commit(lambda: None), pytest.raises(RuntimeError, match="open already"), held_commit(lambda: None):
        pass
    with transaction(), pytest.raises(RuntimeError, match="open already"), held_commit(lambda: None):
        pass


def test_what_comes_first_stops_the_rest_while_held(app: Flask) -> None:
    with pytest.raises(ZeroDivisionError), held_commit(_fail):
        _keep("held")
    assert _kept() == []
    with held_commit(_fail):
        assert not in_transaction()
