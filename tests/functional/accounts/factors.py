"""Setting up second factors as people do, through the pages."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from cms.accounts.actions.make_recovery_codes import make_recovery_codes
from cms.accounts.authenticators import PURPOSE
from cms.accounts.models import Authenticator, Role, User
from cms.core.db import current_session, transaction
from cms.core.secrets import unseal
from cms.lib.clock import utcnow
from cms.lib.totp import STEP_SECONDS, code_at, step_at
from tests.clients import PageClient
from tests.functional.accounts.keys import SoftKey
from tests.people import PASSWORD, Person

STEP = timedelta(seconds=STEP_SECONDS)


def fresh_client(app: Flask) -> PageClient:
    """Return a browser of its own, without cookies."""
    client = app.test_client()
    assert isinstance(client, PageClient)
    return client


def token(client: PageClient, page: str) -> str:
    """Return the token that the scripts of a page send along."""
    found = client.page(page).css_first("[data-csrf]")
    return (found.attributes.get("data-csrf") or "") if found is not None else client.csrf_token(page)


def send(client: PageClient, path: str, data: object, *, csrf: str) -> TestResponse:
    """Send JSON as the site's scripts do."""
    return client.post(path, json=data, headers={"X-CSRFToken": csrf, "Accept": "application/json"})


def add_passkey(client: PageClient, key: SoftKey, *, name: str = "", page: str = "/account/") -> TestResponse:
    """Add a passkey through the page; the answer of the last step."""
    csrf = token(client, page)
    question = send(client, "/account/passkeys/question", {}, csrf=csrf)
    assert question.status_code == 200, question.get_data(as_text=True)
    return send(client, "/account/passkeys/new", {"answer": key.make(question.json or {}), "name": name}, csrf=csrf)


def ask(client: PageClient) -> tuple[dict[str, Any], str]:
    """Return the question of the sign-in page, and its token."""
    csrf = client.csrf_token("/login")
    question = send(client, "/login/passkey/question", {}, csrf=csrf)
    assert question.status_code == 200
    return question.json or {}, csrf


def show_passkey(client: PageClient, key: SoftKey, **more: Any) -> TestResponse:
    """Sign in with a passkey; the answer of the last step."""
    question, csrf = ask(client)
    return send(client, "/login/passkey", {"answer": key.show(question), **more}, csrf=csrf)


def enter_password(client: PageClient, person: Person, **more: str) -> TestResponse:
    """Take the first step: mail address and password."""
    return client.submit("/login", {"email": person.email, "password": PASSWORD, **more})


def secret_of(user: User) -> str:
    """Return the secret that site and app share."""
    row = current_session().get(Authenticator, user.id)
    assert row is not None
    return unseal(row.secret, purpose=PURPOSE)


def app_code(user: User, *, at: datetime | None = None) -> str:
    """Return what the person's app shows now."""
    return code_at(secret_of(user), step_at(at or utcnow()))


def set_up_app(client: PageClient, user: User) -> None:
    """Set up an authenticator app through its page."""
    answer = client.submit("/account/", form="form[action='/account/authenticator/begin']")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/authenticator")
    shown = client.submit("/account/authenticator", {"code": app_code(user)})
    assert shown.status_code == 303, shown.get_data(as_text=True)
    let_steps_pass(user)


def let_steps_pass(user: User) -> None:
    """Have the code that was used last be one of long ago, so that the one of now counts."""
    with transaction() as session:
        session.execute(update(Authenticator).where(Authenticator.user_id == user.id).values(last_step=0))


def make_codes(user: User) -> list[str]:
    """Make recovery codes."""
    with transaction() as session:
        fresh = session.get_one(User, user.id)
        return make_recovery_codes(fresh, by=fresh)


def ask_for_second_factor(role: str) -> None:
    """Have a role ask for a second factor."""
    with transaction() as session:
        session.execute(update(Role).where(Role.name == role).values(requires_second_factor=True))


def role_named(name: str) -> Role:
    """Return a role."""
    return current_session().scalars(select(Role).where(Role.name == name)).one()


def page_of(answer: TestResponse) -> LexborHTMLParser:
    """Return the parsed page of an answer."""
    return LexborHTMLParser(answer.get_data(as_text=True))


def code_in(letter: dict[str, Any]) -> str:
    """Return the six digits of a mail."""
    found = re.search(r"^([0-9]{6})$", letter["text"], re.MULTILINE)
    assert found is not None, letter["text"]
    return found.group(1)


def is_signed_in(client: PageClient) -> bool:
    """Tell whether the person's own page opens."""
    answer = client.get("/account/")
    assert answer.status_code in (200, 302)
    return answer.status_code == 200
