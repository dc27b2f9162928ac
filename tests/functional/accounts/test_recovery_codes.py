"""Recovery codes: shown once, each used once; and what is left when everything is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from cms.accounts.actions.assign_roles import assign_roles
from cms.accounts.actions.reset_factors import reset_factors
from cms.accounts.factors import factors_of
from cms.accounts.models import Authenticator, Passkey, RecoveryCode, SignIn, User
from cms.accounts.queries import get_role
from cms.core.db import current_session, transaction
from cms.core.errors import Forbidden
from cms.core.permissions import system_user
from tests.clients import PageClient
from tests.functional.accounts.factors import (
    add_passkey,
    enter_password,
    fresh_client,
    is_signed_in,
    make_codes,
    page_of,
    set_up_app,
)
from tests.functional.accounts.keys import SoftKey
from tests.functional.accounts.letters import letters
from tests.people import ADA, ART, ED, SUE, Person

As = Callable[[Person], PageClient]
UserOf = Callable[[Person], User]
PAGE = "/account/recovery-codes"
RECOVERY = "/login/second-step?way=recovery"


@pytest.fixture
def with_app(as_: As, user_of: UserOf) -> PageClient:
    """Art's browser, after they set up an app."""
    set_up_app(as_(ART), user_of(ART))
    return as_(ART)


def codes_on(client: PageClient) -> list[str]:
    answer = client.submit(PAGE)
    assert answer.status_code == 200
    return [code.text() for code in page_of(answer).css("#codes code")]


def test_ten_codes_are_shown_once(with_app: PageClient) -> None:
    codes = codes_on(with_app)
    assert len(set(codes)) == 10
    assert all(len(code) == 14 for code in codes)
    again = with_app.get(PAGE).get_data(as_text=True)
    assert not any(code in again for code in codes)
    assert "You have 10 left." in with_app.page("/account/").css_first("#recovery-codes").text()
    assert letters()[-1]["subject"] == "You have new recovery codes at Masthead"
    assert not any(code in letter["text"] for code in codes for letter in letters())


def test_no_code_is_in_the_database(with_app: PageClient) -> None:
    codes = codes_on(with_app)
    hashes = current_session().scalars(select(RecoveryCode.code_hash)).all()
    assert len(hashes) == 10
    kept = " ".join(hashes)
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)


def test_the_codes_are_a_file_for_who_has_them(with_app: PageClient, as_: As) -> None:
    codes = codes_on(with_app)
    csrf = with_app.csrf_token("/account/")
    answer = with_app.post(f"{PAGE}/file", data={"csrf_token": csrf, "codes": codes})
    assert answer.headers["Content-Disposition"] == 'attachment; filename="recovery-codes.txt"'
    assert answer.get_data(as_text=True).split("\r\n")[3:13] == codes
    assert with_app.post(f"{PAGE}/file", data={"csrf_token": csrf, "codes": ["x"]}).status_code == 422
    assert with_app.post(f"{PAGE}/file", data={"csrf_token": csrf}).status_code == 422
    hers = as_(SUE).csrf_token("/account/")
    assert as_(SUE).post(f"{PAGE}/file", data={"csrf_token": hers, "codes": codes}).status_code == 422


def test_a_code_lets_in_once_and_tells_what_is_left(app: Flask, with_app: PageClient, user_of: UserOf) -> None:
    code = make_codes(user_of(ART))[3]
    client = fresh_client(app)
    enter_password(client, ART)
    answer = client.submit(RECOVERY, {"code": f" {code.upper().replace('-', ' ')} "})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/#recovery-codes")
    page = client.page("/account/")
    assert "9 recovery codes are left" in page.text()
    assert "You have 9 left." in page.css_first("#recovery-codes").text()
    letter = letters()[-1]
    assert letter["subject"] == "A recovery code was used at Masthead"
    assert "9 are left" in letter["text"]
    assert code not in letter["text"]
    other = fresh_client(app)
    enter_password(other, ART)
    assert other.submit(RECOVERY, {"code": code}).status_code == 422
    assert not is_signed_in(other)


def test_new_codes_end_the_old_ones(app: Flask, with_app: PageClient, user_of: UserOf) -> None:
    old = make_codes(user_of(ART))[0]
    new = make_codes(user_of(ART))[0]
    client = fresh_client(app)
    enter_password(client, ART)
    assert client.submit(RECOVERY, {"code": old}).status_code == 422
    assert client.submit(RECOVERY, {"code": new}).status_code == 302


def test_nobody_uses_the_codes_of_another(app: Flask, with_app: PageClient, as_: As, user_of: UserOf) -> None:
    add_passkey(as_(ED), SoftKey())
    make_codes(user_of(ED))
    code = make_codes(user_of(ART))[0]
    client = fresh_client(app)
    enter_password(client, ED)
    assert client.submit(RECOVERY, {"code": code}).status_code == 422
    assert factors_of(user_of(ART).id).recovery_codes == 10


