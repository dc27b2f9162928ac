"""Authenticator apps: set up with a first code, each code once, the secret sealed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from cms.accounts import authenticators
from cms.accounts.authenticators import PURPOSE, use_app_code
from cms.accounts.models import Authenticator, SignIn, User
from cms.core.db import current_session, transaction
from cms.core.sealed import reseal_all
from cms.core.secrets import unseal
from cms.lib.clock import utcnow
from tests.clients import PageClient
from tests.functional.accounts.factors import (
    STEP,
    app_code,
    enter_password,
    fresh_client,
    is_signed_in,
    let_steps_pass,
    page_of,
    secret_of,
    set_up_app,
)
from tests.functional.accounts.letters import letters
from tests.needs import needs
from tests.people import ART, Person

As = Callable[[Person], PageClient]
UserOf = Callable[[Person], User]


@pytest.fixture
def with_app(as_: As, user_of: UserOf) -> PageClient:
    """Art's browser, after they set up an app."""
    set_up_app(as_(ART), user_of(ART))
    return as_(ART)


def begin(client: PageClient) -> None:
    client.submit("/account/", form="form[action='/account/authenticator/begin']")


def test_the_app_is_shown_a_picture_and_the_secret(as_: As, user_of: UserOf) -> None:
    client = as_(ART)
    begin(client)
    page = client.page("/account/authenticator")
    picture = page.css_first(".mh-qr svg")
    assert picture is not None
    assert "style" not in (picture.html or "")
    assert page.css_first("#secret").text().replace(" ", "") == secret_of(user_of(ART))
    assert (
        page.css_first("a[href^='otpauth:']").attributes["href"].startswith("otpauth://totp/Masthead:art@example.com?")
    )


def test_the_first_code_turns_it_on_and_nothing_before(as_: As, app: Flask, user_of: UserOf) -> None:
    client = as_(ART)
    begin(client)
    assert enter_password(fresh_client(app), ART).headers["Location"] == "/login/next"
    for code in ("", "000000", "12345", "abcdef"):
        if code == app_code(user_of(ART)):
            continue
        assert client.submit("/account/authenticator", {"code": code}).status_code == 422
    answer = client.submit("/account/authenticator", {"code": app_code(user_of(ART))})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/recovery-codes")
    assert "On since" in client.page("/account/").css_first("#authenticator").text()
    assert letters()[-1]["subject"] == "Your authenticator app is on at Masthead"
    assert enter_password(fresh_client(app), ART).headers["Location"] == "/login/second-step"


def test_a_secret_that_is_on_is_never_shown_again(with_app: PageClient) -> None:
    assert with_app.get("/account/authenticator").headers["Location"] == "/account/"
    csrf = with_app.csrf_token("/account/")
    before = current_session().scalar(select(Authenticator.secret))
    with_app.post("/account/authenticator/begin", data={"csrf_token": csrf})
    current_session().rollback()
    assert current_session().scalar(select(Authenticator.secret)) == before


def test_the_secret_is_sealed_and_moves_to_another_key(app: Flask, with_app: PageClient, user_of: UserOf) -> None:
    secret, sealed = secret_of(user_of(ART)), current_session().scalar(select(Authenticator.secret))
    assert sealed is not None
    assert secret not in sealed
    app.config["CMS_DATA_KEYS"] = ["another key that seals things in tests 0123456789", *app.config["CMS_DATA_KEYS"]]
    current_session().rollback()
    assert reseal_all() == 1
    app.config["CMS_DATA_KEYS"] = app.config["CMS_DATA_KEYS"][:1]
    now = current_session().scalar(select(Authenticator.secret))
    assert now is not None
    assert now != sealed
    assert unseal(now, purpose=PURPOSE) == secret


def test_a_code_signs_in_once(app: Flask, with_app: PageClient, user_of: UserOf) -> None:
    code = app_code(user_of(ART))
    first, second = fresh_client(app), fresh_client(app)
    for client in (first, second):
        assert enter_password(client, ART).headers["Location"] == "/login/second-step"
        assert not is_signed_in(client)
    assert first.submit("/login/second-step", {"code": code}).status_code == 302
    assert is_signed_in(first)
    answer = second.submit("/login/second-step", {"code": code})
    assert answer.status_code == 422
    assert "Each code holds once" in page_of(answer).text()
    assert not is_signed_in(second)
    found = current_session().scalars(select(SignIn).order_by(SignIn.id.desc())).first()
    assert found is not None
    assert (found.method, found.second_factor) == ("password", True)


