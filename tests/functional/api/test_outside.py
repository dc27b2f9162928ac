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


class _Site(BaseHTTPRequestHandler):
    #: Passed only when so many requests wait at the same time.
    together = threading.Barrier(WAITING)

    def do_HEAD(self) -> None:
        self._say(405 if self.path == "/no-head" else 404 if self.path == "/gone" else 200)

    def do_GET(self) -> None:
        if self.path.startswith("/together"):
            self.together.wait(20)
        head = '<link rel="alternate" type="application/json+oembed" href="/oembed">' if self.path == "/page" else ""
        told = {"/oembed": json.dumps(_TOLD), "/page": head, "/broken-page": head}.get(self.path, "")
        self._say(404 if self.path == "/gone" else 200, told.encode())

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


def test_who_does_not_write_asks_nothing(app: Flask, site: str, api_as: Callable[[Person], ApiClient]) -> None:
    for person, status in ((NOBODY, 401), (SUE, 403)):
        assert api_as(person).post("/links/check", json={"urls": [site]}).status_code == status
        assert api_as(person).get(f"/embeds?url={site}/page").status_code == status
    for wrong in ({}, {"urls": []}, {"urls": [site] * 21}, {"urls": "x"}, {"urls": [""]}):
        assert api_as(ED).post("/links/check", json=wrong).status_code == 422
