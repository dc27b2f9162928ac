"""Errors stand in the theme, say what to do, and tell nothing of the inside."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from selectolax.lexbor import LexborHTMLParser
from werkzeug.exceptions import TooManyRequests

from cms.core.errors import Forbidden, TooLarge, Unavailable
from cms.core.permissions import public_route
from cms.core.storage import StorageFullError
from cms.theming.rendering import render_page, themes
from cms.theming.samples import NOW, sample_contexts, sample_head, sample_site
from tests.clients import PageClient
from tests.factories import make_page


def raising(app: Flask, error: Exception) -> None:
    @public_route
    def broken() -> str:
        raise error

    app.add_url_rule("/broken", "broken", broken)


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (Forbidden("Only editors may."), 403, "Only editors may."),
        (TooLarge("At most 5 MB."), 413, "At most 5 MB."),
        (TooManyRequests(), 429, "A little slower"),
        (Unavailable(), 503, "Not available just now"),
        (StorageFullError(), 507, "There is no room left to keep this file."),
        (RuntimeError("secret detail"), 500, "Something broke on our side"),
    ],
)
def test_each_error_has_a_page(make_app: Callable[..., Flask], error: Exception, status: int, words: str) -> None:
    app = make_app(PROPAGATE_EXCEPTIONS=False)
    raising(app, error)
    answer = app.test_client().get("/broken")
    text = answer.get_data(as_text=True)
    assert answer.status_code == status
    assert words in text
    assert "secret detail" not in text
    assert "Traceback" not in text
    assert answer.headers["Cache-Control"] == "no-store"
    page = LexborHTMLParser(text)
    assert page.css_first(".nameplate") is not None
    assert page.css_first("meta[name=robots]").attributes["content"] == "noindex"
    assert (answer.headers["X-Request-ID"] in text) == (status >= 500)


def test_a_wrong_method_says_which_are_right(client: PageClient) -> None:
    answer = client.delete("/archive/")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_the_page_for_404_helps_on(client: PageClient) -> None:
    make_page("About")
    answer = client.get("/nothing/<script>/")
    page = LexborHTMLParser(answer.get_data(as_text=True))
    assert answer.status_code == 404
    assert page.css_first("form.search-form") is not None
    assert [link.text() for link in page.css(".nameplate nav a")] == ["About"]
    assert not page.css("main script")


@pytest.mark.parametrize(
    "path",
    [
        "/%00",
        "/posts/%00/",
        "/posts/" + "a" * 3000 + "/",
        "/category/%ff/",
        "/author/%F0%9F%92%A9/",
        "/" + "a/" * 500,
        "/posts//x/",
    ],
)
def test_odd_addresses_are_only_not_there(client: PageClient, path: str) -> None:
    assert client.get(path, follow_redirects=True).status_code == 404


def test_a_broken_theme_gives_way_to_default(make_app: Callable[..., Flask], tmp_path: Path) -> None:
    app = make_app()
    folder = Path(app.instance_path) / "themes" / "mine" / "templates"
    folder.mkdir(parents=True)
    (folder.parent / "theme.toml").write_text('name = "mine"\nversion = "1"\n')
    (folder / "home.html").write_text("{{ nothing_like_this }}")
    with app.app_context():
        context = {
            "head": sample_head(),
            "theme": {"accent": "#0b7a55", "fonts": "theme"},
            "home": sample_contexts()[0][2],
        }
        text = render_page(["home.html"], theme="mine", site=sample_site(), now=NOW, context=context)
        assert "lead-post" in text
        assert "nothing_like_this" in themes().faults["mine"]
        text = render_page(["home.html"], theme="never-there", site=sample_site(), now=NOW, context=context)
        assert "lead-post" in text
