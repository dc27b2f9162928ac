"""Cached pages: nothing asked of the database, never older than the last change, never for the signed-in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from difflib import unified_diff
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select
from sqlalchemy.exc import NoResultFound

from cms.cache.invalidation import changed_tables, page_store
from cms.cache.pages import _horizon
from cms.cache.store import Start, StoreError
from cms.content.actions.archive_entry import archive_entry
from cms.content.actions.bin_entry import bin_entry
from cms.content.actions.delete_term import delete_term
from cms.content.actions.edit_entry import edit_entry
from cms.content.actions.edit_term import edit_term
from cms.content.actions.erase_entry import erase_entry
from cms.content.actions.publish_entry import publish_entry
from cms.content.actions.restore_entry import restore_entry
from cms.content.actions.unpublish_entry import unpublish_entry
from cms.content.models import Entry, Term
from cms.content.saving import working_fields
from cms.core.db import after_rollback, current_session, transaction
from cms.core.errors import CmsError
from cms.core.permissions import system_user
from cms.extensions import db
from cms.lib.clock import utcnow
from cms.settings.actions.change_settings import change_settings
from tests.clients import PageClient
from tests.factories import body_of, make_page, make_post, make_term, user
from tests.people import ED

PATHS = ("/", "/posts/loaf/", "/about/", "/category/kitchen/", "/tag/bread/", "/archive/", "/feed.xml", "/author/ed/")
BY = system_user()


@pytest.fixture
def cached(make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """An application with the shared page store."""
    app = make_app(CACHE_TYPE="shared")
    with app.app_context():
        yield app


@pytest.fixture
def reader(cached: Flask) -> PageClient:
    """A stranger's client."""
    client = cached.test_client()
    assert isinstance(client, PageClient)
    return client


def test_a_cached_page_asks_the_database_nothing(cached: Flask, reader: PageClient) -> None:
    make_post("Loaf")
    first = reader.get("/posts/loaf/")
    assert (first.status_code, first.headers["X-Cache"]) == (200, "miss")
    with _asked() as asked:
        second = reader.get("/posts/loaf/")
    assert second.headers["X-Cache"] == "hit"
    assert second.data == first.data
    assert second.headers["Content-Type"] == first.headers["Content-Type"]
    assert asked == []


class _asked:  # noqa: N801 -- reads as a word at its uses
    """Collect the statements that the database is asked."""

    def __enter__(self) -> list[str]:
        self.statements: list[str] = []
        self.listener = lambda _c, _u, statement, *_: self.statements.append(statement)
        event.listen(db.engine, "before_cursor_execute", self.listener)
        return self.statements

    def __exit__(self, *_: object) -> None:
        event.remove(db.engine, "before_cursor_execute", self.listener)


