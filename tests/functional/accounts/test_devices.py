"""Known devices: a cookie that opens nothing by itself."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select, update

from cms.accounts.actions import deactivate_user
from cms.accounts.devices import COOKIE, LASTS
from cms.accounts.jobs import forget_sign_ins
from cms.accounts.links import reset_token
from cms.accounts.models import Challenge, Device, User
from cms.core.db import current_session, transaction
from cms.core.permissions import system_user
from cms.lib.clock import utcnow
from tests.clients import PageClient
from tests.functional.accounts.factors import fresh_client, is_signed_in
from tests.people import ART, ED, Person

UserOf = Callable[[Person], User]
OTHER = "the ferry leaves at half past five"


def sign_out(client: PageClient) -> None:
    client.post("/logout", data={"csrf_token": client.csrf_token("/account/")})


def cookie_of(client: PageClient) -> str:
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    return cookie.value


def count() -> int:
    return current_session().scalar(select(func.count(Device.id))) or 0


def test_a_device_is_known_by_a_key_that_the_database_does_not_hold(client: PageClient) -> None:
    client.sign_in(ART)
    key = cookie_of(client)
    assert len(key) == 43
    row = current_session().scalars(select(Device)).one()
    assert key not in row.key_hash
    assert row.expires_at - row.created_at == LASTS


def test_the_cookie_alone_opens_nothing(app: Flask, client: PageClient) -> None:
    client.sign_in(ART)
    thief = fresh_client(app)
    thief.set_cookie(COOKIE, cookie_of(client))
    assert not is_signed_in(thief)


def test_the_key_is_another_after_each_sign_in_and_the_device_the_same(client: PageClient) -> None:
    client.sign_in(ART)
    first = cookie_of(client)
    sign_out(client)
    client.sign_in(ART)
    assert cookie_of(client) != first
    assert count() == 1


def test_people_who_share_a_browser_are_both_known_in_it(client: PageClient) -> None:
    for person in (ART, ED, ART):
        client.sign_in(person)
        sign_out(client)
    assert count() == 2
    assert len(set(current_session().scalars(select(Device.key_hash)))) == 1


def test_a_key_that_somebody_planted_is_worth_nothing_afterwards(app: Flask, client: PageClient) -> None:
    attacker = fresh_client(app).sign_in(ED)
    planted = cookie_of(attacker)
    client.set_cookie(COOKIE, planted)
    client.sign_in(ART)
    assert cookie_of(client) != planted
    hashes = set(current_session().scalars(select(Device.key_hash)))
    assert hashlib.sha256(planted.encode()).hexdigest() not in hashes


def test_another_password_or_a_closed_account_forgets_every_device(app: Flask, user_of: UserOf) -> None:
    fresh_client(app).sign_in(ART)
    fresh_client(app).sign_in(ART)
    assert count() == 2
    link = f"/reset/{reset_token(user_of(ART))}"
    current_session().rollback()
    fresh_client(app).submit(link, {"password": OTHER, "password_confirm": OTHER})
    assert count() == 0
    client = fresh_client(app)
    client.submit("/login", {"email": ART.email, "password": OTHER})
    assert count() == 1
    with transaction():
        deactivate_user(user_of(ART), by=system_user())
    assert count() == 0


def test_devices_and_challenges_of_long_ago_are_forgotten(client: PageClient) -> None:
    client.sign_in(ART)
    with transaction() as session:
        session.execute(update(Device).values(expires_at=utcnow() - timedelta(seconds=1)))
        session.add(Challenge(kind="x", key_hash="x", created_at=utcnow(), expires_at=utcnow()))
    current_session().rollback()
    forget_sign_ins()
    assert count() == 0
    assert current_session().scalar(select(func.count(Challenge.id))) == 0
