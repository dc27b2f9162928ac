"""Passwords: what is taken and what is not, hashed as it should be, renewed when rules change."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from argon2 import PasswordHasher, Type, extract_parameters
from flask import Flask
from flask_security.utils import get_hmac
from passlib.hash import argon2
from sqlalchemy import select

from cms.accounts.models import User
from cms.accounts.passwords import ADVISED, LONGEST, SHORTEST, hash_new_password, problem_with
from cms.core.db import current_session, transaction
from cms.core.errors import Invalid
from cms.core.permissions import system_user
from cms.settings.actions import change_settings
from tests.clients import PageClient
from tests.people import ADA, PASSWORD, SUE, Person

As = Callable[[Person], PageClient]
UserOf = Callable[[Person], User]


def change(client: PageClient, new: str) -> str | None:
    """Change the password and return what was wrong with it, or None."""
    answer = client.submit("/change", {"password": PASSWORD, "new_password": new, "new_password_confirm": new})
    if answer.status_code == 302:
        return None
    found = [node.text() for node in client.page("/change").css(".invalid-feedback")]
    return " ".join(found) or answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("new", "told"),
    [
        ("password1", "Many people have this password"),
        ("PASSWORD123", "Many people have this password"),
        ("asdfghjkl;zxcv", "Keys side by side"),
        ("abcdefgh1234", "Keys side by side"),
        ("xyzwxyzwxyzw", "Keys side by side"),
        ("ada@example", "everybody knows"),
        ("Ada-Example-7", "everybody knows"),
        ("HarbourChronicle", "everybody knows"),
        ("7 chars", "at least 8 characters"),
        ("x y" * 171, "at most 512 characters"),
    ],
)
def test_what_is_guessed_first_is_refused_with_a_sentence(app: Flask, as_: As, new: str, told: str) -> None:
    with transaction():
        change_settings({"name": "The Harbour Chronicle"}, by=system_user())
    page = change(as_(ADA), new)
    assert page is not None
    assert told in page


@pytest.mark.parametrize(
    "new",
    [
        "kettle on", "correct horse battery staple", "пароход уходит в пять", "船は五時に出ます朝", "🚢🌊🐟🦀🐚⚓🧭🌅",
        "  spaces around it  ", "ALL CAPITALS HERE", "no-digits-no-capitals", "é" * 3 + "combined e\u0301\u0327 marks",
        ("seven herons on a jetty. " * 21)[:LONGEST],
    ],
)  # fmt: skip
def test_anything_else_is_taken_and_opens_the_account(app: Flask, as_: As, new: str) -> None:
    assert len(new) <= LONGEST
    assert change(as_(ADA), new) is None
    client = app.test_client()
    assert isinstance(client, PageClient)
    assert client.submit("/login", {"email": ADA.email, "password": new}).status_code == 302


def test_the_same_letters_typed_otherwise_are_the_same_password(app: Flask, as_: As) -> None:
    assert change(as_(ADA), "caf\u00e9 at the harbour") is None
    client = app.test_client()
    assert isinstance(client, PageClient)
    assert client.submit("/login", {"email": ADA.email, "password": "cafe\u0301 at the harbour"}).status_code == 302


def test_length_is_asked_for_and_composition_is_not(app: Flask) -> None:
    assert (SHORTEST, ADVISED, LONGEST) == (8, 15, 512)
    assert problem_with("kettle on") is None
    with pytest.raises(Invalid):
        hash_new_password("kettle")


@pytest.mark.parametrize("path", ["/change", "/login"])
def test_nothing_keeps_people_from_pasting_or_from_a_manager(as_: As, client: PageClient, path: str) -> None:
    page = (client if path == "/login" else as_(SUE)).page(path)
    fields = page.css("input[type=password]")
    assert fields
    for field in fields:
        assert "maxlength" not in field.attributes
        assert "onpaste" not in field.attributes
        assert field.attributes["autocomplete"] in ("current-password", "new-password")
    if path == "/change":
        assert "15 or more are better" in page.text()


@pytest.mark.usefixtures("in_earnest")
def test_hashes_are_argon2id_with_the_costs_that_are_advised(app: Flask) -> None:
    """As OWASP advises: 19 MiB, two passes, one lane."""
    found = extract_parameters(hash_new_password("seven herons on a jetty"))
    assert found.type is Type.ID
    assert (found.memory_cost, found.time_cost, found.parallelism) == (19_456, 2, 1)
    assert (found.hash_len, found.salt_len) >= (16, 16)


def test_one_password_has_two_hashes(app: Flask) -> None:
    assert hash_new_password("seven herons on a jetty") != hash_new_password("seven herons on a jetty")


@pytest.mark.usefixtures("in_earnest")
def test_an_old_hash_is_renewed_at_the_sign_in(app: Flask, user_of: UserOf) -> None:
    weak = argon2.using(memory_cost=8192, time_cost=1)
    with transaction():
        user_of(ADA).password = weak.hash(get_hmac(PASSWORD))
    before = current_session().scalar(select(User.password).where(User.email == ADA.email))
    assert extract_parameters(str(before)).time_cost == 1
    client = app.test_client()
    assert isinstance(client, PageClient)
    client.sign_in(ADA)
    after = current_session().scalar(select(User.password).where(User.email == ADA.email))
    assert extract_parameters(str(after)).time_cost == 2
    again = app.test_client()
    assert isinstance(again, PageClient)
    again.sign_in(ADA)


def test_hashing_never_waits_inside_a_transaction(app: Flask) -> None:
    with transaction(), pytest.raises(RuntimeError):
        hash_new_password("seven herons on a jetty")


def test_a_hash_of_another_kind_opens_nothing(client: PageClient, user_of: UserOf) -> None:
    with transaction():
        user_of(ADA).password = PasswordHasher(time_cost=1, memory_cost=8192, type=Type.I).hash(PASSWORD)
    assert client.submit("/login", {"email": ADA.email, "password": PASSWORD}).status_code == 200
