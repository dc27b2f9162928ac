"""What one visitor sends never reaches the next, and nobody's own page is kept for others (cases 41–44, 46, 58)."""

from __future__ import annotations

import pickle
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from cms.cache.store import SharedStore
from cms.content.actions.publish_entry import publish_entry
from cms.content.actions.unpublish_entry import unpublish_entry
from cms.content.models import Entry
from cms.core.db import transaction
from cms.core.permissions import system_user
from cms.extensions import cache
from cms.lib.clock import utcnow
from cms.media.addresses import media_address
from tests.clients import PageClient
from tests.factories import make_page, make_post, make_term
from tests.factories.media import make_media
from tests.people import ADA, ED

PAGES = ("/", "/posts/loaf/", "/about/", "/feed.xml", "/tag/bread/")
POISON = (
    {"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}, {"X-Forwarded-Proto": "http"},
    {"X-Forwarded-Scheme": "nothttps"}, {"X-Forwarded-Port": "1"}, {"X-Forwarded-Prefix": "/evil"},
    {"Forwarded": "host=evil.example"}, {"X-Original-URL": "/evil"}, {"X-Rewrite-URL": "/evil"},
    {"X-HTTP-Method-Override": "POST"}, {"Accept-Language": "de, xx;q=0.1"}, {"Accept": "application/json"},
    {"Accept-Encoding": "evil"}, {"User-Agent": "<script>alert(1)</script>"}, {"Referer": "https://evil.example/"},
    {"Cookie": "masthead=evil; appearance=<script>"}, {"Authorization": "Bearer evil"}, {"Origin": "https://evil.example"},
    {"X-Request-ID": "evil"},
)  # fmt: skip
BREAKING = (
    {"Host": ""}, {"Host": "x" * 9000}, {"X-Evil": "x" * 30_000}, {"Cookie": "a=" + "b" * 30_000},
    {"Content-Length": "-1"}, {"Content-Length": "99999999999"}, {"Content-Type": "multipart/form-data"},
    {"Range": "bytes=9-1"}, {"If-None-Match": "*"}, {"If-Modified-Since": "evil"}, {"Expect": "200-ok"},
    {"Transfer-Encoding": "evil"}, {"Accept": "x" * 9000}, {"X-Forwarded-For": "evil"}, {"Upgrade": "h2c"},
)  # fmt: skip
SUFFIXES = (
    "x.css", "x.js", "x.png", ".css", ";x.css", "%2fx.css", "%3fx.css", "%23x.css", "%0ax.css", "%00.css", "/x.css",
    "/../x.css", "/%2e%2e/x.css", "/.css", "?x.css", "/favicon.ico", "/robots.txt",
)  # fmt: skip


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """A site with the shared page store and something on each page."""
    made = make_app(CACHE_TYPE="shared")
    with made.app_context():
        make_post("Loaf", terms=[make_term("tag", "Bread")])
        make_page("About")
        yield made


def purge() -> None:
    cache.clear()


def test_what_one_visitor_sends_never_reaches_the_next(app: Flask, client: PageClient) -> None:
    for path in PAGES:
        clean = client.get(path).data
        for headers in POISON:
            purge()
            client.get(path, headers=headers)
            following = client.get(path)
            assert (following.status_code, following.data) == (200, clean), (path, headers)
            assert "evil" not in str(following.headers), (path, headers)


def test_no_argument_but_the_known_makes_a_copy(app: Flask, client: PageClient) -> None:
    clean = client.get("/").data
    for query in ("?evil=1", "?page=1&page=2", "?PAGE=2", "?page=evil", "?utm_content=<script>", "?%00=1", "?lang=xx"):
        purge()
        client.get(f"/{query}")
        assert client.get("/").data == clean, query
    purge()
    for number in range(60):
        client.get(f"/?x={number}")
        client.get(f"/?page={number + 2}")
    # Every copy that is kept is of a page that there is.
    assert copies(app) <= 1


def test_the_store_ends(app: Flask, client: PageClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Searches make as many addresses as anybody likes; the oldest copies go."""
    monkeypatch.setattr("cms.cache.store.MOST_PAGES", 5)
    monkeypatch.setattr("cms.cache.store.secrets.randbelow", lambda _end: 0)
    for number in range(20):
        assert client.get("/search", query_string={"q": f"x{number}"}).status_code == 200
    assert copies(app) <= 6


def test_the_store_ends_with_long_pages_too(app: Flask, client: PageClient, monkeypatch: pytest.MonkeyPatch) -> None:
    size = len(client.get("/search", query_string={"q": "x"}).data)
    monkeypatch.setattr("cms.cache.store.MOST_BYTES", 5 * size)
    monkeypatch.setattr("cms.cache.store.secrets.randbelow", lambda _end: 0)
    for number in range(20):
        assert client.get("/search", query_string={"q": f"y{number}"}).status_code == 200
    assert 1 <= copies(app) <= 5
    assert client.get("/search", query_string={"q": "y19"}).headers["X-Cache"] == "hit"


def copies(app: Flask) -> int:
    """Return how many pages the store holds."""
    with sqlite3.connect(Path(app.config["CMS_INSTANCE"]) / "cache" / "pages.db") as connection:
        found = connection.execute("SELECT COUNT(*) FROM pages WHERE key LIKE 'page:%'").fetchone()[0]
    connection.close()
    return int(found)


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "OPTIONS", "GET with a body"])
def test_only_a_plain_get_decides_what_is_kept(app: Flask, client: PageClient, method: str) -> None:
    for path in PAGES:
        clean = client.get(path).data
        purge()
        verb, _space, body = method.partition(" ")
        sent = {"page": "2", "q": "evil"} if verb == "POST" or body else None
        client.open(path, method=verb, data=sent)
        assert client.get(path).data == clean, path
        if verb in ("POST", "PUT", "OPTIONS"):
            assert "X-Cache" not in client.open(path, method=verb, data=sent).headers, path


def test_only_whole_pages_are_kept(app: Flask, client: PageClient) -> None:
    """A copy has no room for where a redirect leads, or for what was wrong."""
    for path, status in (
        ("/?page=1", 301),
        ("/posts/loaf", 308),
        ("/about", 301),
        ("/nothing/", 404),
        ("/?page=9", 404),
    ):
        first, second = client.get(path), client.get(path)
        assert (first.status_code, second.status_code) == (status, status), path
        assert first.headers.get("Location") == second.headers.get("Location"), path


@pytest.mark.parametrize("headers", BREAKING, ids=lambda headers: f"{next(iter(headers))}")
def test_no_mistake_of_one_visitor_is_served_to_the_next(
    app: Flask, client: PageClient, headers: dict[str, str]
) -> None:
    for path in PAGES[:3]:
        purge()
        assert client.get(path, headers=headers).status_code < 500
        assert client.get(path).status_code == 200, path


def test_private_pages_are_never_kept_under_a_false_name(app: Flask, client: PageClient) -> None:
    inside = app.test_client()
    assert isinstance(inside, PageClient)
    inside.sign_in(ADA)
    for page in ("/admin/profile", "/admin/", "/admin/users", "/change", "/login"):
        for suffix in SUFFIXES:
            mine = inside.get(page + suffix)
            text = mine.get_data(as_text=True)
            if mine.status_code == 200 and ADA.email in text:
                assert "no-store" in mine.headers["Cache-Control"], page + suffix
            stranger = client.get(page + suffix)
            assert ADA.email not in stranger.get_data(as_text=True), page + suffix
            assert stranger.headers.get("X-Cache") != "hit", page + suffix
    assert copies(app) == 0


def test_the_signed_in_leave_nothing_behind(app: Flask, client: PageClient) -> None:
    make_post("Members only", visibility="members")
    editor = app.test_client()
    assert isinstance(editor, PageClient)
    editor.sign_in(ED)
    for path in PAGES:
        own = editor.get(path)
        assert "no-store" in own.headers["Cache-Control"], path
        assert "ETag" not in own.headers, path
        stranger = client.get(path)
        assert stranger.headers["X-Cache"] == "miss", path
        assert b"Members only" not in stranger.data, path
        assert "Cookie" in stranger.headers["Vary"], path
        assert "Set-Cookie" not in stranger.headers, path
        mark = stranger.headers["ETag"]
        # What a stranger was told is no answer for somebody else.
        assert editor.get(path, headers={"If-None-Match": mark}).status_code == 200, path
        assert client.get(path, headers={"If-None-Match": mark}).status_code == 304, path


def test_what_is_taken_back_is_gone_everywhere_and_can_return(app: Flask, client: PageClient) -> None:
    media = make_media()
    post = make_post("Quay", featured_media_id=media.id)
    key = post.id
    places = (
        "/posts/quay/",
        "/",
        "/feed.xml",
        "/atom.xml",
        "/sitemap.xml",
        "/search?q=quay",
        f"/archive/{utcnow().year}/",
        "/author/ed/",
    )
    for path in places:
        assert b"quay" in client.get(path).data.lower(), path
    assert client.get(media_address(media), buffered=True).status_code == 200
    with transaction() as session:
        unpublish_entry(session.get_one(Entry, key), by=system_user())
    for path in places:
        answer = client.get(path)
        assert b"/posts/quay/" not in answer.data, path
        assert answer.headers.get("X-Cache") != "hit", path
    assert client.get("/posts/quay/").status_code == 404
    assert client.get(media_address(media), buffered=True).status_code == 404
    with transaction() as session:
        publish_entry(session.get_one(Entry, key), by=system_user())
    for path in places:
        assert b"quay" in client.get(path).data.lower(), path
    assert client.get("/posts/quay/").status_code == 200


def test_a_statement_that_passes_the_unit_of_work_by_makes_pages_old_too(app: Flask, client: PageClient) -> None:
    client.get("/posts/loaf/")
    with transaction() as session:
        session.execute(update(Entry).where(Entry.title == "Loaf").values(title="Rye"))
    assert "Rye" in client.get("/posts/loaf/").get_data(as_text=True)


class _Canary:
    """Unpickling this would make a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self.path,)


def test_a_planted_pickle_is_never_opened(app: Flask, client: PageClient, tmp_path: Path) -> None:
    """Case 58: whoever can write to the store cannot have us run anything."""
    clean = client.get("/posts/loaf/").data
    canary, file = tmp_path / "canary", Path(app.config["CMS_INSTANCE"]) / "cache" / "pages.db"
    planted = pickle.dumps(_Canary(canary))
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE pages SET value = ?", (b"{}\n" + planted,))
    connection.close()
    client.get("/posts/loaf/")
    with sqlite3.connect(file) as connection:
        connection.execute("INSERT OR REPLACE INTO pages VALUES ('user:x', 1, '[]', 0, 0, ?)", (planted,))
    connection.close()
    with pytest.raises((ValueError, UnicodeDecodeError)):
        cache.get("x")
    assert not canary.exists()
    with pytest.raises(TypeError):
        cache.set("y", _Canary(canary))
    purge()
    assert client.get("/posts/loaf/").data == clean


def test_no_package_that_unpickles_is_chosen_by_default(make_app: Callable[..., Flask]) -> None:
    app = make_app(CACHE_TYPE="shared")
    with app.app_context():
        assert type(cache.cache) is SharedStore
