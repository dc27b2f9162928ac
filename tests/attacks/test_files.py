"""A file is fetched only by whoever may see what it is used for, and nobody else learns its address (L14, case 45)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from cms.accounts.actions import edit_profile
from cms.content.addresses import point
from cms.core.db import transaction
from cms.core.errors import Invalid
from cms.core.permissions import system_user
from cms.media.addresses import media_address
from tests.clients import PageClient
from tests.factories import make_post, user
from tests.factories.media import make_media
from tests.people import ART, ED, SUE, Person

As = Callable[[Person], PageClient]
OUTSIDE = ("//evil.example/", "/\\evil.example", "https://evil.example/", "javascript:alert(1)")
ALIKE = ("/media/{key}/{name}", "/theme/icon.svg", "/theme/settings.css", "/healthz")
OLD = "/wp-content/uploads/2019/07/harbour.jpg"


@pytest.mark.parametrize("state", ["draft", "scheduled", "archived", "binned"])
def test_an_old_address_does_not_give_away_the_file_of_a_draft(
    app: Flask, client: PageClient, as_: As, state: str
) -> None:
    media = make_media()
    make_post("Secret", state=state, featured_media_id=media.id)
    with transaction():
        point(OLD, media_id=media.id)
    there, never = client.get(OLD), client.get(OLD.replace("harbour", "never"))
    assert (there.status_code, never.status_code) == (404, 404)
    assert media.key not in there.get_data(as_text=True) + str(there.headers)
    assert as_(ED).get(OLD).headers["Location"] == media_address(media)


def test_an_old_address_leads_to_the_file_of_a_published_post(app: Flask, client: PageClient) -> None:
    media = make_media()
    make_post("Open", featured_media_id=media.id)
    with transaction():
        point(OLD, media_id=media.id)
    assert (client.get(OLD).status_code, client.get(OLD).headers["Location"]) == (301, media_address(media))


@pytest.mark.parametrize("target", OUTSIDE)
def test_an_old_address_leads_into_the_site_only(app: Flask, client: PageClient, target: str) -> None:
    with transaction():
        point("/old/", target=target)
    assert client.get("/old/").status_code == 404


def test_the_picture_of_an_author_is_for_everybody_on_the_author_page(app: Flask, client: PageClient) -> None:
    media = make_media(by=user(ART))
    make_post("Loaf", author=ART)
    address = media_address(media)
    assert client.get(address, buffered=True).status_code == 404
    with transaction():
        art = user(ART)
        edit_profile(art, {"picture_id": media.id}, by=art)
    page = client.get("/author/art/").get_data(as_text=True)
    assert media.key in page
    answer = client.get(address, buffered=True)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable")


def test_nobody_makes_a_strangers_file_public_by_wearing_it(app: Flask, client: PageClient, as_: As) -> None:
    """Whoever cannot see media neither learns of a file nor opens it to all by choosing it as their portrait."""
    media = make_media(by=user(ED))
    answer = as_(SUE).submit("/admin/profile/", {"picture_id": str(media.id)})
    assert answer.status_code == 422
    assert media.key not in answer.get_data(as_text=True)
    assert media.filename not in answer.get_data(as_text=True)
    assert client.get(media_address(media), buffered=True).status_code == 404
    with pytest.raises(Invalid), transaction():
        edit_profile(user(SUE), {"picture_id": media.id}, by=user(SUE))
    with transaction():
        edit_profile(user(SUE), {"picture_id": media.id}, by=system_user())
    assert client.get(media_address(media), buffered=True).status_code == 200


@pytest.mark.parametrize("path", ALIKE)
def test_what_is_alike_for_all_does_not_vary_by_cookie(app: Flask, client: PageClient, as_: As, path: str) -> None:
    media = make_media()
    make_post("Open", featured_media_id=media.id)
    where = path.format(key=media.key, name=media.filename)
    for asker in (client, as_(ED)):
        answer = asker.get(where, buffered=True)
        assert answer.status_code == 200
        assert "Cookie" not in answer.headers.get("Vary", "")
        assert "Set-Cookie" not in answer.headers


def test_stay_signed_in_is_still_looked_after(app: Flask, client: PageClient) -> None:
    """The cookie of those who stay signed in is set with the sign-in and taken back with the sign-out."""
    fields = {"email": ED.email, "password": "the ferry leaves at five", "remember": "y"}
    assert client.submit("/login", fields).status_code == 302
    assert client.get_cookie("masthead-remember") is not None
    client.post("/logout", data={"csrf_token": client.csrf_token("/change")})
    assert client.get_cookie("masthead-remember") is None
