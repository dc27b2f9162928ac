"""No answer tells who has an account: not its words or length, not its headers or cookies, not the work behind it.

Seconds are not measured: what takes long is hashing and asking the database, and both are counted, statement by
statement. What takes longer for somebody who has an account (writing a mail, the record) is done by jobs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import argon2
import pytest
from flask import Flask
from sqlalchemy import event, update
from werkzeug.test import TestResponse

from cms.accounts.actions import deactivate_user, invite_user
from cms.accounts.limits import BY_ACCOUNT
from cms.accounts.models import SignIn, User
from cms.core.db import transaction
from cms.core.permissions import system_user
from cms.extensions import db
from cms.lib.clock import utcnow
from cms.settings.actions import change_settings
from tests.clients import PageClient
from tests.people import ADA, CON, SUE, Person

UserOf = Callable[[Person], User]
Door = Callable[[PageClient, str], TestResponse]
#: Of one length, so that lengths of pages can be compared.
KNOWN, UNKNOWN, CLOSED, INVITED = ADA.email, "xyz@example.com", SUE.email, "new@example.com"
NEXT = iter(range(1, 250))


@dataclass(frozen=True)
class Told:
    """Everything that an answer could tell by."""

    status: int
    page: str
    length: int
    headers: tuple[tuple[str, str], ...]
    cookies: tuple[str, ...]
    statements: tuple[str, ...]
    hashes: int


def sign_in(client: PageClient, email: str) -> TestResponse:
    return client.submit("/login", {"email": email, "password": "not the one at all"})


def sign_in_long(client: PageClient, email: str) -> TestResponse:
    return client.submit("/login", {"email": email, "password": "x" * 600})


def reset(client: PageClient, email: str) -> TestResponse:
    return client.submit("/reset", {"email": email})


def register(client: PageClient, email: str) -> TestResponse:
    return client.submit("/register", {"name": "Nell", "email": email})


def move_email(client: PageClient, email: str) -> TestResponse:
    return client.submit("/account/email", {"email": email})


def void_reset(client: PageClient, email: str) -> TestResponse:
    return client.get(f"/reset/{email}")


def void_invitation(client: PageClient, email: str) -> TestResponse:
    return client.get(f"/invitation/{email}")


def void_change(client: PageClient, email: str) -> TestResponse:
    return client.get(f"/account/email/link/{email}")


def not_me(client: PageClient, email: str) -> TestResponse:
    return client.get(f"/account/not-me/{email}")


def passkey(client: PageClient, email: str) -> TestResponse:
    """A browser names nobody when it asks for a passkey, and whatever else is sent is overlooked."""
    token = client.csrf_token("/login")
    headers = {"X-CSRFToken": token, "Accept": "application/json"}
    return client.post("/login/passkey/question", json={"email": email}, headers=headers)


def api_login(client: PageClient, email: str) -> TestResponse:
    return client.post("/api/v1/auth/login", json={"email": email, "password": "not the one at all"})


def api_login_known_program(client: PageClient, email: str) -> TestResponse:
    """The key of a device is looked for as well, whoever it belongs to."""
    sent = {"email": email, "password": "not the one at all", "device": "a-key-that-nobody-was-told"}
    return client.post("/api/v1/auth/login", json=sent)


def api_login_long(client: PageClient, email: str) -> TestResponse:
    return client.post("/api/v1/auth/login", json={"email": email, "password": "x" * 600})


def api_register(client: PageClient, email: str) -> TestResponse:
    sent = {"name": "Nell", "email": email, "password": "the ferry leaves at half past five"}
    return client.post("/api/v1/auth/register", json=sent)


DOORS: list[Door] = [
    sign_in, sign_in_long, reset, register, void_reset, void_invitation, void_change, not_me, passkey,
    api_login, api_login_known_program, api_login_long, api_register,
]  # fmt: skip
HASHING = (sign_in, api_login, api_login_known_program)


@pytest.fixture
def site(app: Flask, user_of: UserOf, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Told]:
    """A site with every sort of account, whose work is counted."""
    with transaction():
        change_settings({"registration_open": True}, by=system_user())
    with transaction():
        deactivate_user(user_of(SUE), by=system_user())
        invite_user(email=INVITED, name="Newcomer", by=system_user())
    hashed: list[str] = []
    for name in ("hash_secret", "verify_secret"):
        monkeypatch.setattr(argon2.low_level, name, _counting(getattr(argon2.low_level, name), hashed))
    # What is made once and kept is made before.
    sign_in(_stranger(app), "somebody@example.org")

    def ask(door: Door, email: str, client: PageClient | None = None) -> Told:
        client = client or _stranger(app)
        with _asked() as statements:
            hashed.clear()
            answer = door(client, email)
        return _told(answer, email, statements, len(hashed))

    return ask


def _stranger(app: Flask) -> PageClient:
    client = app.test_client()
    assert isinstance(client, PageClient)
    client.environ_base["REMOTE_ADDR"] = f"198.51.100.{next(NEXT)}"
    return client


def _counting(real: Callable[..., Any], hashed: list[str]) -> Callable[..., Any]:
    def count(*args: Any, **kwargs: Any) -> Any:
        hashed.append(real.__name__)
        return real(*args, **kwargs)

    return count


@contextmanager
def _asked() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(" ".join(statement.split()))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def _told(answer: TestResponse, email: str, statements: list[str], hashes: int) -> Told:
    page = answer.get_data(as_text=True)
    page = re.sub(r'(nonce|value|"challenge": ?|"token": ?)="?[\w.-]{20,}"?', r"\1", page).replace(email, "EMAIL")
    page = re.sub(r'"[\w=.-]{40,}"', '""', page)
    page = re.sub(r'"request_id": "\w+"', "", page)
    headers = tuple(
        (name, re.sub(r"'nonce-[^']+'", "", value).replace(email, "EMAIL"))
        for name, value in sorted(answer.headers)
        if name not in ("Set-Cookie", "Date", "X-Request-Id", "X-Request-ID")
    )
    cookies = tuple(
        re.sub(r"=[^;]+", "=", line, count=1).split("; Expires")[0] for line in answer.headers.getlist("Set-Cookie")
    )
    return Told(answer.status_code, page, len(page), headers, cookies, tuple(statements), hashes)


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_no_door_tells_who_has_an_account(site: Callable[..., Told], door: Door) -> None:
    unknown = site(door, UNKNOWN)
    for email in (KNOWN, CLOSED, INVITED):
        told = site(door, email)
        assert told == unknown, email
    assert unknown.hashes == (1 if door in HASHING else 0)


@pytest.mark.parametrize(("door", "status"), [(sign_in, 200), (api_login, 401)], ids=["page", "api"])
def test_who_is_held_up_is_held_up_alike_and_nothing_is_hashed(
    site: Callable[..., Told], door: Door, status: int
) -> None:
    told = set()
    for email in (UNKNOWN, KNOWN, CLOSED, INVITED):
        for _ in range(BY_ACCOUNT.free):
            assert site(door, email).status == status
        held_up = site(door, email)
        assert held_up.status == 429
        assert held_up.hashes == 0
        assert ("EMAIL" in held_up.page) == (door is sign_in)
        told.add(held_up)
    assert len(told) == 1


@pytest.mark.parametrize("door", [sign_in, api_login], ids=["page", "api"])
def test_the_fifth_failure_is_alike_too(site: Callable[..., Told], door: Door) -> None:
    """The one that is told in the record, and by mail to whoever has an account."""
    told = set()
    for email in (UNKNOWN, KNOWN, CLOSED):
        for _ in range(BY_ACCOUNT.free - 1):
            site(door, email)
        told.add(site(door, email))
    assert len(told) == 1


def test_the_test_can_fail(site: Callable[..., Told]) -> None:
    """A right password is another answer, in every respect."""

    def right(client: PageClient, email: str) -> TestResponse:
        return client.submit("/login", {"email": email, "password": "the ferry leaves at five"})

    one, other = site(right, KNOWN), site(right, UNKNOWN)
    assert one.status != other.status
    assert one.statements != other.statements
    assert one.cookies != other.cookies


@pytest.mark.parametrize("fresh", [True, False])
def test_another_mail_address_tells_nothing_of_others(site: Callable[..., Told], app: Flask, fresh: bool) -> None:
    client = _stranger(app).sign_in(CON)
    if not fresh:
        with transaction() as session:
            session.execute(update(SignIn).values(confirmed_at=utcnow() - timedelta(hours=1)))
    site(move_email, "somebody@example.org", client)
    told = {site(move_email, email, client) for email in (UNKNOWN, KNOWN, CLOSED)}
    assert len(told) == 1
    assert told.pop().status == (303 if fresh else 403)