def test_codes_stand_in_for_something_or_there_are_none(with_app: PageClient, as_: As, user_of: UserOf) -> None:
    assert as_(SUE).get(PAGE).headers["Location"] == "/account/"
    make_codes(user_of(ART))
    csrf = with_app.csrf_token("/account/")
    with_app.post("/account/authenticator/off", data={"csrf_token": csrf})
    assert current_session().scalar(select(func.count(RecoveryCode.id))) == 0


def test_codes_outlive_another_key_and_are_not_counted_without_theirs(
    app: Flask, with_app: PageClient, user_of: UserOf
) -> None:
    code = make_codes(user_of(ART))[0]
    old = app.config["CMS_DATA_KEYS"]
    app.config["CMS_DATA_KEYS"] = ["another key that seals things in tests 0123456789", *old]
    assert factors_of(user_of(ART).id).recovery_codes == 10
    client = fresh_client(app)
    enter_password(client, ART)
    assert client.submit(RECOVERY, {"code": code}).status_code == 302
    app.config["CMS_DATA_KEYS"] = app.config["CMS_DATA_KEYS"][:1]
    assert factors_of(user_of(ART).id).recovery_codes == 0
    app.config["CMS_DATA_KEYS"] = old


# -- everything lost -------------------------------------------------------------------------------------


def lose_everything(app: Flask, as_: As, user_of: UserOf) -> PageClient:
    """Give Art a passkey, an app and codes; return a browser in which they are signed in."""
    set_up_app(as_(ART), user_of(ART))
    add_passkey(as_(ART), SoftKey())
    make_codes(user_of(ART))
    return as_(ART)


def test_an_admin_resets_the_factors_of_another(app: Flask, as_: As, user_of: UserOf) -> None:
    his = lose_everything(app, as_, user_of)
    number = user_of(ART).id
    path = f"/admin/users/{number}/factors/"
    answer = as_(ADA).submit(f"/admin/users/{number}/", form=f"form[action='{path}']")
    assert answer.status_code == 303
    session = current_session()
    for model in (Passkey, Authenticator, RecoveryCode):
        assert session.scalar(select(func.count()).select_from(model)) == 0
    assert not is_signed_in(his)
    letter = letters()[-1]
    assert letter["subject"] == "Your second factors were reset at Masthead"
    assert "Ada reset the second factors" in letter["text"]
    assert enter_password(fresh_client(app), ART).headers["Location"] == "/login/next"


def test_nobody_resets_their_own_or_those_of_who_holds_more(app: Flask, as_: As, user_of: UserOf) -> None:
    add_passkey(as_(ADA), SoftKey())
    with pytest.raises(Forbidden), transaction():
        reset_factors(user_of(ADA), by=user_of(ADA))
    with transaction():
        assign_roles(user_of(ED), [get_role("editor"), get_role("admin")], by=system_user())
    with transaction():
        assign_roles(user_of(ED), [get_role("editor")], by=system_user())
    with pytest.raises(Forbidden), transaction():
        reset_factors(user_of(ADA), by=user_of(ED))
    for person in (ED, ART, SUE):
        csrf = as_(person).csrf_token("/account/")
        answer = as_(person).post(f"/admin/users/{user_of(ADA).id}/factors/", data={"csrf_token": csrf})
        assert answer.status_code in (403, 404)
    assert current_session().scalar(select(func.count(Passkey.id))) == 1


def test_the_operator_resets_from_the_command_line(app: Flask, as_: As, user_of: UserOf) -> None:
    his = lose_everything(app, as_, user_of)
    runner = app.test_cli_runner()
    result = runner.invoke(args=["users", "reset-factors", ART.email])
    assert result.exit_code == 0, result.output
    assert "Art" in result.output
    current_session().rollback()
    assert current_session().scalar(select(func.count(Passkey.id))) == 0
    assert "The operator of the site reset" in letters()[-1]["text"]
    assert not is_signed_in(his)
    result = runner.invoke(args=["users", "reset-factors", "nobody@example.com"])
    assert result.exit_code == 1


def test_signing_in_afterwards_is_as_at_the_beginning(app: Flask, as_: As, user_of: UserOf) -> None:
    lose_everything(app, as_, user_of)
    with transaction():
        reset_factors(user_of(ART), by=system_user())
    client = fresh_client(app).sign_in(ART)
    assert is_signed_in(client)
    assert current_session().scalar(select(func.count(SignIn.id)).where(SignIn.user_id == user_of(ART).id)) == 1
    set_up_app(client, user_of(ART))
