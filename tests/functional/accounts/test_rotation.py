"""Another SECRET_KEY, with the one before among the fallbacks, signs nobody out and breaks no form and no link."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest
from flask import Flask
from itsdangerous import URLSafeTimedSerializer

from cms.accounts.actions import invite_user
from cms.accounts.links import find_invited, invitation_token, reset_token
from cms.accounts.models import User
from cms.accounts.queries import get_role
from cms.core.db import transaction
from cms.public.unlocking import COOKIE
from tests.clients import PageClient
from tests.functional.public.test_protected import ADDRESS, make_supper
from tests.people import ADA, PASSWORD, Person

UserOf = Callable[[Person], User]
NEW = "the next key that is used in tests and nowhere else"


def rotate(app: Flask) -> None:
    config = app.config
    config.update(SECRET_KEY_FALLBACKS=[config["SECRET_KEY"], *config["SECRET_KEY_FALLBACKS"]], SECRET_KEY=NEW)


def forget_older(app: Flask) -> None:
    app.config["SECRET_KEY_FALLBACKS"] = []


def is_in(client: PageClient) -> bool:
    return client.get("/change").status_code == 200


def test_who_is_signed_in_stays_so(app: Flask, as_: Callable[[Person], PageClient]) -> None:
    ada, copy = as_(ADA), cast("PageClient", app.test_client())
    before = ada.get_cookie("masthead")
    assert before is not None
    rotate(app)
    assert is_in(ada)
    forget_older(app)
    copy.set_cookie("masthead", before.value)
    assert not is_in(copy)
    assert is_in(ada), "the page has signed the cookie anew"


def test_a_form_opened_before_is_taken_after(app: Flask, client: PageClient) -> None:
    fields = {"email": ADA.email, "password": PASSWORD, "csrf_token": client.csrf_token("/login")}
    rotate(app)
    assert client.post("/login", data=fields).status_code == 302
    assert is_in(client)


def test_a_form_signed_with_a_forgotten_key_is_refused(app: Flask, client: PageClient) -> None:
    old = client.csrf_token("/login")
    rotate(app)
    # The session is signed anew, the token in the form is not.
    with client.session_transaction() as session:
        session["touched"] = True
    forget_older(app)
    fields = {"email": ADA.email, "password": PASSWORD}
    assert client.post("/login", data=fields | {"csrf_token": old}).status_code == 400
    assert client.post("/login", data=fields | {"csrf_token": client.csrf_token("/login")}).status_code == 302


def test_stay_signed_in_stays_and_its_cookie_is_made_anew(app: Flask, client: PageClient) -> None:
    client.submit("/login", {"email": ADA.email, "password": PASSWORD, "remember": "y"})
    client.delete_cookie("masthead")
    before = client.get_cookie("masthead-remember")
    rotate(app)
    assert is_in(client)
    after = client.get_cookie("masthead-remember")
    assert before is not None
    assert after is not None
    assert after.value != before.value
    forget_older(app)
    client.delete_cookie("masthead")
    assert is_in(client)
    client.delete_cookie("masthead")
    client.set_cookie("masthead-remember", before.value)
    assert not is_in(client)


def test_links_in_mails_go_on_working(app: Flask, client: PageClient, user_of: UserOf) -> None:
    with transaction():
        guest = invite_user(email="new@example.com", name="Nell", roles=[get_role("author")], by=user_of(ADA))
    reset, invited, guest_id = reset_token(user_of(ADA)), invitation_token(guest), guest.id
    rotate(app)
    assert client.get(f"/reset/{reset}").status_code == 200
    found, late = find_invited(invited)
    assert (found is not None and found.id, late) == (guest_id, False)
    forget_older(app)
    assert client.get(f"/reset/{reset}").headers["Location"] == "/reset"
    assert find_invited(invited) == (None, False)


def test_an_opened_entry_stays_open(app: Flask, client: PageClient) -> None:
    make_supper()
    assert client.post(ADDRESS, data={"password": "barley"}).status_code == 303
    assert client.get_cookie(COOKIE) is not None
    rotate(app)
    assert "back of the card" in client.get(ADDRESS).text
    forget_older(app)
    assert "back of the card" not in client.get(ADDRESS).text


def test_every_signature_of_the_library_is_made_with_the_newest_key(app: Flask) -> None:
    """Flask-Security hands the keys on in an order that makes itsdangerous sign with the oldest."""
    rotate(app)
    security = app.extensions["security"]
    mine = {
        name: value
        for name, value in vars(security).items()
        if name.endswith("_serializer") and isinstance(value, URLSafeTimedSerializer)
    }
    assert len(mine) > 5
    signed = {name: serializer.dumps("x") for name, serializer in mine.items()}
    forget_older(app)
    assert {name: serializer.loads(signed[name]) for name, serializer in mine.items()} == dict.fromkeys(mine, "x")


def test_the_store_of_pages_is_the_same_before_and_after(make_app: Callable[..., Flask]) -> None:
    """Machines that have the newer key and machines that have the older one tell each other what changed."""
    address = "redis://127.0.0.1:1/0"
    before, after, other = (
        make_app(CACHE_TYPE="shared", CMS_REDIS_URL=address, **more)
        for more in ({}, {"SECRET_KEY": NEW}, {"SECURITY_PASSWORD_SALT": "another site's 0123456789"})
    )
    prefixes = [next(iter(made.extensions["cache"].values()))._prefix for made in (before, after, other)]
    assert prefixes[0] == prefixes[1] != prefixes[2]


@pytest.mark.parametrize("name", ["SECRET_KEY", "SECRET_KEY_FALLBACKS"])
def test_keys_are_asked_for_when_they_are_needed(app: Flask, name: str) -> None:
    serializer = app.extensions["security"].wan_serializer
    before = serializer.secret_keys
    app.config[name] = [NEW] if name.endswith("S") else NEW
    assert serializer.secret_keys != before
