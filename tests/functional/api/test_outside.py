"""What lies outside, asked of a real site beside this one."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from flask import Flask

from tests.functional.api.client import ApiClient
from tests.people import CON, ED, NOBODY, SUE, Person

#: As many as one request may name.
WAITING = 20
_TOLD = {
    "type": "rich",
    "title": " A  loaf\n",
    "author_name": "<b>Somebody</b>",
    "html": "<script>",
    "thumbnail_url": "//x",
}


def _head(address: bytes) -> bytes:
    return b'<link rel="alternate" type="application/json+oembed" href="' + address + b'">'


#: Pages and answers by which something might break.
_ODD: dict[str, bytes] = {
    "/half-an-address": _head(b"http://["),
    "/no-text": _head(b"/\xed\xa0\x80"),
    "/elsewhere": _head(b"file:///etc/passwd"),
    "/no-json": _head(b"/told/no-json"),
    "/told/no-json": b"{",
    "/list": _head(b"/told/list"),
    "/told/list": b"[]",
    "/deep": _head(b"/told/deep"),
    "/told/deep": b"[" * 100_000,
    "/odd": _head(b"/told/odd"),
    "/told/odd": json.dumps(
        {
            "title": "A\x00 loaf\ud800 of\u2028 bread\x1b[1m",
            "author_name": "\udfff\x07",
            "provider_name": "Bakery\ud83d \ufeff",
            "type": ["rich"],
            "thumbnail_url": "https://[x",
        }
    ).encode(),
}


class _Site(BaseHTTPRequestHandler):
    #: Passed only when so many requests wait at the same time.
    together = threading.Barrier(WAITING)

    def do_HEAD(self) -> None:
        self._say(405 if self.path == "/no-head" else 404 if self.path == "/gone" else 200)

    def do_GET(self) -> None:
        if self.path.startswith("/together"):
            self.together.wait(20)
        head = '<link rel="alternate" type="application/json+oembed" href="/oembed">' if self.path == "/page" else ""
        told = {"/oembed": json.dumps(_TOLD), "/page": head}.get(self.path, "")
        self._say(404 if self.path == "/gone" else 200, _ODD.get(self.path, told.encode()))

    def _say(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the library's name
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    """The address of another site on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def app(make_app: Callable[..., Flask], site: str) -> Iterator[Flask]:
    """An application that may call the other site."""
    port = site.rpartition(":")[2]
    made = make_app(CMS_FETCH_ALLOW=f"127.0.0.1:{port}", CMS_FETCH_PORTS=f"80,443,{port}")
    with made.app_context():
        yield made


def test_links_are_looked_at_in_order(app: Flask, site: str, api_as: Callable[[Person], ApiClient]) -> None:
    urls = [f"{site}/", f"{site}/gone", f"{site}/no-head", "http://169.254.169.254/", "ftp://example.com", "nonsense"]
    results = api_as(CON).post("/links/check", json={"urls": urls}).json["results"]
    assert [(result["url"], result["ok"], result["status"]) for result in results] == [
        (urls[0], True, 200), (urls[1], False, 404), (urls[2], True, 200), (urls[3], False, None),
        (urls[4], False, None), (urls[5], False, None),
    ]  # fmt: skip
    assert all(bool(result["problem"]) != result["ok"] for result in results)


def test_slow_ones_are_waited_for_together(app: Flask, site: str, api_as: Callable[[Person], ApiClient]) -> None:
    """Each of these answers only while all of them wait: asked one after another none would."""
    _Site.together.reset()
    _Site.do_HEAD, kept = _Site.do_GET, _Site.do_HEAD  # type: ignore[method-assign]  # HEAD waits, too
    try:
        urls = [f"{site}/together/{number}" for number in range(WAITING)]
        results = api_as(ED).post("/links/check", json={"urls": urls}).json["results"]
    finally:
        _Site.do_HEAD = kept  # type: ignore[method-assign]  # as above
    assert [result["status"] for result in results] == [200] * WAITING


