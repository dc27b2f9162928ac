"""Signing in for programs: what they get, what it is worth, and what ends it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from cms.accounts.actions import assign_roles, deactivate_user, reactivate_user
from cms.accounts.limits import BY_ACCOUNT
from cms.accounts.models import Device, RefreshToken, SignIn, User
from cms.accounts.program_sign_ins import LONGEST, MOST
from cms.accounts.queries import find_user_by_email, get_role
from cms.accounts.sign_ins import IDLE
from cms.audit.models import AuditDetails, AuditEntry
from cms.core.db import current_session, transaction
from cms.core.jobs import run_due
from cms.core.permissions import system_user
from cms.extensions import Base
from cms.lib.clock import utcnow
from cms.settings.actions import change_settings
from tests.clients import PageClient
from tests.functional.accounts.letters import letters
from tests.functional.api.client import ApiClient
from tests.people import ADA, ART, ED, PASSWORD, SUE, Person

As = Callable[[Person], ApiClient]
UserOf = Callable[[Person], User]
WRONG = "not the one at all"
OTHER = "the ferry leaves at half past five"


def told(answer: Any) -> dict[str, Any]:
    found: dict[str, Any] = answer.json
    return found


def log_in(app: Flask, person: Person = ADA, **more: Any) -> dict[str, Any]:
    answer = ApiClient(app).post("/auth/login", json={"email": person.email, "password": PASSWORD, **more})
    assert answer.status_code == 200, answer.text
    return told(answer)


def log_in_badly(client: ApiClient, email: str, password: str = WRONG, **more: Any) -> Any:
    return client.post("/auth/login", json={"email": email, "password": password, **more})


def open_registration() -> None:
    with transaction():
        change_settings({"registration_open": True}, by=system_user())


def events(name: str) -> list[AuditEntry]:
    current_session().rollback()
    return list(current_session().scalars(select(AuditEntry).where(AuditEntry.act == name)))


# -- the scenarios of the handbooks ------------------------------------------------------------------------


def test_register(app: Flask, stranger: ApiClient) -> None:
    """Ours answers 202, alike for an address that has an account: nobody learns who has one.

    The password that is sent is looked at and not kept. Whoever reads the mail chooses the one that counts: otherwise
    somebody could make an account for another's address and wait behind it. Where registration is closed, as it is at
    first, it is 403.
    """
    sent = {"name": "Nell", "email": "nell@example.com", "password": OTHER}
    closed = stranger.post("/auth/register", json=sent)
    assert (closed.status_code, told(closed)["code"]) == (403, "registration_closed")
    open_registration()
    answer = stranger.post("/auth/register", json=sent)
    assert answer.status_code == 202
    run_due()
    made = find_user_by_email("nell@example.com")
    assert made is not None
    assert (made.name, made.password, made.role_names) == ("Nell", None, ("subscriber",))
    assert [letter["to"] for letter in letters()] == ["nell@example.com"]
    again = stranger.post("/auth/register", json=sent | {"email": ADA.email})
    assert (again.status_code, again.get_data()) == (answer.status_code, answer.get_data())
    assert [letter["to"] for letter in letters()] == ["nell@example.com", ADA.email]


def test_login(app: Flask, user_of: UserOf) -> None:
    """Ours answers with a refresh token and a key for the device, too; a wrong password and an unknown address alike.

    A program that was signed in may be asked for a second factor besides; passwords are at least eight characters,
    and none of those that are tried first.
    """
    found = log_in(app)
    assert (found["token_type"], found["expires_in"]) == ("Bearer", 3600)
    assert (found["user"]["email"], found["user"]["id"]) == (ADA.email, user_of(ADA).id)
    assert ApiClient(app, found["access_token"]).get("/users/me").status_code == 200
    wrong = log_in_badly(ApiClient(app), ADA.email)
    unknown = log_in_badly(ApiClient(app), "nobody@example.com")
    for answer in (wrong, unknown):
        assert (answer.status_code, told(answer)["code"]) == (401, "wrong_credentials")
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'
    assert told(wrong)["detail"] == told(unknown)["detail"]


def test_current_user(api_as: As) -> None:
    """Ours tells what the token allows, and how far; never a hash, a key or a session."""
    me = told(api_as(ART).get("/users/me"))
    assert (me["name"], me["email"], me["roles"]) == ("Art", ART.email, ["author"])
    held = {right["permission"]: right["extents"] for right in me["permissions"]}
    assert held["content:post:edit"] == ["own"]
    assert "accounts:user:list" not in held
    assert not {"password", "fs_uniquifier", "passkey_handle"} & me.keys()


def test_unauthorised_access(api_as: As, stranger: ApiClient) -> None:
    """Ours is 401 for who does not say who they are, 403 for who may not, with a word for programs each."""
    answer = stranger.get("/users/me")
    assert (answer.status_code, told(answer)["code"]) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'
    assert told(answer)["message"] == told(answer)["detail"]
    refused = api_as(SUE).get("/users")
    assert (refused.status_code, told(refused)["code"]) == (403, "forbidden")


# -- what is sent ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "email"),
        ({"email": ADA.email}, "password"),
        ({"email": ADA.email, "password": PASSWORD, "role": "admin"}, "role"),
        ({"email": [ADA.email], "password": PASSWORD}, "email"),
        ({"email": ADA.email, "password": None}, "password"),
        ({"email": ADA.email, "password": ""}, "password"),
        ({"email": "a" * 321, "password": PASSWORD}, "email"),
        ({"email": ADA.email, "password": "p" * 5000}, "password"),
        ({"email": ADA.email, "password": PASSWORD, "device": "a key'; --"}, "device"),
    ],
)
def test_what_is_no_sign_in_names_the_field(stranger: ApiClient, body: dict[str, Any], field: str) -> None:
    answer = stranger.post("/auth/login", json=body)
    assert answer.status_code == 422
    assert field in told(answer)["errors"]


@pytest.mark.parametrize("email", ["", "ada", "ada@", "a\u0000da@example.com", "\u202eada@example.com", "ａ" * 200])
def test_what_is_no_mail_address_is_nobodys(stranger: ApiClient, email: str) -> None:
    answer = log_in_badly(stranger, email, PASSWORD)
    expected = {"": 422, "a\u0000da@example.com": 400}
    assert answer.status_code == expected.get(email, 401), answer.text


def test_an_address_is_taken_in_any_spelling(app: Flask) -> None:
    answer = ApiClient(app).post("/auth/login", json={"email": " ADA@Example.COM ", "password": PASSWORD})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("password", "short"),
        ("password", "password"),
        ("password", "nell@example.com"),
        ("email", "nell"),
        ("name", " "),
    ],
)
def test_who_registers_badly_is_told_what_is_wrong(stranger: ApiClient, field: str, value: str) -> None:
    open_registration()
    sent = {"name": "Nell", "email": "nell@example.com", "password": OTHER} | {field: value}
    answer = stranger.post("/auth/register", json=sent)
    assert answer.status_code == 422
    assert list(told(answer)["errors"]) == [field]
    assert run_due() == 0


def test_nobody_registers_with_rights(stranger: ApiClient) -> None:
    """Fields that nobody may choose are refused by their names."""
    open_registration()
    for field in ("role", "roles", "id", "active", "fs_uniquifier", "confirmed_at"):
        sent = {"name": "Nell", "email": "nell@example.com", field: "admin"}
        answer = stranger.post("/auth/register", json=sent)
        assert (answer.status_code, list(told(answer)["errors"])) == (422, [field])


# -- guessing ----------------------------------------------------------------------------------------------


def test_guessing_is_held_up_in_the_api_and_in_the_browser_together(app: Flask, client: PageClient) -> None:
    program = ApiClient(app)
    for _try in range(BY_ACCOUNT.free - 1):
        assert log_in_badly(program, ADA.email).status_code == 401
    assert client.submit("/login", {"email": ADA.email, "password": WRONG}).status_code == 200
    held_up = log_in_badly(program, ADA.email, PASSWORD)
    assert (held_up.status_code, told(held_up)["code"]) == (429, "too_many_requests")
    assert 0 < int(held_up.headers["Retry-After"]) <= 60
    assert client.submit("/login", {"email": ADA.email, "password": PASSWORD}).status_code == 429


def test_a_known_program_is_not_held_up_by_others_who_guess(app: Flask) -> None:
    device = log_in(app)["device"]
    for _try in range(BY_ACCOUNT.free + 1):
        log_in_badly(ApiClient(app), ADA.email)
    assert log_in_badly(ApiClient(app), ADA.email, PASSWORD).status_code == 429
    assert log_in_badly(ApiClient(app), ADA.email, PASSWORD, device=device).status_code == 200


def test_a_cookie_makes_no_known_program(app: Flask, as_: Callable[[Person], PageClient]) -> None:
    """What a browser keeps counts nothing for the API, and the other way round."""
    cookie = as_(ADA).get_cookie("masthead-device")
    assert cookie is not None
    for _try in range(BY_ACCOUNT.free + 1):
        log_in_badly(ApiClient(app), ADA.email)
    browser = app.test_client()
    browser.set_cookie("masthead-device", cookie.value)
    sent = {"email": ADA.email, "password": PASSWORD}
    assert browser.post("/api/v1/auth/login", json=sent).status_code == 429
    assert browser.post("/api/v1/auth/login", json=sent | {"device": cookie.value}).status_code == 200


def test_a_device_is_another_one_after_each_sign_in(app: Flask) -> None:
    first = log_in(app)["device"]
    second = log_in(app, device=first)["device"]
    assert first != second
    assert current_session().scalar(select(func.count(Device.id))) == 1
    log_in(app, device=first)
    assert current_session().scalar(select(func.count(Device.id))) == 2, "the older key is nobody's"


def test_failures_are_kept_and_so_are_sign_ins(app: Flask, user_of: UserOf) -> None:
    log_in_badly(ApiClient(app), ADA.email)
    run_due()
    log_in(app)
    failed, signed_in = events("user.tries_failed"), events("user.signed_in")
    assert [entry.subject_id for entry in signed_in] == [user_of(ADA).id]
    details = current_session().get_one(AuditDetails, signed_in[0].number).details
    assert (details["way"], details["after"]) == ("api", {"remembered": True})
    assert len(failed) == 1
    assert user_of(ADA).login_count == 1


# -- what the tokens are worth -----------------------------------------------------------------------------


def test_an_hour_later_the_access_token_is_renewed(app: Flask) -> None:
    found = log_in(app)
    for way in ({"headers": {"Authorization": f"Bearer {found['refresh_token']}"}}, {}):
        body = {} if way else {"json": {"refresh_token": found["refresh_token"]}}
        answer = ApiClient(app).post("/auth/refresh", **way, **body)
        assert answer.status_code == 200, answer.text
        assert answer.headers["Cache-Control"] == "no-store"
        found = told(answer)
        assert ApiClient(app, found["access_token"]).get("/users/me").status_code == 200
    assert current_session().scalar(select(func.count(SignIn.id))) == 1


def test_a_refresh_token_that_comes_again_ends_the_sign_in(app: Flask, user_of: UserOf) -> None:
    found, other = log_in(app), log_in(app)
    renewed = told(ApiClient(app).post("/auth/refresh", json={"refresh_token": found["refresh_token"]}))
    again = ApiClient(app).post("/auth/refresh", json={"refresh_token": found["refresh_token"]})
    assert (again.status_code, told(again)["code"]) == (401, "token_reused")
    for access in (found["access_token"], renewed["access_token"]):
        assert ApiClient(app, access).get("/users/me").status_code == 401
    after = ApiClient(app).post("/auth/refresh", json={"refresh_token": renewed["refresh_token"]})
    assert (after.status_code, told(after)["code"]) == (401, "invalid_token")
    assert ApiClient(app, other["access_token"]).get("/users/me").status_code == 200, "another family"
    assert [entry.subject_id for entry in events("user.token_reused")] == [user_of(ADA).id]


def test_a_refresh_token_is_shown_once_in_one_place(app: Flask, stranger: ApiClient) -> None:
    token = log_in(app)["refresh_token"]
    none = stranger.post("/auth/refresh")
    assert (none.status_code, told(none)["code"]) == (401, "unauthenticated")
    for dead in ("Bearer ended.long.ago", "Basic YWRhOnBhc3N3b3Jk"):
        answer = stranger.post("/auth/refresh", json={"refresh_token": token}, headers={"Authorization": dead})
        assert answer.status_code == 200, "what is in the body counts"
        token = told(answer)["refresh_token"]


def test_who_signs_in_may_send_any_token_along(app: Flask) -> None:
    for shown in ("Bearer ended.long.ago", "Bearer mhp_unknown", "Basic YWRhOnBhc3N3b3Jk", ""):
        headers, client = {"Authorization": shown}, ApiClient(app)
        sent = {"email": ADA.email, "password": PASSWORD}
        assert client.post("/auth/login", json=sent, headers=headers).status_code == 200, shown
        wrong = client.post("/auth/login", json={**sent, "password": "not it"}, headers=headers)
        assert (wrong.status_code, told(wrong)["code"]) == (401, "wrong_credentials")
        assert wrong.headers["WWW-Authenticate"] == 'Bearer realm="api"', "no token is blamed"
        code = {"challenge": "gone", "way": "app", "code": "123456"}
        step = client.post("/auth/second-factor", json=code, headers=headers)
        assert (step.status_code, told(step)["code"]) == (401, "second_step_over")
        asked = client.post("/auth/register", json={"name": "Nell", "email": "nell@example.com"}, headers=headers)
        assert asked.status_code in (202, 403)


def test_a_sign_in_that_is_renewed_goes_on_but_not_for_ever(app: Flask) -> None:
    found = log_in(app)
    began = utcnow() - LONGEST + timedelta(days=3)
    with transaction() as session:
        session.execute(update(SignIn).values(created_at=began, expires_at=utcnow() + timedelta(hours=1)))
    assert ApiClient(app).post("/auth/refresh", json={"refresh_token": found["refresh_token"]}).status_code == 200
    assert current_session().scalars(select(SignIn.expires_at)).one() == began + LONGEST


def test_a_sign_in_that_has_expired_opens_nothing(app: Flask) -> None:
    found = log_in(app)
    with transaction() as session:
        session.execute(update(SignIn).values(expires_at=utcnow()))
    assert ApiClient(app, found["access_token"]).get("/users/me").status_code == 401
    assert ApiClient(app).post("/auth/refresh", json={"refresh_token": found["refresh_token"]}).status_code == 401


def test_a_program_may_be_silent_for_long(app: Flask) -> None:
    """Half a day without a request ends a browser's sign-in, not a program's, which has a token for 30 days."""
    found = log_in(app)
    with transaction() as session:
        session.execute(update(SignIn).values(last_seen_at=utcnow() - timedelta(days=20)))
    assert ApiClient(app, found["access_token"]).get("/users/me").status_code == 200
    assert utcnow() - current_session().scalars(select(SignIn.last_seen_at)).one() < timedelta(minutes=1)


def test_who_signs_in_anew_each_time_does_not_fill_the_table(app: Flask, user_of: UserOf) -> None:
    first = log_in(app)
    with transaction() as session:
        mine, now = user_of(ADA).id, utcnow()
        for number in range(MOST):
            session.add(
                SignIn(
                    user_id=mine, key_hash=f"api:{number}", created_at=now, last_seen_at=now - timedelta(days=1),
                    expires_at=now + timedelta(days=1), method="api",
                )
            )  # fmt: skip
    newest = log_in(app)
    assert current_session().scalar(select(func.count(SignIn.id))) == MOST
    for found in (first, newest):
        assert ApiClient(app, found["access_token"]).get("/users/me").status_code == 200


def test_signing_out_ends_both_tokens(app: Flask) -> None:
    found, other = log_in(app), log_in(app)
    assert ApiClient(app, found["access_token"]).post("/auth/logout").status_code == 204
    assert ApiClient(app, found["access_token"]).get("/users/me").status_code == 401
    assert ApiClient(app).post("/auth/refresh", json={"refresh_token": found["refresh_token"]}).status_code == 401
    assert ApiClient(app, other["access_token"]).get("/users/me").status_code == 200
    assert current_session().scalar(select(func.count(RefreshToken.id))) == 1


def test_another_password_ends_every_token(app: Flask, as_: Callable[[Person], PageClient]) -> None:
    found = log_in(app, ART)
    fields = {"password": PASSWORD, "new_password": OTHER, "new_password_confirm": OTHER}
    assert as_(ART).submit("/change", fields).status_code == 302
    assert ApiClient(app, found["access_token"]).get("/users/me").status_code == 401
    assert ApiClient(app).post("/auth/refresh", json={"refresh_token": found["refresh_token"]}).status_code == 401


def test_a_closed_account_ends_every_token_for_good(app: Flask, user_of: UserOf) -> None:
    found = log_in(app, ART)
    with transaction():
        deactivate_user(user_of(ART), by=system_user())
    assert ApiClient(app, found["access_token"]).get("/users/me").status_code == 401
    assert log_in_badly(ApiClient(app), ART.email, PASSWORD).status_code == 401
    with transaction():
        reactivate_user(user_of(ART), by=system_user())
    assert ApiClient(app, found["access_token"]).get("/users/me").status_code == 401
    log_in(app, ART)


def test_other_roles_hold_with_the_next_request(app: Flask, user_of: UserOf) -> None:
    client = ApiClient(app, log_in(app, SUE)["access_token"])
    assert client.get("/users").status_code == 403
    with transaction():
        assign_roles(user_of(SUE), [get_role("admin")], by=system_user())
    assert client.get("/users").status_code == 200
    with transaction():
        assign_roles(user_of(SUE), [get_role("subscriber")], by=system_user())
    assert client.get("/users").status_code == 403


def test_a_number_that_is_given_again_brings_no_token_back(app: Flask) -> None:
    """SQLite gives the number of a row that is gone to the next one."""
    found = log_in(app)
    ApiClient(app, found["access_token"]).post("/auth/logout")
    log_in(app)
    assert ApiClient(app, found["access_token"]).get("/users/me").status_code == 401


# -- where one is signed in --------------------------------------------------------------------------------


def test_a_program_stands_in_the_list_and_ends_there(app: Flask, as_: Callable[[Person], PageClient]) -> None:
    program = ApiClient(app)
    answer = program.post(
        "/auth/login",
        json={"email": ADA.email, "password": PASSWORD},
        headers={"User-Agent": "harbour-backup/2.1 (+https://chronicle.example)"},
    )
    program.token = told(answer)["access_token"]
    browser = as_(ADA)
    listed = browser.page("/account/").css_first("#sign-ins").text()
    assert "A program (harbour-backup)" in listed
    assert "with the password, for the API" in " ".join(listed.split())
    sign_in = current_session().scalars(select(SignIn).where(SignIn.method == "api")).one()
    browser.submit("/account/", form=f"form[action$='/sign-ins/{sign_in.id}/end']")
    assert program.get("/users/me").status_code == 401


def test_programs_see_and_end_sign_ins(app: Flask, as_: Callable[[Person], PageClient]) -> None:
    as_(ADA)
    here, there = ApiClient(app, log_in(app)["access_token"]), ApiClient(app, log_in(app)["access_token"])
    log_in(app, ED)
    items = told(here.get("/me/sign-ins"))["items"]
    assert sorted((item["kind"], item["is_current"]) for item in items) == [
        ("browser", False), ("program", False), ("program", True),
    ]  # fmt: skip
    other = next(item["id"] for item in items if item["kind"] == "program" and not item["is_current"])
    assert told(here.get(f"/me/sign-ins/{other}"))["id"] == other
    assert here.delete(f"/me/sign-ins/{other}").status_code == 204
    assert there.get("/users/me").status_code == 401
    browser = next(item["id"] for item in items if item["kind"] == "browser")
    assert here.delete(f"/me/sign-ins/{browser}").status_code == 204
    assert as_(ADA).get("/account/").status_code == 302
    theirs = current_session().scalar(
        select(SignIn.id).join(User, SignIn.user_id == User.id).where(User.email == ED.email)
    )
    for gone in (other, theirs, 2**31, 2**53):
        assert here.get(f"/me/sign-ins/{gone}").status_code == 404
        assert here.delete(f"/me/sign-ins/{gone}").status_code == 404


def test_browsers_that_were_idle_too_long_are_in_no_list(app: Flask, as_: Callable[[Person], PageClient]) -> None:
    """Half a day without a click ends a sign-in as much as signing out does, unless it was meant to stay."""
    as_(ADA)
    client = ApiClient(app, log_in(app)["access_token"])
    idle = next(item for item in told(client.get("/me/sign-ins"))["items"] if item["kind"] == "browser")
    long_ago = update(SignIn).where(SignIn.id == idle["id"]).values(last_seen_at=utcnow() - IDLE)
    with transaction() as session:
        session.execute(long_ago)
    assert [item["kind"] for item in told(client.get("/me/sign-ins"))["items"]] == ["program"]
    assert client.get(f"/me/sign-ins/{idle['id']}").status_code == 404
    assert client.delete(f"/me/sign-ins/{idle['id']}").status_code == 404
    with transaction() as session:
        session.execute(long_ago.values(remembered=True))
    assert told(client.get("/me/sign-ins"))["total"] == 2


# -- who one is --------------------------------------------------------------------------------------------


def test_somebody_changes_their_own_profile(api_as: As) -> None:
    client = api_as(ART)
    before = client.get("/users/me")
    changed = client.patch(
        "/users/me", json={"biography": "Sails on Sundays."}, headers={"If-Match": before.headers["ETag"]}
    )
    assert (changed.status_code, told(changed)["biography"], told(changed)["name"]) == (200, "Sails on Sundays.", "Art")
    late = client.patch("/users/me", json={"name": "Arthur"}, headers={"If-Match": before.headers["ETag"]})
    assert late.status_code == 412
    assert told(client.get("/users/me")) == told(changed)
    assert client.get("/users/me", headers={"If-None-Match": changed.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    "field", ["email", "roles", "role", "id", "active", "fs_uniquifier", "password", "permissions"]
)
def test_nobody_changes_what_is_no_profile(api_as: As, field: str) -> None:
    answer = api_as(SUE).patch("/users/me", json={field: "admin", "name": "Susan"})
    assert (answer.status_code, list(told(answer)["errors"])) == (422, [field])
    assert told(api_as(SUE).get("/users/me"))["name"] == "Sue"


def test_who_asks_is_known_in_two_queries(app: Flask, count_queries: Callable[[], Any]) -> None:
    client = ApiClient(app, log_in(app)["access_token"])
    client.get("/problems/not_found")
    with count_queries() as asked:
        client.get("/problems/not_found")
    assert len([statement for statement in asked if statement.lstrip().startswith("SELECT")]) <= 3, "two, and settings"


# -- being sure --------------------------------------------------------------------------------------------


def test_what_matters_is_confirmed_with_the_password(app: Flask) -> None:
    client = ApiClient(app, log_in(app)["access_token"])
    sent = {"email": "lena@example.com", "name": "Lena"}
    with transaction() as session:
        session.execute(update(SignIn).values(confirmed_at=utcnow() - timedelta(minutes=16)))
    held_up = client.post("/users", json=sent)
    assert (held_up.status_code, told(held_up)["code"]) == (403, "confirm_first")
    assert told(held_up)["confirm"] == "/api/v1/auth/confirm"
    wrong = client.post("/auth/confirm", json={"password": WRONG})
    assert (wrong.status_code, list(told(wrong)["errors"])) == (422, ["password"])
    assert client.post("/users", json=sent).status_code == 403
    right = client.post("/auth/confirm", json={"password": PASSWORD})
    assert (right.status_code, told(right)) == (200, {"expires_in": 900})
    assert client.post("/users", json=sent).status_code == 201


def test_confirming_is_counted_and_concerns_this_sign_in_alone(app: Flask) -> None:
    here, there = (ApiClient(app, log_in(app)["access_token"]) for _program in range(2))
    with transaction() as session:
        session.execute(update(SignIn).values(confirmed_at=utcnow() - timedelta(minutes=16)))
    assert here.post("/auth/confirm", json={"password": PASSWORD}).status_code == 200
    assert told(there.post("/users", json={"email": "a@example.com", "name": "Al"}))["code"] == "confirm_first"
    for _try in range(BY_ACCOUNT.free):
        assert here.post("/auth/confirm", json={"password": WRONG}).status_code == 422
    held_up = here.post("/auth/confirm", json={"password": PASSWORD})
    assert held_up.status_code == 429
    assert int(held_up.headers["Retry-After"]) > 0


# -- what nobody else reads --------------------------------------------------------------------------------


def test_no_secret_is_written_down(app: Flask, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither the log nor the record nor the database holds a token, a key or a password."""
    found = log_in(app)
    renewed = told(ApiClient(app).post("/auth/refresh", json={"refresh_token": found["refresh_token"]}))
    log_in_badly(ApiClient(app), ADA.email)
    ApiClient(app, renewed["access_token"]).post("/auth/confirm", json={"password": WRONG})
    ApiClient(app).post("/auth/refresh", json={"refresh_token": found["refresh_token"]})
    run_due()
    current_session().rollback()
    kept = [
        repr(tuple(row)) for table in Base.metadata.sorted_tables for row in current_session().execute(select(table))
    ]
    written = "".join([*capfd.readouterr(), *kept])
    assert ADA.email in written
    for secret in (*found.values(), *renewed.values(), WRONG, PASSWORD):
        if isinstance(secret, str) and secret != "Bearer":
            assert secret not in written
            assert secret.rpartition(".")[2] not in written
