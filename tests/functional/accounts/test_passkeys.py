"""Passkeys: made, shown, renamed, removed; and every lie of an authenticator refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from cms.accounts import passkey_questions
from cms.accounts.actions import change_email, deactivate_user
from cms.accounts.models import Challenge, Passkey, SignIn, User
from cms.accounts.passkey_questions import LASTS
from cms.core.db import current_session, transaction
from cms.core.permissions import system_user
from cms.lib.clock import utcnow
from tests.clients import PageClient
from tests.functional.accounts.factors import (
    add_passkey,
    ask,
    fresh_client,
    is_signed_in,
    send,
    show_passkey,
    token,
)
from tests.functional.accounts.keys import SoftKey
from tests.functional.accounts.letters import letters
from tests.needs import needs
from tests.people import ADA, ART, ED, SUE, Person

As = Callable[[Person], PageClient]
UserOf = Callable[[Person], User]
REFUSED = "This passkey does not open an account here. Use another one, or your password."


@pytest.fixture
def key(as_: As) -> SoftKey:
    """Art's passkey, just made."""
    made = SoftKey()
    answer = add_passkey(as_(ART), made, name="Art's telephone")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return made


def kept() -> Passkey:
    return current_session().scalars(select(Passkey)).one()


def newest_sign_in() -> SignIn:
    return current_session().scalars(select(SignIn).order_by(SignIn.id.desc())).first() or pytest.fail("nobody is in")


# -- making ----------------------------------------------------------------------------------------------


def test_a_passkey_is_kept_with_what_its_person_needs_to_know_it_again(key: SoftKey, as_: As) -> None:
    passkey = kept()
    assert (passkey.name, passkey.transports, passkey.backed_up) == ("Art's telephone", ["internal"], False)
    page = as_(ART).page("/account/")
    assert "Art's telephone" in page.css_first("#passkeys").text()
    assert "not used yet" in page.css_first("#passkeys").text()
    assert [letter["subject"] for letter in letters()] == ["A passkey was added to your account at Masthead"]


def test_who_makes_the_first_passkey_is_offered_recovery_codes(as_: As) -> None:
    answer = add_passkey(as_(ART), SoftKey())
    assert answer.json == {"next": "/account/recovery-codes"}


def test_the_question_asks_for_what_is_needed_and_no_more(as_: As, key: SoftKey) -> None:
    client = as_(ART)
    csrf = token(client, "/account/")
    asked = send(client, "/account/passkeys/question", {}, csrf=csrf).json or {}
    assert asked["rp"] == {"id": "localhost", "name": "Masthead"}
    assert asked["attestation"] == "none"
    assert asked["authenticatorSelection"]["residentKey"] == "preferred"
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert [item["alg"] for item in asked["pubKeyCredParams"]] == [-7, -8, -257]
    assert [item["id"] for item in asked["excludeCredentials"]] == [kept().credential_id]
    assert asked["user"]["id"] == key.passkeys[0].handle
    assert len(asked["user"]["id"]) == 86


def test_an_address_with_an_apostrophe_has_passkeys(app: Flask, as_: As, user_of: UserOf) -> None:
    with transaction():
        change_email(user_of(ART), email="o'brien@example.com", by=system_user())
    client, key = fresh_client(app), SoftKey()
    brien = Person("O'Brien", "author")
    client.submit("/login", {"email": "o'brien@example.com", "password": "the ferry leaves at five"})
    csrf = token(client, "/account/")
    asked = send(client, "/account/passkeys/question", {}, csrf=csrf).json or {}
    assert asked["user"]["name"] == brien.email == "o'brien@example.com"
    assert add_passkey(client, key, name="O'Brien's <b>key</b>").status_code == 200
    assert "O'Brien's <b>key</b>" in client.page("/account/").css_first("#passkeys").text()
    assert show_passkey(fresh_client(app), key).status_code == 200


def lie(key: SoftKey, **more: Any) -> SoftKey:
    for name, value in more.items():
        setattr(key, name, value)
    return key


