"""The second step of signing in: what is asked for, what opens before (nothing), and how often one may try."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import func, select, update

from cms.accounts.links import invitation_token, reset_token
from cms.accounts.models import Challenge, Device, Limit, SignIn, User
from cms.accounts.second_step import LASTS, MOST_TRIES
from cms.core.db import current_session, transaction
from cms.core.permissions import system_user
from cms.lib.clock import utcnow
from cms.settings.actions import change_settings
from tests.clients import PageClient
from tests.functional.accounts.factors import (
    add_passkey,
    app_code,
    code_in,
    enter_password,
    fresh_client,
    is_signed_in,
    make_codes,
    page_of,
    send,
    set_up_app,
    token,
)
from tests.functional.accounts.keys import SoftKey
from tests.functional.accounts.letters import letters
from tests.people import ADA, ART, ED, PASSWORD, Person

As = Callable[[Person], PageClient]
UserOf = Callable[[Person], User]
STEP = "/login/second-step"
OTHER = "the ferry leaves at half past five"


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Any:
    """An application whose mails leave the house."""
    made = make_app(CMS_MAIL_URL="smtp://localhost:2525")
    with made.app_context():
        yield made


@pytest.fixture
def with_app(as_: As, user_of: UserOf) -> User:
    """Ada, who has an app."""
    with transaction() as session:
        # Ada is known where she sets it up; what is looked at here comes from elsewhere.
        change_settings({"mail_code_on_new_device": False}, by=system_user())
        session.flush()
    set_up_app(as_(ADA), user_of(ADA))
    with transaction():
        change_settings({"mail_code_on_new_device": True}, by=system_user())
    return user_of(ADA)


def forget_limits() -> None:
    with transaction() as session:
        session.query(Limit).delete()


def mailed_codes() -> list[str]:
    return [code_in(letter) for letter in letters() if letter["subject"].startswith("Your code")]


# -- nothing opens before --------------------------------------------------------------------------------


def test_half_signed_in_opens_nothing(app: Flask, client: PageClient, with_app: User) -> None:
    enter_password(client, ADA)
    for path in ("/admin/", "/admin/profile/", "/account/", "/change", "/verify", "/account/recovery-codes"):
        answer = client.get(path)
        assert answer.status_code == 302, path
        assert answer.headers["Location"].startswith("/login?"), path
    with client.session_transaction() as session:
        assert "_user_id" not in session
        held = {key: value for key, value in session.items() if key not in ("csrf_token", "_flashes", "fs_cc")}
    assert list(held) == ["masthead_second_step"]
    assert ADA.email not in str(held)
    assert client.get_cookie("masthead-remember") is None


def test_the_key_of_the_step_is_worth_nothing_without_the_code(app: Flask, client: PageClient, with_app: User) -> None:
    enter_password(client, ADA)
    for fields in ({}, {"code": ""}, {"code": "000000", "way": "mail"}, {"code": "x", "way": "passkey"}):
        assert client.submit(STEP, fields).status_code in (200, 422)
        assert not is_signed_in(client)


def test_a_step_belongs_to_its_browser(app: Flask, with_app: User) -> None:
    first, second = fresh_client(app), fresh_client(app)
    enter_password(first, ADA)
    second.get("/login")
    assert second.get(STEP).headers["Location"] == "/login"
    csrf = second.csrf_token("/login")
    fields = {"csrf_token": csrf, "way": "app", "code": app_code(with_app)}
    assert second.post(STEP, data=fields).headers["Location"] == "/login"
    assert not is_signed_in(second)


def test_the_choice_of_ways_begins_with_the_passkey(app: Flask, as_: As, with_app: User, client: PageClient) -> None:
    add_passkey(as_(ADA), SoftKey())
    make_codes(with_app)
    enter_password(client, ADA)
    page = client.page(STEP)
    assert page.css_first("[data-passkey=show][data-passkey-now]") is not None
    assert [link.attributes["href"] for link in page.css(".mh-card a.btn")] == [
        f"{STEP}?way=app",
        f"{STEP}?way=recovery",
    ]
    assert client.page(f"{STEP}?way=app").css_first("input[name=code]").attributes["inputmode"] == "numeric"


def test_a_passkey_is_a_second_step_too(app: Flask, as_: As, with_app: User) -> None:
    key, other = SoftKey(), SoftKey()
    add_passkey(as_(ADA), key)
    with transaction():
        change_settings({"mail_code_on_new_device": False}, by=system_user())
    add_passkey(as_(ED), other)
    client = fresh_client(app)
    enter_password(client, ADA)
    csrf = token(client, STEP)
    question = send(client, f"{STEP}/question", {}, csrf=csrf).json or {}
    assert len(question["allowCredentials"]) == 1
    assert send(client, f"{STEP}/passkey", {"answer": other.show(question)}, csrf=csrf).status_code == 422
    assert not is_signed_in(client)
    question = send(client, f"{STEP}/question", {}, csrf=csrf).json or {}
    answer = send(client, f"{STEP}/passkey", {"answer": key.show(question)}, csrf=csrf)
    assert answer.json == {"next": "/login/next"}
    assert is_signed_in(client)


def test_one_gets_to_where_one_wanted_after_both_steps(app: Flask, client: PageClient, with_app: User) -> None:
    fields = {"email": ADA.email, "password": PASSWORD, "remember": "y"}
    assert client.submit("/login?next=/admin/posts/", fields).headers["Location"] == STEP
    answer = client.submit(STEP, {"code": app_code(with_app)})
    assert answer.headers["Location"] == "/admin/posts/"
    assert client.get_cookie("masthead-remember") is not None


def test_a_new_password_is_no_way_around_the_second_factor(app: Flask, client: PageClient, with_app: User) -> None:
    link = f"/reset/{reset_token(with_app)}"
    current_session().rollback()
    answer = client.submit(link, {"password": OTHER, "password_confirm": OTHER})
    assert answer.headers["Location"] == "/login"
    assert not is_signed_in(client)
    fields = {"email": ADA.email, "password": OTHER}
    assert client.submit("/login", fields).headers["Location"] == STEP
    assert not is_signed_in(client)
    client.submit(STEP, {"code": app_code(with_app)})
    assert is_signed_in(client)


def test_another_password_or_a_closed_account_ends_the_step(app: Flask, user_of: UserOf, with_app: User) -> None:
    client, other = fresh_client(app), fresh_client(app)
    enter_password(client, ADA)
    link = f"/reset/{reset_token(user_of(ADA))}"
    current_session().rollback()
    other.submit(link, {"password": OTHER, "password_confirm": OTHER})
    assert client.get(STEP).headers["Location"] == "/login"
    fields = {"email": ADA.email, "password": OTHER}
    other.submit("/login", fields)
    with transaction():
        user_of(ADA).active = False
    assert other.get(STEP).headers["Location"] == "/login"


def test_who_is_signed_in_and_changes_the_password_stays_in_with_both_factors(as_: As, with_app: User) -> None:
    client = as_(ADA)
    fields = {"password": PASSWORD, "new_password": OTHER, "new_password_confirm": OTHER}
    assert client.submit("/change", fields).status_code == 302
    found = current_session().scalars(select(SignIn)).one()
    assert found.second_factor
    assert current_session().scalar(select(func.count(Device.id))) == 1


# -- how often, how long ---------------------------------------------------------------------------------


def test_after_five_wrong_codes_one_begins_anew(app: Flask, client: PageClient, with_app: User) -> None:
    enter_password(client, ADA)
    for _time in range(MOST_TRIES - 1):
        assert client.submit(STEP, {"code": "000000"}).status_code == 422
        forget_limits()
    answer = client.submit(STEP, {"code": "000000"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login")
    assert "was tried too often" in client.page("/login").text()
    forget_limits()
    csrf = client.csrf_token("/login")
    fields = {"csrf_token": csrf, "way": "app", "code": app_code(with_app)}
    assert client.post(STEP, data=fields).headers["Location"] == "/login"
    assert not is_signed_in(client)


def test_guessing_codes_is_held_up_over_many_sign_ins(app: Flask, with_app: User) -> None:
    answers = []
    for _time in range(4):
        client = fresh_client(app)
        with transaction() as session:
            session.query(Limit).filter(Limit.key.like("sign-in:%")).delete(synchronize_session=False)
        enter_password(client, ADA)
        answers += [client.submit(STEP, {"code": "000000"}).status_code for _each in range(2)]
    assert answers[-1] == 429
    assert client.submit(STEP, {"code": app_code(with_app)}).status_code == 429


def test_a_step_ends_by_itself(app: Flask, client: PageClient, with_app: User) -> None:
    enter_password(client, ADA)
    with transaction() as session:
        session.execute(update(Challenge).values(expires_at=utcnow() - timedelta(seconds=1)))
    assert client.get(STEP).headers["Location"] == "/login"
    assert timedelta(minutes=15) == LASTS


# -- codes by mail ---------------------------------------------------------------------------------------


def test_who_comes_on_a_new_device_gets_a_code_by_mail(app: Flask, client: PageClient) -> None:
    assert enter_password(client, ART).headers["Location"] == STEP
    letter = next(letter for letter in letters() if letter["subject"].startswith("Your code"))
    assert letter["to"] == ART.email
    code = code_in(letter)
    assert code not in letter["subject"]
    assert "127.0.0.1" in letter["text"]
    assert not is_signed_in(client)
    assert client.submit(STEP, {"code": f"{code[:3]} {code[3:]}"}).status_code == 302
    assert is_signed_in(client)
    found = current_session().scalars(select(SignIn)).one()
    assert (found.method, found.second_factor) == ("password", False)


def test_on_a_known_device_nobody_is_asked_again(app: Flask, client: PageClient) -> None:
    enter_password(client, ART)
    client.submit(STEP, {"code": mailed_codes()[-1]})
    client.post("/logout", data={"csrf_token": client.csrf_token("/account/")})
    assert enter_password(client, ART).headers["Location"] == "/login/next"
    assert len(mailed_codes()) == 1
    client.post("/logout", data={"csrf_token": client.csrf_token("/account/")})
    assert enter_password(client, ED).headers["Location"] == STEP


def test_a_mailed_code_holds_once_in_one_browser_and_for_ten_minutes(app: Flask) -> None:
    first, second, third = (fresh_client(app) for _each in range(3))
    enter_password(first, ART)
    code = mailed_codes()[-1]
    enter_password(second, ART)
    assert second.submit(STEP, {"code": code}).status_code == 422
    assert first.submit(STEP, {"code": code}).status_code == 302
    enter_password(third, ART)
    latest = mailed_codes()[-1]
    with transaction() as session:
        challenge = session.scalars(
            select(Challenge).where(Challenge.kind == "second_step").order_by(Challenge.id.desc())
        ).first()
        assert challenge is not None
        challenge.data = {**challenge.data, "mailed_at": (utcnow() - timedelta(minutes=10, seconds=1)).isoformat()}
    assert third.submit(STEP, {"code": latest}).status_code == 422
    assert "holds no more" in third.page(STEP).text()


def test_another_code_comes_at_most_once_a_minute_and_ends_the_one_before(app: Flask, client: PageClient) -> None:
    enter_password(client, ART)
    again = "form[action='/login/second-step/mail']"
    client.submit(STEP, form=again)
    assert "Please wait a little" in client.page(STEP).text()
    assert len(mailed_codes()) == 1
    with transaction() as session:
        challenge = session.scalars(select(Challenge)).one()
        challenge.data = {**challenge.data, "mailed_at": (utcnow() - timedelta(seconds=61)).isoformat()}
    client.submit(STEP, form=again)
    first, second = mailed_codes()
    if first != second:
        assert client.submit(STEP, {"code": first}).status_code == 422
    assert client.submit(STEP, {"code": second}).status_code == 302


def test_no_code_is_in_the_database(app: Flask, client: PageClient) -> None:
    enter_password(client, ART)
    code = mailed_codes()[-1]
    row = current_session().scalars(select(Challenge).where(Challenge.kind == "second_step")).one()
    assert code not in f"{row.code_hash} {row.data} {row.key_hash}"


@pytest.mark.parametrize("url", ["null://", "folder:///tmp/nowhere"])
def test_where_mails_stay_in_the_house_no_code_is_asked_for(make_app: Callable[..., Flask], url: str) -> None:
    app = make_app(CMS_MAIL_URL=url)
    with app.app_context():
        assert enter_password(fresh_client(app), ART).headers["Location"] == "/login/next"


def test_an_admin_can_turn_codes_by_mail_off(app: Flask, client: PageClient) -> None:
    with transaction():
        change_settings({"mail_code_on_new_device": False}, by=system_user())
    assert enter_password(client, ART).headers["Location"] == "/login/next"


def test_a_wrong_password_mails_nothing(app: Flask, client: PageClient) -> None:
    client.submit("/login", {"email": ART.email, "password": "not the one"})
    assert mailed_codes() == []
    assert client.get(STEP).headers["Location"] == "/login"


def test_an_invitation_is_its_own_proof_that_the_mail_arrives(app: Flask, client: PageClient, user_of: UserOf) -> None:
    with transaction():
        user_of(ART).password = None
    link = f"/invitation/{invitation_token(user_of(ART))}"
    current_session().rollback()
    assert client.submit(link, {"password": OTHER, "password_confirm": OTHER}).headers["Location"] == "/login/next"
    assert is_signed_in(client)


def test_the_page_says_where_the_code_went(app: Flask, client: PageClient) -> None:
    answer = enter_password(client, ART, remember="y")
    page = LexborHTMLParser(client.get(answer.headers["Location"]).get_data(as_text=True))
    assert ART.email in page.text()
    field = page.css_first("input[name=code]")
    assert field.attributes["autocomplete"] == "one-time-code"
    wrong = page_of(client.submit(STEP, {"code": "12"}))
    assert wrong.css_first("input[name=code]").attributes["aria-invalid"] == "true"
