"""Second factors of programs: what is asked for, what opens before (nothing), and what a browser alone can do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from cms.accounts.models import Challenge, SignIn, User
from cms.accounts.second_step import LASTS, MOST_TRIES
from cms.core.db import current_session, transaction
from cms.core.permissions import system_user
from cms.lib.clock import utcnow
from cms.settings.actions import change_settings
from tests.clients import PageClient
from tests.functional.accounts.factors import (
    add_passkey,
    app_code,
    ask_for_second_factor,
    code_in,
    enter_password,
    fresh_client,
    let_steps_pass,
    make_codes,
    set_up_app,
)
from tests.functional.accounts.keys import SoftKey
from tests.functional.accounts.letters import letters
from tests.functional.api.client import ApiClient
from tests.people import ADA, ART, PASSWORD, Person

As = Callable[[Person], PageClient]
UserOf = Callable[[Person], User]
STEP = "/auth/second-factor"


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Any:
    """An application whose mails leave the house."""
    made = make_app(CMS_MAIL_URL="smtp://localhost:2525")
    with made.app_context():
        yield made


@pytest.fixture
def with_app(as_: As, user_of: UserOf) -> User:
    """Ada, who has an authenticator app."""
    mail_codes(on=False)
    set_up_app(as_(ADA), user_of(ADA))
    return user_of(ADA)


def mail_codes(*, on: bool) -> None:
    with transaction():
        change_settings({"mail_code_on_new_device": on}, by=system_user())


def log_in(app: Flask, person: Person = ADA, **more: Any) -> Any:
    return ApiClient(app).post("/auth/login", json={"email": person.email, "password": PASSWORD, **more})


def asked(answer: Any, *ways: str) -> str:
    """Return the challenge of an answer that asks for a second factor by `ways`."""
    assert (answer.status_code, answer.json["code"]) == (401, "second_factor_required"), answer.text
    assert (answer.json["ways"], answer.json["expires_in"]) == (list(ways), int(LASTS.total_seconds()))
    assert "access_token" not in answer.json
    challenge: str = answer.json["challenge"]
    return challenge


def show(app: Flask, challenge: str, way: str, code: str, **more: Any) -> Any:
    return ApiClient(app).post(STEP, json={"challenge": challenge, "way": way, "code": code, **more})


def programs() -> int:
    current_session().rollback()
    return current_session().scalar(select(func.count(SignIn.id)).where(SignIn.method == "api")) or 0


def test_who_has_an_app_is_asked_for_its_code(app: Flask, with_app: User) -> None:
    challenge = asked(log_in(app), "app")
    assert programs() == 0
    answer = show(app, challenge, "app", app_code(with_app))
    assert answer.status_code == 200, answer.text
    assert ApiClient(app, answer.json["access_token"]).get("/users/me").status_code == 200
    assert current_session().scalars(select(SignIn.second_factor).where(SignIn.method == "api")).one()
    again = show(app, challenge, "app", app_code(with_app))
    assert (again.status_code, again.json["code"]) == (401, "second_step_over")
    let_steps_pass(with_app)
    second = asked(log_in(app), "app")
    assert show(app, second, "app", app_code(with_app)).status_code == 200


def test_a_code_counts_once_in_api_and_browser_together(app: Flask, with_app: User) -> None:
    code = app_code(with_app)
    assert show(app, asked(log_in(app), "app"), "app", code).status_code == 200
    browser = fresh_client(app)
    enter_password(browser, ADA)
    assert browser.submit("/login/second-step", {"code": code}).status_code == 422
    other = show(app, asked(log_in(app), "app"), "app", code)
    assert (other.status_code, other.json["code"]) == (401, "wrong_code")


def test_a_recovery_code_does_too_and_its_owner_is_told(app: Flask, with_app: User) -> None:
    codes = make_codes(with_app)
    challenge = asked(log_in(app), "app", "recovery")
    assert show(app, challenge, "recovery", codes[0]).status_code == 200
    assert "recovery code" in letters()[-1]["text"]
    second = asked(log_in(app), "app", "recovery")
    assert show(app, second, "recovery", codes[0]).json["code"] == "wrong_code"


def test_codes_are_tried_five_times_and_then_never(app: Flask, with_app: User) -> None:
    challenge = asked(log_in(app), "app")
    wrong = "000000" if app_code(with_app) != "000000" else "111111"
    told = [show(app, challenge, "app", wrong).json["code"] for _try in range(MOST_TRIES)]
    assert told == ["wrong_code"] * (MOST_TRIES - 1) + ["second_step_over"]
    held_up = show(app, challenge, "app", app_code(with_app))
    assert (held_up.status_code, held_up.json["code"]) == (401, "second_step_over")
    after = show(app, asked(log_in(app), "app"), "app", app_code(with_app))
    assert (after.status_code, int(after.headers["Retry-After"]) > 0) == (429, True)
    assert programs() == 0


def test_the_challenge_ends_by_itself_and_with_the_password(app: Flask, with_app: User, as_: As) -> None:
    late, void = asked(log_in(app), "app"), asked(log_in(app), "app")
    with transaction() as session:
        first = session.scalars(
            select(Challenge.id).where(Challenge.kind == "program_step").order_by(Challenge.id)
        ).first()
        session.execute(
            update(Challenge).where(Challenge.id == first).values(expires_at=utcnow() - timedelta(seconds=1))
        )
    other = "the ferry leaves at half past five"
    as_(ADA).submit("/change", {"password": PASSWORD, "new_password": other, "new_password_confirm": other})
    for challenge in (late, void, "nobodys-challenge"):
        answer = show(app, challenge, "app", app_code(with_app))
        assert (answer.status_code, answer.json["code"]) == (401, "second_step_over")


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"way": "passkey"}, "way"),
        ({"way": "recovery"}, "way"),
        ({"way": "mail"}, "way"),
        ({"code": ""}, "code"),
        ({"challenge": "x" * 200}, "challenge"),
        ({"user_id": 1}, "user_id"),
    ],
)
def test_what_is_no_second_step_names_the_field(app: Flask, with_app: User, sent: dict[str, Any], field: str) -> None:
    """And is no try: the right code still holds."""
    challenge = asked(log_in(app), "app")
    good = {"challenge": challenge, "way": "app", "code": app_code(with_app)}
    answer = ApiClient(app).post(STEP, json=good | sent)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert ApiClient(app).post(STEP, json=good).status_code == 200


def test_passkeys_need_a_browser(app: Flask, as_: As, user_of: UserOf) -> None:
    mail_codes(on=False)
    add_passkey(as_(ADA), SoftKey())
    answer = log_in(app)
    assert (answer.status_code, answer.json["code"]) == (401, "second_factor_required")
    assert (answer.json["challenge"], answer.json["ways"]) == (None, [])
    assert "browser" in answer.json["detail"]
    codes = make_codes(user_of(ADA))
    offered = log_in(app)
    assert "browser" in offered.json["detail"]
    assert show(app, asked(offered, "recovery"), "recovery", codes[0]).status_code == 200


def test_a_challenge_of_a_browser_is_none_of_a_program(app: Flask, with_app: User) -> None:
    """And the other way round: what a password opened in one place goes on there."""
    browser = fresh_client(app)
    enter_password(browser, ADA)
    with browser.session_transaction() as session:
        of_browser = session["masthead_second_step"]
    code = app_code(with_app)
    assert show(app, of_browser, "app", code).json["code"] == "second_step_over"
    of_program = asked(log_in(app), "app")
    with browser.session_transaction() as session:
        session["masthead_second_step"] = of_program
    assert browser.get("/login/second-step").headers["Location"].endswith("/login")
    assert show(app, of_program, "app", code).status_code == 200


# -- codes by mail -----------------------------------------------------------------------------------------


def test_a_program_that_is_not_known_is_asked_for_a_code_by_mail_once(app: Flask) -> None:
    challenge = asked(log_in(app, ART), "mail")
    code = code_in(letters()[-1])
    assert letters()[-1]["to"] == ART.email
    assert show(app, challenge, "mail", "000000" if code != "000000" else "111111").json["code"] == "wrong_code"
    answer = show(app, challenge, "mail", code)
    assert answer.status_code == 200, answer.text
    again = log_in(app, ART, device=answer.json["device"])
    assert again.status_code == 200
    assert not current_session().scalars(select(SignIn.second_factor).where(SignIn.method == "api")).first()
    asked(log_in(app, ART), "mail")
    asked(log_in(app, ART, device=answer.json["device"]), "mail")


def test_the_device_of_one_person_is_none_of_another(app: Flask) -> None:
    challenge = asked(log_in(app, ART), "mail")
    device = show(app, challenge, "mail", code_in(letters()[-1])).json["device"]
    asked(log_in(app, ADA, device=device), "mail")


def test_who_is_in_a_program_we_do_not_know_is_told_by_mail(app: Flask, as_: As) -> None:
    mail_codes(on=False)
    as_(ADA)
    headers = {"User-Agent": "harbour-backup/2.1"}
    sent = {"email": ADA.email, "password": PASSWORD}
    answer: Any = ApiClient(app).post("/auth/login", json=sent, headers=headers)
    letter = letters()[-1]
    assert letter["to"] == ADA.email
    assert "A program (harbour-backup)" in letter["text"]
    count = len(letters())
    ApiClient(app).post("/auth/login", json=sent | {"device": answer.json["device"]}, headers=headers)
    assert len(letters()) == count


# -- roles that ask for a second factor ---------------------------------------------------------------------


def test_who_must_have_a_second_factor_and_has_none_is_told_to_set_one_up(app: Flask) -> None:
    mail_codes(on=False)
    earlier = log_in(app).json
    ask_for_second_factor("admin")
    answer = log_in(app)
    assert (answer.status_code, answer.json["code"]) == (403, "second_factor_setup_required")
    assert programs() == 1
    for refused in (
        ApiClient(app, earlier["access_token"]).get("/users/me"),
        ApiClient(app, earlier["access_token"]).get("/posts"),
        ApiClient(app).post("/auth/refresh", json={"refresh_token": earlier["refresh_token"]}),
    ):
        assert (refused.status_code, refused.json["code"]) == (401, "invalid_token")
        assert "second factor" in refused.json["detail"]


def test_a_code_by_mail_is_no_second_factor(app: Flask) -> None:
    ask_for_second_factor("author")
    challenge = asked(log_in(app, ART), "mail")
    answer = show(app, challenge, "mail", code_in(letters()[-1]))
    assert (answer.status_code, answer.json["code"]) == (403, "second_factor_setup_required")
    assert programs() == 0


def test_who_has_set_one_up_signs_in_with_it(app: Flask, with_app: User) -> None:
    ask_for_second_factor("admin")
    answer = show(app, asked(log_in(app), "app"), "app", app_code(with_app))
    assert ApiClient(app, answer.json["access_token"]).get("/users/me").status_code == 200
