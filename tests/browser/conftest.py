"""A real server and a real Chromium; whatever the page complains about fails the test."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from tests import needs
from tests.people import PASSWORD, Person

_SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder needs Chromium."""
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
            item.add_marker(needs.needs("chromium"))


#: What a policy refuses fails the test, also where a browser keeps it to itself (what only is reported, say).
_TELL_VIOLATIONS = """addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.effectiveDirective} refused ${event.blockedURI} ${event.sample}`));"""


@dataclass
class Site:
    """A site that runs for one test."""

    app: Flask
    url: str


@contextmanager
def running(make_app: Callable[..., Flask], **settings: object) -> Iterator[Site]:
    """Run a site on a free port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://localhost:{listening.getsockname()[1]}"
        app = make_app(CMS_BASE_URL=url, CACHE_TYPE="shared", **settings)
        server = make_server("127.0.0.1", 0, app, threaded=True, fd=os.dup(listening.fileno()))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    with app.app_context():
        yield Site(app, url)
    server.shutdown()
    thread.join(10)
    server.server_close()


@pytest.fixture
def site(make_app: Callable[..., Flask]) -> Iterator[Site]:
    """A site as it is by itself."""
    with running(make_app) as made:
        yield made


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for all tests of a worker."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=needs.get("chromium"), args=_SWITCHES)
        yield browser
        browser.close()


@dataclass
class Window:
    """A browser of one person, and what its pages complained about."""

    page: Page
    context: BrowserContext
    base: str
    complaints: list[str] = field(default_factory=list)
    #: Other origins that its pages may lead to.
    known: tuple[str, ...] = ()

    def open(self, path: str) -> Any:
        """Go to a path of the site."""
        return self.page.goto(self.base + path)

    def sign_in(self, person: Person) -> Window:
        """Sign in through the page."""
        self.open("/login")
        self.page.fill("input[name=email]", person.email)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.click("form button[type=submit]:not([data-aside])")
        self.page.wait_for_url(lambda url: "/login" not in url)
        return self


@pytest.fixture
def window(site: Site, chromium: Browser) -> Iterator[Callable[..., Window]]:
    """Open browsers, each with cookies of its own; errors, CSP violations and foreign requests fail the test."""
    opened: list[Window] = []

    def open_one(*, scripts: bool = True, width: int = 1280, dark: bool = False) -> Window:
        context = chromium.new_context(
            java_script_enabled=scripts,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
        )
        context.add_init_script(_TELL_VIOLATIONS)
        made = Window(context.new_page(), context, site.url)
        _listen(made)
        opened.append(made)
        return made

    yield open_one
    complaints = [complaint for made in opened for complaint in made.complaints]
    for made in opened:
        made.context.close()
    assert complaints == []


def _listen(window: Window) -> None:
    window.page.on("pageerror", lambda error: window.complaints.append(f"error: {error}"))

    def hear(message: Any) -> None:
        if message.type == "error" and "status of 4" not in message.text:
            window.complaints.append(f"console: {message.text}")

    def see(request: Any) -> None:
        if not request.url.startswith((window.base, *window.known, "data:", "blob:", "about:")):
            window.complaints.append(f"foreign request: {request.url}")

    window.page.on("console", hear)
    window.page.on("request", see)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder with a small photograph of ours."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    Image.linear_gradient("L").resize((800, 500)).convert("RGB").save(folder / "harbour.jpg")
    return folder
