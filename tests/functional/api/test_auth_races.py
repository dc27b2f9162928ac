"""Several programs at once: what counts once counts once, on both databases, and nobody who may come in is left out."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from cms.accounts import passwords
from cms.accounts.actions import deactivate_user
from cms.accounts.ending import end_everything
from cms.accounts.models import SignIn, User
from cms.accounts.queries import find_user_by_email
from cms.core.db import current_session, transaction
from cms.core.permissions import system_user
from tests.functional.accounts.factors import app_code, set_up_app
from tests.functional.api.client import ApiClient
from tests.needs import needs
from tests.people import ADA, ED, PASSWORD, Person

Make = Callable[..., Flask]
Ask = Callable[[], Any]
MANY = 10


def at_once(asks: list[Ask]) -> list[Any]:
    """Send all requests in threads of their own, starting together."""
    ready = threading.Barrier(len(asks))

    def run(ask: Ask) -> Any:
        ready.wait(30)
        return ask()

    with ThreadPoolExecutor(len(asks)) as pool:
        return list(pool.map(run, asks))


def log_in(app: Flask, person: Person = ADA) -> Any:
    return ApiClient(app).post("/auth/login", json={"email": person.email, "password": PASSWORD})


def words(answers: list[Any]) -> list[str]:
    return sorted("ok" if answer.status_code == 200 else str(answer.json["code"]) for answer in answers)


def _check_that_a_refresh_token_works_once(app: Flask) -> None:
    for _round in range(3):
        found = log_in(app).json
        sent = {"refresh_token": found["refresh_token"]}
        answers = at_once([partial(ApiClient(app).post, "/auth/refresh", json=sent) for _program in range(MANY)])
        assert words(answers) == ["invalid_token"] * (MANY - 2) + ["ok", "token_reused"]
        renewed = next(answer.json for answer in answers if answer.status_code == 200)
        assert ApiClient(app, renewed["access_token"]).get("/users/me").status_code == 401


def _check_that_everybody_gets_in(app: Flask) -> None:
    """The tries are counted before the answer is known, and given back."""
    answers = at_once([partial(log_in, app)] * 4)
    assert words(answers) == ["ok"] * 4
    assert {ApiClient(app, answer.json["access_token"]).get("/users/me").status_code for answer in answers} == {200}
    assert len({answer.json["device"] for answer in answers}) == 4


def _check_that_a_code_opens_once(app: Flask) -> None:
    with app.app_context():
        user = find_user_by_email(ADA.email)
        assert user is not None
        browser = app.test_client()
        set_up_app(browser.sign_in(ADA), user)
        code = app_code(user)
    challenges = [log_in(app).json["challenge"] for _program in range(2)] * 2
    sent = [{"challenge": challenge, "way": "app", "code": code} for challenge in challenges]
    answers = at_once([partial(ApiClient(app).post, "/auth/second-factor", json=body) for body in sent])
    assert words(answers).count("ok") == 1


@pytest.mark.parametrize(
    "check", [_check_that_a_refresh_token_works_once, _check_that_everybody_gets_in, _check_that_a_code_opens_once]
)
def test_at_once(make_app: Make, check: Callable[[Flask], None]) -> None:
    check(make_app())


@needs("postgres")
@pytest.mark.parametrize(
    "check", [_check_that_a_refresh_token_works_once, _check_that_everybody_gets_in, _check_that_a_code_opens_once]
)
def test_at_once_on_postgresql(make_app: Make, postgres_url: str, check: Callable[[Flask], None]) -> None:
    check(make_app(CMS_DATABASE_URL=postgres_url))


def close_account(user: User) -> None:
    deactivate_user(user, by=system_user())


@pytest.mark.parametrize("act", [close_account, end_everything])
def test_what_ends_the_account_meanwhile_is_not_missed(
    app: Flask, monkeypatch: pytest.MonkeyPatch, act: Callable[[User], None]
) -> None:
    """Hashing takes a while, and happens before the transaction that opens the sign-in."""
    real = passwords.is_right

    def meanwhile() -> None:
        with app.app_context(), transaction():
            user = find_user_by_email(ED.email)
            assert user is not None
            act(user)

    def is_right(user: User | None, password: str) -> bool:
        found = real(user, password)
        thread = threading.Thread(target=meanwhile)
        thread.start()
        thread.join()
        return found

    monkeypatch.setattr(passwords, "is_right", is_right)
    answer = log_in(app, ED)
    assert (answer.status_code, answer.json["code"]) == (401, "wrong_credentials")
    assert current_session().scalar(select(func.count(SignIn.id))) == 0