LIES: dict[str, dict[str, Any]] = {
    "another origin": {"origin": "https://localhost.evil.example"},
    "another port": {"origin": "http://localhost:8080"},
    "another scheme": {"origin": "https://localhost"},
    "another host": {"host": "example.com"},
    "nobody verified": {"verified": False},
    "in a frame of another site": {"cross_origin": True},
    "an answer to something else": {"kind": "payment.get"},
}


@pytest.mark.parametrize("told", LIES.values(), ids=LIES)
def test_no_passkey_is_made_with_a_lie(as_: As, told: dict[str, Any]) -> None:
    answer = add_passkey(as_(ART), lie(SoftKey(), **told))
    assert (answer.status_code, answer.json) == (422, {"error": REFUSED})
    assert current_session().scalar(select(Passkey.id)) is None


def test_nobody_makes_the_same_passkey_twice_or_that_of_another(as_: As, key: SoftKey) -> None:
    for person in (ART, ED):
        client = as_(person)
        csrf = token(client, "/account/")
        question = send(client, "/account/passkeys/question", {}, csrf=csrf).json or {}
        answer = key.make(question)
        key.passkeys.pop()
        forged = _with_id(answer, key)
        assert send(client, "/account/passkeys/new", {"answer": forged}, csrf=csrf).status_code == 409
    assert kept().name == "Art's telephone"


def _with_id(answer: dict[str, Any], key: SoftKey) -> dict[str, Any]:
    data = base64url_to_bytes(answer["response"]["attestationObject"])
    mine, theirs = base64url_to_bytes(answer["id"]), key.passkeys[0].id
    name = bytes_to_base64url(theirs)
    told = {**answer["response"], "attestationObject": bytes_to_base64url(data.replace(mine, theirs))}
    return {**answer, "id": name, "rawId": name, "response": told}


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"answer": None},
        {"answer": "x"},
        {"answer": {"id": 1}},
        {"answer": {"id": "x", "response": {}}},
        {"answer": {"id": "x", "response": {"clientDataJSON": "!"}}},
        {"answer": {"id": "x", "response": {"clientDataJSON": "bnVsbA"}}},
        {"answer": {"id": "x", "response": {"clientDataJSON": "eyJjaGFsbGVuZ2UiOjF9"}}},
        {"answer": {"id": "x", "response": {"clientDataJSON": "eyJjaGFsbGVuZ2UiOiLDqSJ9"}}},
    ],
)
def test_whatever_is_sent_is_answered_in_a_sentence(as_: As, client: PageClient, body: object) -> None:
    csrf = token(as_(ART), "/account/")
    for sender, path, token_ in (
        (as_(ART), "/account/passkeys/new", csrf),
        (client, "/login/passkey", client.csrf_token("/login")),
    ):
        answer = send(sender, path, body, csrf=token_)
        assert answer.status_code == 422, path
        assert set(answer.json or {}) == {"error"}


def test_scripts_send_a_token_too(as_: As, client: PageClient) -> None:
    for path in ("/account/passkeys/question", "/account/passkeys/new", "/account/passkeys/confirm"):
        assert as_(ART).post(path, json={}).status_code == 400, path
    for path in ("/login/passkey/question", "/login/passkey", "/login/second-step/question"):
        assert client.post(path, json={}).status_code == 400, path


def test_a_stale_sign_in_makes_no_passkey(as_: As) -> None:
    client = as_(ART)
    csrf = token(client, "/account/")
    with transaction() as session:
        session.execute(update(SignIn).values(confirmed_at=utcnow() - timedelta(hours=1)))
    answer = send(client, "/account/passkeys/question", {}, csrf=csrf)
    assert answer.status_code == 403
    assert (answer.json or {})["confirm"] == "/verify"


