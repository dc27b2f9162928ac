"""An account by invitation, and one that a reader makes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from cms.accounts import links
from cms.accounts.actions import create_user, deactivate_user, invite_user, send_invitation
from cms.accounts.models import User
from cms.accounts.queries import get_role
from cms.core.db import current_session, transaction
from cms.core.errors import Conflict
from cms.core.permissions import system_user
from cms.settings.actions import change_settings
from tests.clients import PageClient
from tests.functional.accounts.letters import letters, link_in, without_what_varies
from tests.people import ADA, SUE, Person

UserOf = Callable[[Person], User]
PASSWORD = "a harbour at dusk"
NEW = {"password": PASSWORD, "password_confirm": PASSWORD}


@pytest.fixture
def invited(app: Flask, user_of: UserOf) -> str:
    """The mail address of somebody whom Ada invites as an author."""
    with transaction():
        invite_user(email="New@example.com", name="Nell", roles=[get_role("author")], by=user_of(ADA))
    return "new@example.com"


def record(email: str) -> User:
    return current_session().scalars(select(User).where(User.email == email)).one()


def fresh_client(app: Flask) -> PageClient:
    client = app.test_client()
    assert isinstance(client, PageClient)
    return client


def test_who_is_invited_chooses_a_password_and_is_in(app: Flask, client: PageClient, invited: str) -> None:
    (letter,) = letters()
    assert letter["to"] == invited
    assert letter["subject"] == "Your account at Masthead"
    assert "Ada made an account for you at Masthead.\nChoose a password here" in letter["text"]
    link = link_in(letter)
    page = client.get(link).get_data(as_text=True)
    assert "Welcome, Nell" in page
    assert invited in page
    answer = client.submit(link, NEW)
    assert answer.headers["Location"] == "/login/next"
    assert client.get("/login/next").headers["Location"] == "/admin/"
    user = record(invited)
    assert user.confirmed_at is not None
    assert user.role_names == ("author",)
    other = fresh_client(app)
    assert other.submit("/login", {"email": invited, "password": PASSWORD}).status_code == 302


def test_an_invitation_works_once(app: Flask, client: PageClient, invited: str) -> None:
    link = link_in(letters()[0])
    token = client.csrf_token(link)
    assert client.submit(link, NEW).status_code == 302
    late = fresh_client(app)
    assert late.get(link).status_code == 410
    token = late.csrf_token("/login")
    assert late.post(link, data={**NEW, "csrf_token": token}).status_code == 410
    assert "does not hold any more" in late.get(link).get_data(as_text=True)


def test_an_invitation_ends_with_time(client: PageClient, invited: str, monkeypatch: pytest.MonkeyPatch) -> None:
    link = link_in(letters()[0])
    monkeypatch.setattr(links, "invitation_lasts", lambda: timedelta(seconds=-1))
    answer = client.get(link)
    assert answer.status_code == 410
    assert "too old" in answer.get_data(as_text=True)


def test_an_invitation_ends_when_the_account_is_closed(client: PageClient, invited: str) -> None:
    link = link_in(letters()[0])
    with transaction():
        deactivate_user(record(invited), by=system_user())
    assert client.get(link).status_code == 410
    with transaction():
        send_invitation(record(invited), by=system_user())
    assert client.get(link).status_code == 410
    assert client.get(link_in(letters()[1])).status_code == 200


def test_before_the_password_nobody_gets_in(client: PageClient, invited: str) -> None:
    for password in ("", "None", "x", PASSWORD):
        assert client.submit("/login", {"email": invited, "password": password}).status_code == 200


def test_a_first_password_will_do_or_is_told(client: PageClient, invited: str) -> None:
    link = link_in(letters()[0])
    for fields, sentence in (
        ({"password": "short", "password_confirm": "short"}, "at least 8 characters"),
        ({"password": invited, "password_confirm": invited}, "not your mail address"),
        ({"password": PASSWORD, "password_confirm": "another"}, "The two passwords differ."),
        ({}, "Enter a password."),
    ):
        answer = client.submit(link, fields)
        assert answer.status_code == 200
        assert sentence in answer.get_data(as_text=True)
    assert record(invited).password is None


def test_the_form_does_not_choose_whose_account_it_is(client: PageClient, invited: str, user_of: UserOf) -> None:
    before = user_of(ADA).password
    more = {"username": ADA.email, "email": ADA.email, "roles": "admin", "active": "y", "id": "1"}
    assert client.submit(link_in(letters()[0]), {**NEW, **more}).status_code == 302
    assert user_of(ADA).password == before
    assert record(invited).role_names == ("author",)


def test_an_imported_author_comes_alive_by_invitation(client: PageClient) -> None:
    with transaction():
        create_user(email="old@example.com", name="Olga", active=False, by=system_user())
    assert not record("old@example.com").active
    with transaction():
        send_invitation(record("old@example.com"), by=system_user())
    assert client.submit(link_in(letters()[0]), NEW).status_code == 302
    assert record("old@example.com").active


def test_who_has_a_password_is_not_invited(user_of: UserOf) -> None:
    with pytest.raises(Conflict), transaction():
        send_invitation(user_of(SUE), by=user_of(ADA))


def open_registration() -> None:
    with transaction():
        change_settings({"registration_open": True}, by=system_user())


def test_nobody_registers_unless_the_site_says_so(client: PageClient) -> None:
    assert client.get("/register").status_code == 404
    assert "/register" not in client.get("/login").get_data(as_text=True)
    token = client.csrf_token("/login")
    fields = {"name": "Nell", "email": "new@example.com", "csrf_token": token}
    assert client.post("/register", data=fields).status_code == 404
    assert letters() == []


def test_a_reader_makes_an_account(client: PageClient) -> None:
    open_registration()
    assert "/register" in client.get("/login").get_data(as_text=True)
    more = {"roles": "admin", "role": "admin", "active": "y", "slug": "owner"}
    answer = client.submit("/register", {"name": "Nell", "email": "new@example.com", **more})
    assert answer.status_code == 200
    (letter,) = letters()
    assert client.submit(link_in(letter), NEW).status_code == 302
    user = record("new@example.com")
    assert (user.role_names, user.slug) == (("subscriber",), "nell")
    assert client.get("/login/next").headers["Location"] == "/"


def test_registering_tells_nobody_who_has_an_account(client: PageClient, user_of: UserOf) -> None:
    open_registration()
    with transaction():
        deactivate_user(user_of(SUE), by=system_user())
    told = set()
    for email in ("new@example.com", ADA.email, SUE.email):
        answer = client.submit("/register", {"name": "Nell", "email": email})
        told.add(without_what_varies(answer.get_data(as_text=True), email))
    assert len(told) == 1
    sent = {letter["to"]: letter["text"] for letter in letters()}
    assert set(sent) == {"new@example.com", ADA.email}
    assert "You have one already." in sent[ADA.email]
    assert "/invitation/" not in sent[ADA.email]


@pytest.mark.parametrize(
    "fields",
    [{"name": "", "email": "new@example.com"}, {"name": "a@b.example", "email": "new@example.com"},
     {"name": "Nell", "email": "new"}, {"name": "Nell", "email": ""}, {"name": "—", "email": "new@example.com"}],
)  # fmt: skip
def test_what_a_reader_left_out_is_told(client: PageClient, fields: dict[str, str]) -> None:
    open_registration()
    answer = client.submit("/register", fields)
    assert answer.status_code == 200
    assert "invalid-feedback" in answer.get_data(as_text=True)
    assert letters() == []