def test_unchanged_page_is_not_sent_again(cached: Flask, reader: PageClient) -> None:
    make_post("Loaf")
    first = reader.get("/posts/loaf/")
    again = reader.get("/posts/loaf/", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    _publish("Loaf", title="Bread")
    changed = reader.get("/posts/loaf/", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


def _publish(known: str, /, **changes: Any) -> None:
    with transaction() as session:
        entry = session.scalars(select(Entry).where(Entry.title == known)).one()
        edit_entry(entry, working_fields(entry).changed(**changes), by=BY)
        publish_entry(entry, by=BY)


def test_a_change_is_seen_at_once(cached: Flask, reader: PageClient) -> None:
    make_post("Loaf")
    reader.get("/posts/loaf/")
    _publish("Loaf", title="A better loaf", slug="loaf")
    assert "A better loaf" in reader.get("/posts/loaf/").text
    assert "A better loaf" in reader.get("/").text


def test_a_draft_beside_leaves_the_page_in_the_cache(cached: Flask, reader: PageClient) -> None:
    make_post("Loaf")
    draft = make_post("Draft", state="draft")
    reader.get("/posts/loaf/")
    with transaction() as session:
        live = session.scalars(select(Entry).where(Entry.title == "Loaf")).one()
        edit_entry(live, working_fields(live).changed(title="Not yet"), by=BY)
    with transaction() as session:
        entry = session.get_one(Entry, draft.id)
        edit_entry(entry, working_fields(entry).changed(title="Other words", body=body_of("New.")), by=BY)
    assert reader.get("/posts/loaf/").headers["X-Cache"] == "hit"


def test_a_scheduled_post_ends_the_pages_before_it(
    cached: Flask, reader: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_post("Loaf")
    make_post("Tomorrow", state="scheduled", at=utcnow() + timedelta(seconds=60))
    assert "Tomorrow" not in reader.get("/").text
    later = utcnow() + timedelta(seconds=61)
    monkeypatch.setattr("cms.cache.store.time.time", later.timestamp)
    monkeypatch.setattr("cms.content.queries.utcnow", lambda: later)
    monkeypatch.setattr("cms.content.policies.utcnow", lambda: later)
    answer = reader.get("/")
    assert answer.headers["X-Cache"] == "miss"
    assert "Tomorrow" in answer.text


@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_read_before_the_store_is_asked_where_it_stands(
    cached: Flask, reader: PageClient, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _furnish()
    store, read_before = page_store(), list[list[str]]()
    assert store is not None
    real = store.start

    def start() -> Start | None:
        read_before.append(list(asked))
        return real()

    with _asked() as asked:
        monkeypatch.setattr(store, "start", start)
        reader.get(path)
    assert read_before == [[]]
    assert asked


class _Clock:
    """A clock that goes on by a second whenever a list is read."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = utcnow()
        for place in ("cache.pages", "content.queries", "content.policies", "content.around", "public.frame"):
            monkeypatch.setattr(f"cms.{place}.utcnow", self.tick if place == "content.queries" else self.read)
        monkeypatch.setattr("cms.cache.store.time.time", lambda: self.now.timestamp())

    def read(self) -> datetime:
        return self.now

    def tick(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def test_what_goes_out_while_a_page_is_made_is_not_missed(
    cached: Flask, reader: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_post("Loaf")
    clock = _Clock(monkeypatch)
    make_post("Soon", state="scheduled", at=clock.now + timedelta(seconds=1.5))
    # The list is read a second later, and half a second too early; when it is finished, the post is out.
    monkeypatch.setattr("cms.public.home.list_topics", lambda: [clock.tick()][1:])
    assert "Soon" not in reader.get("/").text
    assert "Soon" in reader.get("/").text


def test_a_moment_found_for_a_later_page_is_not_used_for_an_earlier_one(
    cached: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_post("Soon", state="scheduled", at=utcnow() + timedelta(seconds=60))
    store, now = page_store(), utcnow()
    assert store is not None
    late = now + timedelta(seconds=61)
    assert _horizon(store, store.start(), late) != 0
    assert abs(_horizon(store, store.start(), now) - (now + timedelta(seconds=60)).timestamp()) < 2


def test_a_changed_address_that_is_changed_back_sends_nobody_in_circles(cached: Flask, reader: PageClient) -> None:
    make_post("Loaf")
    _publish("Loaf", slug="bread")
    there = reader.get("/posts/loaf/")
    assert (there.status_code, there.headers["Location"]) == (301, "/posts/bread/")
    assert there.headers["Cache-Control"] == "max-age=0, must-revalidate"
    _publish("Loaf", slug="loaf")
    assert reader.get("/posts/loaf/").status_code == 200
    assert reader.get("/posts/bread/").headers["Location"] == "/posts/loaf/"


def test_a_live_entry_whose_state_was_not_read_makes_pages_old(cached: Flask, reader: PageClient) -> None:
    entry_id = make_post("Loaf").id
    reader.get("/posts/loaf/")
    with transaction() as session:
        entry = session.get_one(Entry, entry_id)
        session.expire(entry)
        entry.title = "Rye"
    assert "Rye" in reader.get("/posts/loaf/").text


def test_what_becomes_visible_after_several_flushes_makes_pages_old(cached: Flask, reader: PageClient) -> None:
    entry_id = make_post("Loaf", state="draft").id
    reader.get("/")
    with transaction() as session:
        entry = session.get_one(Entry, entry_id)
        edit_entry(entry, working_fields(entry).changed(title="Rye"), by=BY)
        session.flush()
        publish_entry(entry, by=BY)
        session.flush()
    assert "Rye" in reader.get("/").text


def test_erasing_a_draft_page_shows_what_lay_below_it_in_the_menu(cached: Flask, reader: PageClient) -> None:
    above = make_page("Above", state="draft").id
    make_page("Below", parent_id=above)
    assert ">Below<" not in reader.get("/").text
    for act in (bin_entry, erase_entry):
        with transaction() as session:
            act(session.get_one(Entry, above), by=BY)
        reader.get("/")
    assert ">Below<" in reader.get("/").text


def test_a_change_whose_stamp_cannot_be_written_is_kept(
    cached: Flask, reader: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_post("Loaf")
    reader.get("/posts/loaf/")
    store, undone = page_store(), list[str]()
    assert store is not None

    def refuse(*_: Any, **__: Any) -> None:
        raise StoreError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(store, "stamp", refuse)
        with transaction() as session:
            after_rollback(lambda: undone.append("taken back"))
            session.scalars(select(Entry).where(Entry.title == "Loaf")).one().title = "Rye"
    assert undone == []
    assert "Rye" in reader.get("/posts/loaf/").text


def test_a_site_without_a_place_for_the_store_works(make_app: Callable[..., Flask], tmp_path: Any) -> None:
    (tmp_path / "instance" / "cache").write_text("a file where the folder should be")
    app = make_app(CACHE_TYPE="shared")
    with app.app_context():
        make_post("Loaf")
        assert app.test_client().get("/posts/loaf/").status_code == 200


@pytest.mark.parametrize("statement", [
    "INSERT OR REPLACE INTO entries VALUES (1)", "UPDATE OR IGNORE entries SET title=1",
    'UPDATE ONLY "entries" SET title=1', "WITH old AS (SELECT 1) UPDATE entries SET title=1",
    "WITH gone AS (DELETE FROM entries RETURNING *) SELECT 1",
    'INSERT INTO public."entries" (title) VALUES (1)', "TRUNCATE TABLE entries", "delete from entries",
    "INSERT INTO entries (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET title=1",
])  # fmt: skip
def test_no_way_of_writing_is_missed(app: Flask, statement: str) -> None:
    assert changed_tables(statement) == {"entries"}


@pytest.mark.parametrize("statement", [
    "SELECT updated_at FROM entries", "UPDATE jobs SET state=1",
    "UPDATE entries SET updated_at=1, version=2 WHERE id=1",
    "WITH entries_1 AS (SELECT * FROM entries) SELECT * FROM entries_1", "SELECT 1 FROM entries FOR UPDATE",
])  # fmt: skip
def test_what_changes_no_page_is_none(app: Flask, statement: str) -> None:
    assert changed_tables(statement) == frozenset()


def test_the_signed_in_get_pages_of_their_own(cached: Flask, reader: PageClient) -> None:
    make_post("Members only", visibility="members")
    editor = cached.test_client()
    assert isinstance(editor, PageClient)
    editor.sign_in(ED)
    own = editor.get("/")
    assert "Members only" in own.text
    assert "no-store" in own.headers["Cache-Control"]
    assert "Members only" not in reader.get("/").text


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"X-Forwarded-Host": "evil.example"},
        {"X-Forwarded-Proto": "gopher"},
        {"Accept-Language": "xx"},
        {"X-Original-URL": "/admin/"},
        {"Authorization": "Basic YTpi"},
        {"Cookie": "masthead=forged"},
        {"Range": "bytes=0-3"},
        {"Accept": "application/json"},
    ],
)
def test_one_visitors_headers_do_not_reach_the_next(cached: Flask, reader: PageClient, headers: dict[str, str]) -> None:
    make_post("Loaf")
    clean = reader.get("/posts/loaf/").data
    store = page_store()
    assert store is not None
    store.clear()
    reader.get("/posts/loaf/", headers=headers)
    following = reader.get("/posts/loaf/")
    assert (following.status_code, following.data) == (200, clean)


def test_only_known_arguments_make_pages(cached: Flask, reader: PageClient) -> None:
    for number in range(15):
        make_post(f"Post {number}")
    first = reader.get("/").data
    assert reader.get("/?utm_source=x").headers["X-Cache"] == "hit"
    assert "X-Cache" not in reader.get("/?anything=1").headers
    assert reader.get("/?page=2").data != first
    assert reader.get("/?page=2").headers["X-Cache"] == "hit"


@pytest.mark.parametrize("path", ["/nothing-here/", "/posts/none/", "/?page=99"])
def test_errors_are_not_kept(cached: Flask, reader: PageClient, path: str) -> None:
    make_post("Loaf")
    for _attempt in range(2):
        answer = reader.get(path)
        assert answer.status_code == 404
        assert answer.headers.get("X-Cache") != "hit"


def test_no_page_holds_a_cookie_a_token_or_a_nonce(cached: Flask, reader: PageClient) -> None:
    make_post("Loaf")
    for path in PATHS:
        answer = reader.get(path)
        assert "Set-Cookie" not in answer.headers
        assert b"csrf_token" not in answer.data
        assert b"nonce=" not in answer.data


def test_null_cache_keeps_nothing(make_app: Callable[..., Flask]) -> None:
    app = make_app(CACHE_TYPE="NullCache")
    with app.app_context():
        make_post("Loaf")
        client = app.test_client()
        assert [client.get("/posts/loaf/").headers.get("X-Cache") for _ in range(2)] == [None, None]


def test_a_broken_store_slows_the_site_and_does_not_stop_it(cached: Flask, reader: PageClient, tmp_path: Any) -> None:
    make_post("Loaf")
    reader.get("/posts/loaf/")
    (tmp_path / "instance" / "cache" / "pages.db").write_bytes(b"no database")
    assert reader.get("/posts/loaf/").status_code == 200
    _publish("Loaf", title="Bread", slug="loaf")
    assert "Bread" in reader.get("/posts/loaf/").text


# -- whatever is done, a cached page equals a fresh one --------------------------------------------------------

TITLES = st.sampled_from(["Loaf", "Bread", "Rain", "About"])
ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "edit",
                "publish",
                "unpublish",
                "archive",
                "bin",
                "restore",
                "visibility",
                "term",
                "untag",
                "site",
                "person",
            ]
        ),
        st.integers(0, 3),
        TITLES,
    ),
    min_size=1,
    max_size=6,
)


def _act(act: str, number: int, title: str) -> None:
    """Do one thing as the system; what the rules refuse changes nothing."""
    try:
        with transaction() as session:
            entries = session.scalars(select(Entry).order_by(Entry.id)).all()
            entry = entries[number % len(entries)]
            if act == "edit":
                edit_entry(entry, working_fields(entry).changed(title=title, body=body_of(title)), by=BY)
            elif act == "visibility":
                edit_entry(entry, working_fields(entry).changed(visibility=["public", "private"][number % 2]), by=BY)
                publish_entry(entry, by=BY)
            elif act == "term":
                term = session.scalars(select(Term).where(Term.kind == "category")).one()
                edit_term(term, name=title, slug=term.slug, by=BY)
            elif act == "untag" and number == 0:
                delete_term(session.scalars(select(Term).where(Term.kind == "tag")).one(), by=BY)
            elif act == "site":
                change_settings({"name": title, "posts_per_page": number + 1}, by=BY)
            elif act == "person":
                user(ED).name = title
            elif act in _WAYS:
                _WAYS[act](entry, by=BY)
    except (CmsError, NoResultFound):
        current_session().rollback()


_WAYS: dict[str, Callable[..., Any]] = {
    "publish": publish_entry,
    "unpublish": unpublish_entry,
    "archive": archive_entry,
    "bin": bin_entry,
    "restore": restore_entry,
}


def _furnish() -> None:
    kitchen, bread = make_term("category", "Kitchen"), make_term("tag", "bread")
    make_post("Loaf", terms=[kitchen, bread], slug="loaf")
    make_post("Rain", terms=[kitchen])
    make_post("Draft", state="draft", terms=[bread])
    make_page("About", slug="about")


@given(acts=ACTS)
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_a_cached_page_equals_a_fresh_one_whatever_was_done(
    furnished: tuple[PageClient, PageClient], acts: list[tuple[str, int, str]]
) -> None:
    reader, fresh = furnished
    for act in acts:
        for path in PATHS:
            reader.get(path)
        _act(*act)
        for path in PATHS:
            mine, true = reader.get(path), fresh.get(path)
            assert (path, mine.status_code) == (path, true.status_code)
            assert list(unified_diff(mine.text.split("\n"), true.text.split("\n"), n=0)) == [], (path, act)


@pytest.fixture
def furnished(cached: Flask, make_app: Callable[..., Flask]) -> tuple[PageClient, PageClient]:
    """Clients of the same site with and without a cache."""
    _furnish()
    plain = make_app(CACHE_TYPE="NullCache")
    clients = cached.test_client(), plain.test_client()
    assert isinstance(clients[0], PageClient)
    assert isinstance(clients[1], PageClient)
    return clients[0], clients[1]