def test_an_earlier_code_holds_no_more_after_a_later_one(with_app: PageClient, user_of: UserOf) -> None:
    now = utcnow()
    earlier, later = app_code(user_of(ART), at=now - STEP), app_code(user_of(ART), at=now)
    with transaction():
        assert use_app_code(user_of(ART), later, now=now)
    with transaction():
        assert not use_app_code(user_of(ART), earlier, now=now) or earlier == later


def test_the_code_that_set_it_up_signs_nobody_in(app: Flask, as_: As, user_of: UserOf) -> None:
    client = as_(ART)
    begin(client)
    code = app_code(user_of(ART))
    assert client.submit("/account/authenticator", {"code": code}).status_code == 303
    other = fresh_client(app)
    enter_password(other, ART)
    assert other.submit("/login/second-step", {"code": code}).status_code == 422


def race(app: Flask, code: str, *, at_once: int = 8) -> list[bool]:
    """Show the same code in several sign-ins at once, as several servers would be asked."""
    results: list[bool] = []
    barrier = threading.Barrier(at_once)

    def show() -> None:
        with app.app_context():
            user = current_session().scalars(select(User).where(User.email == ART.email)).one()
            barrier.wait(20)
            with transaction() as session:
                results.append(use_app_code(session.get_one(User, user.id), code))

    threads = [threading.Thread(target=show) for _each in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def test_of_many_who_show_a_code_at_once_one_is_right(app: Flask, with_app: PageClient, user_of: UserOf) -> None:
    code = app_code(user_of(ART))
    current_session().rollback()
    results = race(app, code)
    assert sorted(results) == [False] * 7 + [True]


@needs("postgres")
def test_of_many_who_show_a_code_at_once_one_is_right_on_postgresql(
    make_app: Callable[..., Flask], postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All have read the row before anybody writes."""
    app = make_app(CMS_DATABASE_URL=postgres_url)
    everybody, real = threading.Barrier(8), authenticators.matching_step

    def meet(*args: Any, **kwargs: Any) -> int | None:
        found = real(*args, **kwargs)
        everybody.wait(20)
        return found

    with app.app_context():
        client = fresh_client(app).sign_in(ART)
        user = current_session().scalars(select(User).where(User.email == ART.email)).one()
        set_up_app(client, user)
        code = app_code(user)
        current_session().rollback()
        monkeypatch.setattr(authenticators, "matching_step", meet)
        assert sorted(race(app, code)) == [False] * 7 + [True]
        monkeypatch.undo()
        other = fresh_client(app)
        enter_password(other, ART)
        assert other.submit("/login/second-step", {"code": code}).status_code == 422
        let_steps_pass(user)
        assert other.submit("/login/second-step", {"code": app_code(user)}).status_code == 302
        assert is_signed_in(other)


def test_turning_it_off_asks_whether_it_is_you_and_tells(app: Flask, with_app: PageClient, user_of: UserOf) -> None:
    csrf = with_app.csrf_token("/account/")
    with transaction() as session:
        session.execute(update(SignIn).values(confirmed_at=utcnow() - timedelta(hours=1)))
    assert with_app.post("/account/authenticator/off", data={"csrf_token": csrf}).status_code == 403
    fields = {"csrf_token": csrf, "masthead-confirm-app": app_code(user_of(ART))}
    assert with_app.post("/account/authenticator/off", data=fields).status_code == 303
    assert current_session().scalar(select(Authenticator.user_id)) is None
    assert letters()[-1]["subject"] == "Your authenticator app is off at Masthead"
    assert enter_password(fresh_client(app), ART).headers["Location"] == "/login/next"


def test_the_first_app_ends_every_other_sign_in(app: Flask, as_: As, user_of: UserOf) -> None:
    elsewhere = fresh_client(app).sign_in(ART)
    set_up_app(as_(ART), user_of(ART))
    assert not is_signed_in(elsewhere)
    assert is_signed_in(as_(ART))