def test_another_passkey_ends_no_sign_in_but_the_first_ends_the_others(app: Flask, as_: As) -> None:
    elsewhere = fresh_client(app).sign_in(ART)
    add_passkey(as_(ART), SoftKey())
    assert not is_signed_in(elsewhere)
    assert is_signed_in(as_(ART))
    key = SoftKey()
    add_passkey(as_(ART), key)
    show_passkey(elsewhere, key)
    add_passkey(as_(ART), SoftKey())
    assert is_signed_in(elsewhere)


# -- signing in ------------------------------------------------------------------------------------------


def test_a_passkey_signs_in_without_name_or_password(app: Flask, key: SoftKey) -> None:
    client = fresh_client(app)
    answer = show_passkey(client, key)
    assert (answer.status_code, answer.json) == (200, {"next": "/login/next"})
    assert client.get("/login/next").headers["Location"] == "/admin/"
    found = newest_sign_in()
    assert (found.method, found.second_factor, found.remembered) == ("passkey", True, False)
    assert kept().sign_count == 1
    assert kept().last_used_at is not None


def test_a_passkey_goes_on_to_where_one_wanted_and_nowhere_else(app: Flask, key: SoftKey) -> None:
    for wanted, target in (
        ("/admin/posts/", "/admin/posts/"),
        ("https://evil.example/", "/login/next"),
        (7, "/login/next"),
    ):
        assert show_passkey(fresh_client(app), key, next=wanted).json == {"next": target}


def test_who_stays_signed_in_does_so_with_a_passkey_too(app: Flask, key: SoftKey) -> None:
    client = fresh_client(app)
    show_passkey(client, key, remember=True)
    assert newest_sign_in().remembered
    assert client.get_cookie("masthead-remember") is not None


def test_a_passkey_that_never_counts_is_taken_again_and_again(app: Flask, as_: As) -> None:
    key = SoftKey(counts=False, backed_up=True)
    add_passkey(as_(ART), key)
    for _time in range(3):
        assert show_passkey(fresh_client(app), key).status_code == 200
    assert kept().backed_up
    assert "on all your devices" in as_(ART).page("/account/").css_first("#passkeys").text()


@pytest.mark.parametrize("told", LIES.values(), ids=LIES)
def test_nobody_gets_in_with_a_lie(app: Flask, key: SoftKey, told: dict[str, Any]) -> None:
    client = fresh_client(app)
    answer = show_passkey(client, lie(key, **told))
    assert (answer.status_code, answer.json) == (422, {"error": REFUSED})
    assert not is_signed_in(client)
    assert kept().last_used_at is None


@pytest.mark.parametrize("part", ["signature", "authenticatorData", "clientDataJSON", "userHandle"])
def test_nobody_gets_in_with_an_answer_that_was_touched(app: Flask, key: SoftKey, part: str) -> None:
    client = fresh_client(app)
    question, csrf = ask(client)
    answer = key.show(question)
    text = answer["response"][part]
    middle = len(text) // 2
    answer["response"][part] = text[:middle] + ("A" if text[middle] != "A" else "B") + text[middle + 1 :]
    assert send(client, "/login/passkey", {"answer": answer}, csrf=csrf).status_code == 422
    assert not is_signed_in(client)


def test_nobody_gets_in_without_being_named(app: Flask, key: SoftKey) -> None:
    client = fresh_client(app)
    question, csrf = ask(client)
    answer = key.show(question)
    del answer["response"]["userHandle"]
    assert send(client, "/login/passkey", {"answer": answer}, csrf=csrf).status_code == 422


