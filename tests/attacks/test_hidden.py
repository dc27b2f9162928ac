"""What readers may not see is, for them, like what never was (cases 45, 47)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.attacks.test_rights import bind
from tests.clients import PageClient
from tests.factories import make_page, make_post, make_term
from tests.factories.media import make_media
from tests.people import ART, ED, SUE, Person

As = Callable[[Person], PageClient]
SLUG, NEVER = "secret-plans", "secret-never"
FORMS = (
    "{}{}/", "{}{}", "{}{}/?page=1", "{}{}/?preview=true", "{}{}/?preview=1&draft=1", "{}{}/feed/", "{}{}/feed.xml",
    "{}{}.json", "{}{}.xml", "{}{}/amp/", "{}{}/embed/", "{}{}/revisions/", "{}{}/edit/", "{}{}/x.css", "{}{};x/",
    "{}{}%20/", "{}{}%00/", "{}{}%2f", "{}{}/.", "{}{}/1/", "{}{}//", "{}{}/?v=1", "{}{}/trackback/",
    "{}{}/?_method=GET",
)  # fmt: skip
ASKING = (
    {},
    {"X-Forwarded-For": "127.0.0.1"},
    {"Authorization": "Bearer x"},
    {"Cookie": "masthead=x; masthead_pass=x; wordpress_logged_in=1"},
    {"X-Preview": "1", "Purpose": "prefetch"},
    {"If-None-Match": "*", "Range": "bytes=0-99"},
)
HIDDEN: tuple[dict[str, Any], ...] = (
    {"state": "draft"},
    {"state": "in_review"},
    {"state": "scheduled"},
    {"state": "archived"},
    {"state": "binned"},
    {"visibility": "private"},
    {"visibility": "members"},
)
DOORS = (
    "/", "/?page=1", "/archive/", "/author/ed/", "/search?q=secret", "/search?q=words", "/feed.xml", "/atom.xml",
    "/sitemap.xml", "/robots.txt", "/posts/before/", "/posts/after/", "/tag/hush/", "/category/hush/", "/preview/{id}",
    "/?p={id}", "/?page_id={id}", "/admin/posts/{id}/", "/nothing/",
)  # fmt: skip


@pytest.mark.parametrize("hidden", HIDDEN, ids=str)
@pytest.mark.parametrize("kind", ["post", "page"])
def test_no_door_leads_to_what_is_hidden(app: Flask, client: PageClient, hidden: dict[str, Any], kind: str) -> None:
    """Twenty-four forms of the address, asked in six ways; then every list, feed and neighbour."""
    make_post("Before")
    media = make_media("plans.jpg")
    terms = [make_term("tag", "Hush")] if kind == "post" else []
    make: Any = make_post if kind == "post" else make_page
    made = make(
        "Secret plans", text="secret words", excerpt="secret words", slug=SLUG, featured_media_id=media.id, terms=terms,
        **hidden,
    )  # fmt: skip
    key, media_key = made.id, media.key
    make_post("After", terms=terms)
    stem = "/posts/" if kind == "post" else "/"
    for number, form in enumerate(FORMS if kind == "post" else FORMS[::4]):
        headers = ASKING[number % len(ASKING)]
        there, never = (client.get(form.format(stem, slug), headers=headers) for slug in (SLUG, NEVER))
        told = there.get_data(as_text=True).replace(SLUG, NEVER)
        assert (there.status_code, told) == (never.status_code, never.get_data(as_text=True)), form
        assert str(dict(there.headers)).replace(SLUG, NEVER).replace(there.headers["X-Request-ID"], "") == str(
            dict(never.headers)
        ).replace(never.headers["X-Request-ID"], ""), form
    for headers in ASKING:
        assert client.get(f"{stem}{SLUG}/", headers=headers).status_code == 404
    for path in DOORS:
        answer = client.get(path.format(id=key))
        said = answer.get_data(as_text=True) + str(answer.headers)
        assert "ecret plans" not in said, path
        assert "secret words" not in said, path
        assert media_key not in said, path
        assert SLUG not in said, path
    for name in ("plans.jpg", "360.webp", "720.webp", "x"):
        assert client.get(f"/media/{media_key}/{name}").status_code == 404


def test_a_preview_is_kept_by_nobody(app: Flask, as_: As) -> None:
    post = make_post("Not yet", state="draft")
    answer = as_(ED).get(f"/preview/{post.id}")
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    assert 'content="noindex' in answer.get_data(as_text=True)


@pytest.mark.parametrize("query", ["", "?page=1", "?page=2", "?page=0", "?x=1"])
def test_who_has_written_nothing_is_like_nobody(app: Flask, client: PageClient, query: str) -> None:
    """Neither readers' names nor those who only draft can be found by trying addresses."""
    make_post("Not yet", state="draft", author=ART)
    never = client.get(f"/author/nobody-ever/{query}")
    for name in ("art", "sue"):
        there = client.get(f"/author/{name}/{query}")
        told = there.get_data(as_text=True).replace(f"/author/{name}/", "/author/nobody-ever/")
        assert (there.status_code, told) == (404, never.get_data(as_text=True))
        assert set(there.headers.keys()) == set(never.headers.keys())


def test_rights_in_a_place_show_what_is_hidden_there_and_nowhere_else(app: Flask, as_: As) -> None:
    """Who edits one category reads what is private in it; all else is for them as for any reader."""
    inside, outside = make_term("category", "Food"), make_term("category", "News")
    media = {name: make_media(f"{name}.jpg") for name in ("in", "out")}
    for term, name in ((inside, "in"), (outside, "out")):
        for state in ("draft", "scheduled", "archived", "binned"):
            make_post(f"{name} {state}", state=state, terms=(term,), featured_media_id=media[name].id)
        make_post(f"{name} private", visibility="private", terms=(term,))
    addresses = {name: f"/media/{file.key}/{file.filename}" for name, file in media.items()}
    bind(SUE, f"category:{inside.id}")
    client = as_(SUE)
    assert client.get("/posts/in-private/").status_code == 200
    assert client.get("/posts/out-private/").status_code == 404
    for state in ("draft", "scheduled", "archived", "binned"):
        assert client.get(f"/posts/in-{state}/").status_code == 404
        assert client.get(f"/posts/out-{state}/").status_code == 404
    with client.get(addresses["in"]) as answer:
        assert answer.status_code == 200
    assert client.get(addresses["out"]).status_code == 404
    for path in ("/", "/feed.xml", "/atom.xml", "/sitemap.xml", "/search?q=private", "/category/news/", "/author/ed/"):
        text = client.get(path).get_data(as_text=True)
        for state in ("draft", "scheduled", "archived", "binned", "private"):
            assert f"out {state}" not in text, (path, state)
