"""“Was this you?”: told where it is news, and a page that puts everybody out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from cms.accounts.actions import deactivate_user
from cms.accounts.models import Device, SignIn, User
from cms.accounts.safety_links import NOT_ME_LASTS, not_me_link
from cms.audit.models import AuditEntry
from cms.core.db import current_session, transaction
from cms.core.permissions import system_user
from tests.clients import PageClient
from tests.functional.accounts.letters import letters, link_in
from tests.people import ADA, PASSWORD, SUE, Person

UserOf = Callable[[Person], User]
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
NEW = {"password": "seven herons on a jetty", "password_confirm": "seven herons on a jetty"}


def browser(app: Flask, ip: str = "192.0.2.1") -> PageClient:
    client = app.test_client()
    assert isinstance(client, PageClient)
    client.environ_base.update({"HTTP_USER_AGENT": FIREFOX, "REMOTE_ADDR": ip})
    return client


def told_of_devices() -> list[dict[str, str]]:
    return [letter for letter in letters() if "Somebody signed in" in letter["subject"]]


def test_only_a_browser_that_is_new_is_told(app: Flask) -> None:
    first = browser(app).sign_in(ADA)
    first.post("/logout", data={"csrf_token": first.csrf_token("/account/")})
    first.sign_in(ADA)
    assert told_of_devices() == []
    browser(app, "203.0.113.9").sign_in(ADA)
    (letter,) = told_of_devices()
    assert letter["to"] == ADA.email
    for told in ("Firefox on Windows", "203.0.113.9", "When: ", "/account/not-me/"):
        assert told in letter["text"]


def test_the_page_puts_everybody_out_and_leads_to_another_password(app: Flask, user_of: UserOf) -> None:
    owner = browser(app).sign_in(ADA)
    thief = browser(app, "203.0.113.9").sign_in(ADA)
    (letter,) = told_of_devices()
    link = link_in(letter)
    reader = browser(app)
    for method in ("GET", "HEAD"):
        assert reader.open(link, method=method).status_code == 200
    assert reader.post(link).status_code == 400
    assert thief.get("/account/").status_code == 200
    answer = reader.submit(link)
    assert answer.status_code == 303
    for client in (owner, thief):
        assert client.get("/account/").status_code == 302
    assert current_session().scalars(select(SignIn)).all() == []
    assert current_session().scalars(select(Device)).all() == []
    assert reader.submit(answer.headers["Location"], NEW).headers["Location"] == "/login"
    assert browser(app).submit("/login", {"email": ADA.email, "password": PASSWORD}).status_code == 200
    assert browser(app).submit("/login", {"email": ADA.email, "password": NEW["password"]}).status_code == 302
    assert reader.get(link).status_code == 410
    acts = current_session().scalars(select(AuditEntry.act).where(AuditEntry.actor_id == user_of(ADA).id)).all()
    assert "user.secured" in acts


def test_the_link_is_for_one_person_one_use_and_three_days(app: Flask, user_of: UserOf) -> None:
    sue = browser(app).sign_in(SUE)
    link = not_me_link(user_of(ADA)).removeprefix("http://localhost")
    assert timedelta(days=3) == NOT_ME_LASTS
    for wrong in (link[:-2], link + "x", f"{link[:-20]}{'A' * 20}", "/account/not-me/x"):
        assert browser(app).get(wrong).status_code == 410
    assert browser(app).submit(link).status_code == 303
    assert browser(app).get(link).status_code == 410
    assert sue.get("/account/").status_code == 200
    closed = not_me_link(user_of(SUE)).removeprefix("http://localhost")
    with transaction():
        deactivate_user(user_of(SUE), by=system_user())
    assert browser(app).get(closed).status_code == 410


def test_another_password_is_told_with_the_way_out(app: Flask) -> None:
    client = browser(app).sign_in(SUE)
    fields = {"password": PASSWORD, "new_password": NEW["password"], "new_password_confirm": NEW["password"]}
    assert client.submit("/change", fields).status_code == 302
    (letter,) = letters()
    assert "was changed" in letter["subject"]
    assert browser(app).submit(link_in(letter)).status_code == 303
    assert client.get("/account/").status_code == 302