def test_an_answer_counts_once(app: Flask, key: SoftKey) -> None:
    client = fresh_client(app)
    question, csrf = ask(client)
    cookie = client.get_cookie("masthead")
    assert cookie is not None
    answer = key.show(question)
    assert send(client, "/login/passkey", {"answer": answer}, csrf=csrf).status_code == 200
    thief = fresh_client(app)
    thief.set_cookie("masthead", cookie.value)
    again = send(thief, "/login/passkey", {"answer": answer}, csrf=csrf)
    assert again.status_code == 422
    # Also from an authenticator that does not count, where no counter gives the copy away.
    key.counts = False
    with transaction() as session:
        session.execute(update(Passkey).values(sign_count=0))
    key.passkeys[0].count = 0
    first = fresh_client(app)
    question, csrf = ask(first)
    cookie = first.get_cookie("masthead")
    assert cookie is not None
    answer = key.show(question)
    assert send(first, "/login/passkey", {"answer": answer}, csrf=csrf).status_code == 200
    thief = fresh_client(app)
    thief.set_cookie("masthead", cookie.value)
    assert send(thief, "/login/passkey", {"answer": answer}, csrf=csrf).status_code == 422
    assert not is_signed_in(thief)


def test_an_answer_to_another_browsers_question_is_none(app: Flask, key: SoftKey) -> None:
    mine, theirs = fresh_client(app), fresh_client(app)
    question, _csrf = ask(mine)
    _question, csrf = ask(theirs)
    assert send(theirs, "/login/passkey", {"answer": key.show(question)}, csrf=csrf).status_code == 422


def test_an_answer_to_another_sort_of_question_is_none(app: Flask, as_: As, key: SoftKey) -> None:
    client = as_(ART)
    csrf = token(client, "/account/")
    question = send(client, "/account/passkeys/confirm", {}, csrf=csrf).json or {}
    assert send(client, "/login/passkey", {"answer": key.show(question)}, csrf=csrf).status_code == 422


def test_a_late_answer_is_none(app: Flask, key: SoftKey, monkeypatch: pytest.MonkeyPatch) -> None:
    client = fresh_client(app)
    real = passkey_questions.time.time
    monkeypatch.setattr(passkey_questions.time, "time", lambda: real() - LASTS.total_seconds() - 1)
    question, csrf = ask(client)
    monkeypatch.undo()
    assert send(client, "/login/passkey", {"answer": key.show(question)}, csrf=csrf).status_code == 422


def test_a_counter_that_runs_backwards_is_refused_and_told(app: Flask, key: SoftKey) -> None:
    for _time in range(3):
        show_passkey(fresh_client(app), key)
    key.passkeys[0].count = 1
    client = fresh_client(app)
    answer = show_passkey(client, key)
    assert answer.status_code == 422
    assert "looks like a copy" in (answer.json or {})["error"]
    assert not is_signed_in(client)
    assert kept().sign_count == 3
    assert letters()[-1]["subject"] == "One of your passkeys was refused at Masthead"


def test_a_closed_account_is_closed_to_its_passkey(app: Flask, key: SoftKey, user_of: UserOf) -> None:
    with transaction():
        deactivate_user(user_of(ART), by=system_user())
    answer = show_passkey(fresh_client(app), key)
    assert (answer.status_code, answer.json) == (422, {"error": REFUSED})


def test_the_page_offers_passkeys_once_somebody_has_one(app: Flask, as_: As) -> None:
    assert fresh_client(app).page("/login").css_first("[data-passkey]") is None
    add_passkey(as_(ART), SoftKey())
    page = fresh_client(app).page("/login")
    assert page.css_first("[data-passkey=show]").text().strip() == "Sign in with a passkey"
    assert page.css_first("input[name=email]").attributes["autocomplete"] == "username webauthn"


def test_asking_keeps_nothing_in_the_database(app: Flask, count_queries: Callable[[], Any], key: SoftKey) -> None:
    client = fresh_client(app)
    csrf = client.csrf_token("/login")
    with count_queries() as asked:
        assert send(client, "/login/passkey/question", {}, csrf=csrf).status_code == 200
    assert [statement for statement in asked if not statement.startswith(("SELECT", "PRAGMA"))] == []


def test_what_was_used_is_forgotten_in_time(app: Flask, key: SoftKey) -> None:
    show_passkey(fresh_client(app), key)
    session = current_session()
    used = session.scalars(select(Challenge).where(Challenge.kind == "passkey_used")).all()
    assert used
    assert all(row.expires_at <= utcnow() + LASTS for row in used)


