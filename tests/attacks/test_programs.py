"""What a token opens, and what it does not: the back office, other people's things, what it was not made for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from cms.accounts.actions.create_token import create_token
from cms.core.db import transaction
from tests.clients import PageClient
from tests.factories import make_post, user
from tests.functional.api.client import ApiClient
from tests.functional.api.conftest import api_as as api_as
from tests.people import ADA, ART, ED, Person

As = Callable[[Person], ApiClient]


def personal(app: Flask, person: Person, *scopes: str) -> ApiClient:
    """Return a program with a personal token of somebody's."""
    with transaction():
        _token, secret = create_token(user(person), name="A program", scopes=scopes, days=7, by=user(person))
    return ApiClient(app, secret)


@pytest.fixture
def browser(app: Flask) -> PageClient:
    """A browser in which nobody is signed in."""
    made = app.test_client()
    assert isinstance(made, PageClient)
    return made


def test_a_token_opens_no_page(app: Flask, api_as: As, browser: PageClient) -> None:
    """Neither an access token nor a personal one, shown in any way, is a sign-in for a browser."""
    for token in (api_as(ADA).token, personal(app, ADA, "accounts:office:enter", "content:post:edit").token):
        header = {"Authorization": f"Bearer {token}"}
        for path in ("/admin/", "/admin/posts/", "/account/", "/admin/find.json?q=a"):
            assert browser.get(path, headers=header).status_code in (302, 401), path
        for name in ("masthead", "remember_token", "access_token", "session"):
            browser.set_cookie(name, str(token))
            assert browser.get("/admin/").status_code == 302
            browser.delete_cookie(name)
        assert browser.get(f"/admin/?token={token}&auth_token={token}").status_code == 302


def test_a_token_that_reads_does_not_write(app: Flask, api_as: As) -> None:
    """Rights are those of the person, narrowed to what the token was made for."""
    post_id = make_post("Draft", state="draft", author=ART).id
    program = personal(app, ART, "media:file:list")
    assert program.get(f"/posts/{post_id}").status_code == 404
    assert program.patch(f"/posts/{post_id}", json={"title": "Mine"}).status_code == 403
    reader = personal(app, ART, "content:post:edit")
    assert reader.patch(f"/posts/{post_id}", json={"title": "Mine"}).status_code == 200
    assert reader.post(f"/posts/{post_id}/publish").status_code == 403
    assert reader.delete(f"/posts/{post_id}").status_code == 403
    assert reader.post(
        "/me/tokens", json={"name": "More", "scopes": ["content:post:publish"], "days": 7}
    ).status_code in (
        403,
        422,
    )


def test_addresses_and_methods_have_one_spelling(app: Flask, api_as: As) -> None:
    """No slash at the end, no doubled ones, and no header or field that says another method (CVE-2026-22595)."""
    post_id = make_post("Out", author=ED).id
    ed = api_as(ED)
    for path in (
        f"/api/v1/posts/{post_id}/",
        f"/api//v1/posts/{post_id}",
        f"/api/v1/posts/{post_id}/.",
        "/api/v1/users/",
    ):
        assert ed.get(path, check=False).status_code in (301, 308, 404), path
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        assert ed.get(f"/posts/{post_id}", headers={name: "DELETE"}).status_code == 200
    assert ed.get(f"/posts/{post_id}?_method=DELETE").status_code == 422
    assert ed.get(f"/posts/{post_id}").json["binned_at"] is None


def test_drafts_are_as_if_they_were_not_there(app: Flask, stranger: ApiClient) -> None:
    """The answer about a draft says nothing that the answer about nothing does not."""
    nothing = stranger.get("/posts/424242")
    for state in ("draft", "in_review", "scheduled", "archived", "binned"):
        hidden = stranger.get(f"/posts/{make_post(f'Secret {state}', state=state, author=ART).id}")
        assert (hidden.status_code, list(hidden.headers.keys())) == (404, list(nothing.headers.keys()))
        assert {**hidden.json, "request_id": ""} == {**nothing.json, "request_id": ""}
    assert "Secret" not in stranger.get("/posts?per_page=100").text + stranger.get("/search?q=Secret").text


@pytest.fixture
def stranger(app: Flask) -> ApiClient:
    """A program without a token."""
    return ApiClient(app)
