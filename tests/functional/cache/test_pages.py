"""Cached pages: nothing asked of the database, never older than the last change, never for the signed-in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from difflib import unified_diff
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select
from sqlalchemy.exc import NoResultFound

from cms.cache.invalidation import page_store
from cms.content.actions.archive_entry import archive_entry
from cms.content.actions.bin_entry import bin_entry
from cms.content.actions.delete_term import delete_term
from cms.content.actions.edit_entry import edit_entry
from cms.content.actions.edit_term import edit_term
from cms.content.actions.publish_entry import publish_entry
from cms.content.actions.restore_entry import restore_entry
from cms.content.actions.unpublish_entry import unpublish_entry
from cms.content.models import Entry, Term
from cms.content.saving import working_fields
from cms.core.db import current_session, transaction
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