def test_what_a_page_says_about_itself_is_text(app: Flask, site: str, api_as: Callable[[Person], ApiClient]) -> None:
    told = api_as(ED).get(f"/embeds?url={site}/page").json
    assert told == {
        "url": f"{site}/page", "provider": "127.0.0.1", "kind": "rich", "title": "A loaf",
        "author": "<b>Somebody</b>", "thumbnail_url": "", "frame": None,
    }  # fmt: skip
    for path in ("/", "/gone"):
        assert api_as(ED).get(f"/embeds?url={site}{path}").json["errors"].keys() == {"url"}
    for url in ("http://127.0.0.1:1/", "http://[::1]/", "file:///etc/passwd", "http://169.254.169.254/latest", "x"):
        assert api_as(ED).get("/embeds", query_string={"url": url}).status_code == 422


@pytest.mark.parametrize("path", ["/half-an-address", "/no-text", "/elsewhere", "/no-json", "/list", "/deep"])
def test_a_page_that_says_something_broken_is_blamed_for_it(
    app: Flask, site: str, api_as: Callable[[Person], ApiClient], path: str
) -> None:
    answer = api_as(ED).get(f"/embeds?url={site}{path}")
    assert (answer.status_code, answer.json["errors"].keys()) == (422, {"url"})


def test_texts_of_other_sites_hold_nothing_that_cannot_be_shown(
    app: Flask, site: str, api_as: Callable[[Person], ApiClient]
) -> None:
    told = api_as(ED).get(f"/embeds?url={site}/odd").json
    assert told == {
        "url": f"{site}/odd", "provider": "Bakery", "kind": "link", "title": "A loaf of bread[1m", "author": "",
        "thumbnail_url": "", "frame": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("https://example.com/loaf.jpg?width=480", True),
        (f"https://example.com/{'x' * 500}", True),
        (f"https://example.com/{'x' * 3000}", False),
        ("http://example.com/loaf.jpg", False),
        ("https://[x", False),
        ("https://", False),
        ("https:///loaf.jpg", False),
        ("https://example.com:none/", False),
        ("https://example.com/\x00", False),
        ("https://example.com/\ud800", False),
        ("https://ada:secret@example.com/", False),
        ("//example.com/loaf.jpg", False),
        ("javascript:alert(1)", False),
        (7, False),
    ],
)
def test_a_picture_of_another_site_is_one_of_the_web(
    app: Flask, site: str, api_as: Callable[[Person], ApiClient], monkeypatch: pytest.MonkeyPatch, told: Any, kept: bool
) -> None:
    monkeypatch.setitem(_ODD, "/told/odd", json.dumps({"thumbnail_url": told}).encode())
    assert api_as(ED).get(f"/embeds?url={site}/odd").json["thumbnail_url"] == (told if kept else "")


def test_odd_links_lead_nowhere_and_break_nothing(app: Flask, site: str, api_as: Callable[[Person], ApiClient]) -> None:
    odd = [
        "http://[",
        "https://[x",
        "http://example.com:none/",
        "http://a\x7fb/",
        "http://" + "x" * 1900,
        "http://\ufeff/",
    ]
    results = api_as(CON).post("/links/check", json={"urls": odd}).json["results"]
    assert [(result["url"], result["ok"], result["status"]) for result in results] == [(u, False, None) for u in odd]
    for url in odd:
        assert api_as(ED).get("/embeds", query_string={"url": url}).status_code == 422
    for refused in ("http://\ud800/", "http://\x00/"):
        sent = json.dumps({"urls": [refused]})
        assert api_as(CON).post("/links/check", data=sent, content_type="application/json").status_code in (400, 422)


def test_who_does_not_write_asks_nothing(app: Flask, site: str, api_as: Callable[[Person], ApiClient]) -> None:
    for person, status in ((NOBODY, 401), (SUE, 403)):
        assert api_as(person).post("/links/check", json={"urls": [site]}).status_code == status
        assert api_as(person).get(f"/embeds?url={site}/page").status_code == status
    for wrong in ({}, {"urls": []}, {"urls": [site] * 21}, {"urls": "x"}, {"urls": [""]}):
        assert api_as(ED).post("/links/check", json=wrong).status_code == 422
