"""Pages of other sites in a real browser: the ones that the settings name use the API, no other does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from flask import Flask

from tests.browser.conftest import Site, Window, running
from tests.functional.api.client import ApiClient
from tests.people import ADA

Open = Callable[..., Window]
#: Writes a post with a token, renames it if nobody else did, and tells what it may read of the answers.
_PROGRAM = """async ([api, token]) => {
  const ask = (path, options) => fetch(api + path, {...options, headers: {
    ...options?.headers, "Authorization": `Bearer ${token}`, "Content-Type": "application/json"}});
  try {
    const made = await ask("/posts", {method: "POST", body: JSON.stringify({title: "From afar"}),
      headers: {"Idempotency-Key": crypto.randomUUID()}});
    const changed = await ask(`/posts/${(await made.json()).id}`, {method: "PATCH",
      body: JSON.stringify({title: "From afar, again"}), headers: {"If-Match": made.headers.get("ETag")}});
    return [made.status, changed.status, (await changed.json()).title, changed.headers.get("ETag") !== null];
  } catch (error) {
    return [error.name];
  }
}"""


class _Page(BaseHTTPRequestHandler):
    """An empty page."""

    def do_GET(self) -> None:
        """Answer with it."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Elsewhere</title><link rel=icon href=data:,>")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- named by the library
        """Say nothing."""


@contextmanager
def elsewhere() -> Iterator[str]:
    """Run a site of somebody else's; gives its origin."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


@pytest.fixture
def named() -> Iterator[str]:
    """The origin that the settings name."""
    with elsewhere() as origin:
        yield origin


@pytest.fixture
def site(make_app: Callable[..., Flask], named: str) -> Iterator[Site]:
    """A site that lets pages of one other origin use its API."""
    with running(make_app, CMS_API_ORIGINS=named) as made:
        yield made


def run(site: Site, window: Open, origin: str, token: str | None) -> list[object]:
    """Run the program on a page of `origin`, and return what it tells."""
    visitor = window().sign_in(ADA)
    # Whoever is turned away is told so by the console, and that is as it should be.
    visitor.known = (origin,)
    visitor.page.goto(origin)
    told: list[object] = visitor.page.evaluate(_PROGRAM, [f"{site.url}/api/v1", token])
    if told == ["TypeError"]:
        assert all("CORS policy" in complaint or "ERR_FAILED" in complaint for complaint in visitor.complaints)
        visitor.complaints.clear()
    return told


def test_a_page_that_is_named_writes_with_a_token(site: Site, window: Open, named: str) -> None:
    token = ApiClient(site.app).sign_in(ADA).token
    assert run(site, window, named, token) == [201, 200, "From afar, again", True]


def test_a_page_that_is_named_has_nothing_of_the_cookies(site: Site, window: Open, named: str) -> None:
    # There is no post to change either; that, too, is for the page to read.
    assert run(site, window, named, None) == [401, 401, "Unauthorized", False]


def test_a_page_of_anybody_else_reads_and_writes_nothing(site: Site, window: Open) -> None:
    token = ApiClient(site.app).sign_in(ADA).token
    with elsewhere() as origin:
        assert run(site, window, origin, token) == ["TypeError"]
    assert ApiClient(site.app).sign_in(ADA).get("/posts?search=afar").json["items"] == []