# -- looking after them ----------------------------------------------------------------------------------


def test_a_passkey_is_renamed_and_removed_by_its_person(app: Flask, as_: As, key: SoftKey) -> None:
    client, number = as_(ART), kept().id
    path = f"/account/passkeys/{number}"
    assert client.submit("/account/", {"name": "Watch"}, form=f"form[action='{path}']").status_code == 303
    assert kept().name == "Watch"
    assert client.submit("/account/", {"name": " "}, form=f"form[action='{path}']").status_code == 303
    assert kept().name == "Watch"
    assert client.submit("/account/", form=f"form[action='{path}/remove']").status_code == 303
    assert current_session().scalar(select(Passkey.id)) is None
    assert show_passkey(fresh_client(app), key).status_code == 422
    assert letters()[-1]["subject"] == "A passkey was removed from your account at Masthead"


def test_nobody_touches_the_passkeys_of_others(as_: As, key: SoftKey) -> None:
    number = kept().id
    for person in (SUE, ED, ADA):
        csrf = as_(person).csrf_token("/account/")
        for path in (f"/account/passkeys/{number}", f"/account/passkeys/{number}/remove"):
            assert as_(person).post(path, data={"csrf_token": csrf, "name": "Mine"}).status_code == 404
    assert kept().name == "Art's telephone"


def test_a_passkey_confirms_that_it_is_you(as_: As, key: SoftKey) -> None:
    client, number = as_(ART), kept().id
    csrf = token(client, "/account/")
    with transaction() as session:
        session.execute(update(SignIn).values(confirmed_at=utcnow() - timedelta(hours=1)))
    path = f"/account/passkeys/{number}"
    page = client.post(path, data={"csrf_token": csrf, "name": "Watch"})
    assert page.status_code == 403
    assert "masthead-confirm-passkey" in page.get_data(as_text=True)
    question = send(client, "/account/passkeys/confirm", {}, csrf=csrf).json or {}
    fields = {"csrf_token": csrf, "name": "Watch", "masthead-confirm-passkey": json.dumps(key.show(question))}
    assert client.post(path, data=fields).status_code == 303
    assert kept().name == "Watch"
    with transaction() as session:
        session.execute(update(SignIn).values(confirmed_at=utcnow() - timedelta(hours=1)))
    assert client.post(path, data=fields | {"name": "Replayed"}).status_code == 403
    assert kept().name == "Watch"


def test_ones_own_passkey_confirms_nobody_else(as_: As, key: SoftKey) -> None:
    other = SoftKey()
    add_passkey(as_(ED), other)
    client = as_(ART)
    csrf = token(client, "/account/")
    with transaction() as session:
        session.execute(update(SignIn).values(confirmed_at=utcnow() - timedelta(hours=1)))
    question = send(client, "/account/passkeys/confirm", {}, csrf=csrf).json or {}
    fields = {"csrf_token": csrf, "name": "x", "masthead-confirm-passkey": json.dumps(other.show(question))}
    number = current_session().scalars(select(Passkey.id).order_by(Passkey.id)).first()
    assert client.post(f"/account/passkeys/{number}", data=fields).status_code == 403


@needs("postgres")
def test_passkeys_on_postgresql(make_app: Callable[..., Flask], postgres_url: str) -> None:
    app = make_app(CMS_DATABASE_URL=postgres_url)
    key = SoftKey()
    client = fresh_client(app).sign_in(ART)
    with app.app_context():
        assert add_passkey(client, key).status_code == 200
        other = fresh_client(app)
        question, csrf = ask(other)
        cookie = other.get_cookie("masthead")
        assert cookie is not None
        answer = key.show(question)
        assert send(other, "/login/passkey", {"answer": answer}, csrf=csrf).status_code == 200
        thief = fresh_client(app)
        thief.set_cookie("masthead", cookie.value)
        assert send(thief, "/login/passkey", {"answer": answer}, csrf=csrf).status_code == 422
        assert is_signed_in(other)
