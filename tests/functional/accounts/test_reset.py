"""A new password by mail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from cms.accounts import links
from cms.accounts.actions import change_email, deactivate_user
from cms.accounts.links import reset_link, reset_token
from cms.accounts.models import User
from cms.core.db import current_session, transaction
from cms.core.jobs import Job
from cms.core.permissions import system_user
from cms.core.secrets import CurrentSerializer
from tests.clients import PageClient
from tests.functional.accounts.letters import letters, link_in, without_what_varies
from tests.people import ADA, ART, PASSWORD, Person

UserOf = Callable[[Person], User]
OTHER = "the ferry leaves at half past five"
NEW = {"password": OTHER, "password_confirm": OTHER}


def ask(client: PageClient, email: str, **options: object) -> str:
    answer = client.submit("/reset", {"email": email}, **options)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def may_sign_in(app: Flask, person: Person, password: str) -> bool:
    client = app.test_client()
    assert isinstance(client, PageClient)
    return client.submit("/login", {"email": person.email, "password": password}).status_code == 302


def test_the_answer_is_the_same_whoever_it_is(client: PageClient, user_of: UserOf) -> None:
    with transaction():
        deactivate_user(user_of(ART), by=system_user())
    told = {without_what_varies(ask(client, email), email) for email in (ADA.email, "nobody@example.com", ART.email)}
    assert len(told) == 1
    assert [letter["to"] for letter in letters()] == [ADA.email]


def test_a_link_gives_a_new_password_once(app: Flask, client: PageClient) -> None:
    elsewhere = app.test_client()
    assert isinstance(elsewhere, PageClient)
    elsewhere.sign_in(ADA)
    ask(client, ADA.email.upper())
    (letter,) = letters()
    link = link_in(letter)
    assert client.submit(link, NEW).headers["Location"] == "/login"
    assert may_sign_in(app, ADA, OTHER)
    assert not may_sign_in(app, ADA, PASSWORD)
    assert elsewhere.get("/change").status_code == 302
    for attempt in (client.get(link), client.post(link, data={**NEW, "csrf_token": client.csrf_token("/reset")})):
        assert attempt.headers["Location"] == "/reset"
    assert "does not work any more" in client.get("/reset").get_data(as_text=True)
    assert [letter["subject"] for letter in letters()][1:] == ["Your password at Masthead was changed"]


def test_a_link_ends_with_time_another_password_address_or_account(
    app: Flask, client: PageClient, user_of: UserOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = f"/reset/{reset_token(user_of(ADA))}"
    assert client.get(link).status_code == 200
    with monkeypatch.context() as patch:
        patch.setitem(app.config, "SECURITY_RESET_PASSWORD_WITHIN", timedelta(seconds=-1))
        assert client.get(link).headers["Location"] == "/reset"
        assert "too old" in client.get("/reset").get_data(as_text=True)
    other = user_of(ART)
    link_of_art = f"/reset/{reset_token(other)}"
    with transaction():
        change_email(user_of(ART), email="art.new@example.com", by=system_user())
    assert client.get(link_of_art).headers["Location"] == "/reset"
    again = current_session().scalars(select(User).where(User.email == "art.new@example.com")).one()
    link_of_art = f"/reset/{reset_token(again)}"
    with transaction():
        deactivate_user(again, by=system_user())
    assert client.get(link_of_art).headers["Location"] == "/reset"
    ada = app.test_client()
    assert isinstance(ada, PageClient)
    ada.sign_in(ADA)
    ada.submit("/change", {"password": PASSWORD, "new_password": OTHER, "new_password_confirm": OTHER})
    assert client.get(link).headers["Location"] == "/reset"


@pytest.mark.parametrize("token", ["x", "a.b.c", "é", "." * 500, "WyJ4Il0.abc.def"])
def test_an_invented_link_is_void(client: PageClient, token: str) -> None:
    assert client.get(f"/reset/{token}").headers["Location"] == "/reset"


def test_a_token_for_one_thing_is_worth_nothing_for_another(client: PageClient, user_of: UserOf) -> None:
    uniquifier = user_of(ADA).fs_uniquifier
    for salt in ("masthead-invitation", "remember-salt", "cookie-session"):
        token = CurrentSerializer(salt).dumps([uniquifier, None])
        assert client.get(f"/reset/{token}").headers["Location"] == "/reset"
    assert client.get(f"/invitation/{reset_token(user_of(ADA))}").status_code == 410


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "localhost", "X-Forwarded-Host": "evil.example"},
        {"Host": "localhost", "Forwarded": "host=evil.example"},
        {"Host": "localhost", "X-Original-Host": "evil.example", "X-Host": "evil.example"},
        {"Host": "localhost:evil.example"},
        {"Host": "localhost@evil.example"},
    ],
)
def test_the_link_never_takes_the_host_of_the_request(client: PageClient, headers: dict[str, str]) -> None:
    token = client.csrf_token("/reset")
    client.post("/reset", data={"email": ADA.email, "csrf_token": token}, headers=headers)
    for letter in letters():
        assert "evil" not in letter["text"]
        assert letter["text"].count("http://localhost/") == letter["text"].count("http")


def test_a_letter_written_in_a_request_does_not_take_its_host_either(client: PageClient) -> None:
    """The site also answers to 127.0.0.1; links in mails stand on its own address all the same."""
    options = {"base_url": "http://127.0.0.1"}
    page = client.get("/login", **options).get_data(as_text=True)
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    fields = {"email": ADA.email, "password": PASSWORD, "csrf_token": token}
    assert client.post("/login", data=fields, **options).status_code == 302
    page = client.get("/change", **options).get_data(as_text=True)
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    fields = {"password": PASSWORD, "new_password": OTHER, "new_password_confirm": OTHER, "csrf_token": token}
    assert client.post("/change", data=fields, **options).status_code == 302
    (letter,) = letters()
    assert "http://localhost/account/not-me/" in letter["text"]
    assert "127.0.0.1" not in letter["text"]


def test_links_stand_on_the_address_of_the_site(make_app: Callable[..., Flask]) -> None:
    app = make_app(CMS_BASE_URL="https://chronicle.example")
    with app.app_context():
        ada = current_session().scalars(select(User).where(User.email == ADA.email)).one()
        assert reset_link(ada).startswith("https://chronicle.example/reset/")


@pytest.mark.parametrize(
    "address",
    [
        "ada@example.com,eve@evil.example",
        "ada@example.com;eve@evil.example",
        "ada@example.com\r\nBcc: eve@evil.example",
        "ada@example.com%0d%0aBcc:eve@evil.example",
        "ada@example.com\u2028eve@evil.example",
        "ada@example.com eve@evil.example",
        "Ada <ada@example.com>",
        "<ada@example.com>",
        "",
    ],
)
def test_a_mail_goes_to_one_address_or_to_none(client: PageClient, address: str) -> None:
    client.submit("/reset", {"email": address})
    assert current_session().scalar(select(func.count(Job.id))) == 0


def test_secrets_that_change_take_their_links_along(app: Flask, client: PageClient, user_of: UserOf) -> None:
    """The command line may give an application its lasting secrets after the start."""
    app.config["SECRET_KEY"] = "another key that is used in tests and nowhere else"
    link = f"/reset/{reset_token(user_of(ADA))}"
    assert client.get(link).status_code == 200
    app.config["SECRET_KEY"] = "a third key that is used in tests and nowhere else"
    assert client.get(link).headers["Location"] == "/reset"
    app.config["SECRET_KEY_FALLBACKS"] = ["another key that is used in tests and nowhere else"]
    assert client.get(link).status_code == 200
    assert links.invitation_lasts() > links.RESET_LASTS
