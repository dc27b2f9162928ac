"""Personal tokens: made by their person, shown once, narrower than the person, and ended by whatever ends sign-ins."""

from __future__ import annotations

import io
import json
import logging
import random
import sqlite3
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, jsonify, request
from sqlalchemy import func, select, update

from cms.accounts.actions import (
    assign_roles,
    create_token,
    deactivate_user,
    delete_user,
    end_sessions,
    erase_user,
    export_user,
    merge_user,
    reactivate_user,
    revoke_token,
    revoke_tokens,
)
from cms.accounts.actions.add_passkey import read_name
from cms.accounts.actions.make_recovery_codes import make_recovery_codes
from cms.accounts.actions.move_email import ask_for_email
from cms.accounts.actions.secure_account import secure_account
from cms.accounts.jobs import forget_sign_ins
from cms.accounts.locks import lock_people
from cms.accounts.models import PersonalToken, RefreshToken, SignIn, User
from cms.accounts.personal_tokens import count_tokens, find_token, hash_secret, list_tokens, new_secret, note_used
from cms.accounts.policies import may_erase_data, may_export_data, may_make_token
from cms.accounts.queries import get_role
from cms.accounts.retention import forget_addresses
from cms.accounts.sign_ins import open_sign_in
from cms.audit.models import AuditDetails, AuditEntry
from cms.core.db import current_session, transaction
from cms.core.errors import Conflict, Forbidden, Invalid, NotFound
from cms.core.idempotency import IdempotentRequest, forget_requests, person_owner
from cms.core.origin import Origin, coming_from
from cms.core.permissions import Grant, public_route, registry, system_user
from cms.core.privacy import DataSubject, holdings
from cms.lib.clock import utcnow
from tests.clients import PageClient
from tests.functional.accounts.factors import add_passkey, ask_for_second_factor, fresh_client, page_of
from tests.functional.accounts.keys import SoftKey
from tests.functional.accounts.letters import letters
from tests.functional.accounts.test_freshness import ANSWER, let_time_pass
from tests.functional.accounts.test_races import _at_once
from tests.needs import needs
from tests.people import ADA, ART, CON, ED, PASSWORD, SUE, Person

As = Callable[[Person], PageClient]
UserOf = Callable[[Person], User]
NEW = "/account/tokens/new"
#: What Art holds: own posts, and uploads.
SCOPES = ["content:post:edit", "media:file:upload"]


def made(user: User, *, scopes: list[str] | None = None, days: int = 30, name: str = "The feed reader") -> str:
    """Make a token of somebody and return its secret."""
    with transaction():
        _token, secret = create_token(user, name=name, scopes=scopes or SCOPES, days=days, by=user)
    return secret


@pytest.fixture
def shows(app: Flask) -> Callable[[str], list[str] | None]:
    """Give the site a route for programs; ask it with a secret what that may do, None for nothing at all."""

    @public_route
    def try_token() -> Any:
        found = find_token(request.headers.get("X-Token", ""))
        if found is None:
            return "", 401
        token, person = found
        note_used(token, request.remote_addr)
        return jsonify(sorted({right.permission for right in person.grants}))

    app.add_url_rule("/try/token", "try_token", try_token)

    def show(secret: str) -> list[str] | None:
        answer = fresh_client(app).get("/try/token", headers={"X-Token": secret})
        return answer.json if answer.status_code == 200 else None

    return show


Shows = Callable[[str], list[str] | None]


def one_token() -> PersonalToken:
    return current_session().scalars(select(PersonalToken)).one()


def database_of(app: Flask) -> str:
    """Return everything that is in the database, as text."""
    connection = sqlite3.connect(Path(app.instance_path) / "masthead.db")
    try:
        return "\n".join(connection.iterdump())
    finally:
        connection.close()


# -- finding -------------------------------------------------------------------------------------------------


def test_a_token_is_known_with_the_rights_it_names(user_of: UserOf, shows: Shows) -> None:
    secret = made(user_of(ART))
    assert shows(secret) == SCOPES
    assert {right.extent for right in user_of(ART).grants if right.permission == SCOPES[0]} == {"own"}


def test_it_is_found_in_two_queries_and_a_slip_of_the_pen_in_none(user_of: UserOf, count_queries: Any) -> None:
    secret = made(user_of(ADA), scopes=["content:post:edit"])
    current_session().expire_all()
    with count_queries() as asked:
        found = find_token(secret)
        assert found is not None
        assert found[1].grants == {Grant("content:post:edit")}
    assert len(asked) == 2, asked
    with count_queries() as asked:
        for wrong in (
            secret[:-1],
            secret + "x",
            "",
            "mhp_",
            secret.lower(),
            "x" * 100_000,
            secret.replace("mhp_", "ghp_"),
        ):
            assert find_token(wrong) is None
    assert asked == []
    with count_queries() as asked:
        assert find_token(new_secret()) is None
    assert len(asked) == 1


def test_it_ends_by_itself(user_of: UserOf) -> None:
    secret = made(user_of(ART), days=7)
    assert find_token(secret, now=utcnow() + timedelta(days=6)) is not None
    assert find_token(secret, now=utcnow() + timedelta(days=7)) is None
    assert list_tokens(user_of(ART).id, now=utcnow() + timedelta(days=7)) == []


def test_closing_the_account_ends_it_for_ever(user_of: UserOf, shows: Shows) -> None:
    secret = made(user_of(ART))
    with transaction():
        deactivate_user(user_of(ART), by=user_of(ADA))
    assert shows(secret) is None
    with transaction():
        reactivate_user(user_of(ART), by=user_of(ADA))
    assert shows(secret) is None
    assert count_tokens(user_of(ART).id) == 0


def test_an_account_that_is_closed_in_another_way_opens_nothing_either(user_of: UserOf, shows: Shows) -> None:
    secret = made(user_of(ART))
    with transaction() as session:
        session.execute(update(User).where(User.email == ART.email).values(active=False))
    assert shows(secret) is None


def test_another_password_ends_it(as_: As, user_of: UserOf, shows: Shows) -> None:
    secret, hers = made(user_of(ART)), made(user_of(ADA), scopes=["content:post:edit"])
    client = as_(ART)
    new = "a harbour full of small boats"
    answer = client.submit("/change", {"password": PASSWORD, "new_password": new, "new_password_confirm": new})
    assert answer.status_code == 302, answer.text
    assert shows(secret) is None
    assert shows(hers) == ["content:post:edit"]


def test_saying_that_it_was_not_me_ends_it(user_of: UserOf, shows: Shows) -> None:
    secret = made(user_of(ART))
    with transaction():
        secure_account(user_of(ART), by=user_of(ART))
    assert shows(secret) is None


def test_signing_out_everywhere_leaves_programs_alone(user_of: UserOf, shows: Shows) -> None:
    secret = made(user_of(ART))
    with transaction():
        end_sessions(user_of(ART), by=user_of(ART))
    assert shows(secret) == SCOPES


def test_other_roles_hold_from_the_next_look_on(user_of: UserOf, shows: Shows) -> None:
    secret = made(user_of(ART))
    with transaction():
        assign_roles(user_of(ART), [get_role("contributor")], by=system_user())
    assert shows(secret) == ["content:post:edit"]
    with transaction():
        assign_roles(user_of(ART), [get_role("admin")], by=system_user())
    assert shows(secret) == SCOPES
    with transaction():
        assign_roles(user_of(ART), [], by=system_user())
    assert shows(secret) == []


def test_nobody_gets_around_a_second_factor_by_a_token(app: Flask, as_: As, user_of: UserOf, shows: Shows) -> None:
    secret = made(user_of(ART))
    ask_for_second_factor("author")
    assert shows(secret) is None
    add_passkey(as_(ART), SoftKey(), page="/account/second-factor")
    assert shows(secret) == SCOPES


def test_a_merged_or_deleted_account_leaves_no_token(user_of: UserOf, shows: Shows) -> None:
    arts, cons = made(user_of(ART)), made(user_of(CON), scopes=["content:post:edit"])
    with transaction():
        merge_user(user_of(ART), into=user_of(ED), by=user_of(ADA))
    with transaction():
        delete_user(user_of(CON), by=user_of(ADA))
    assert shows(arts) is None
    assert shows(cons) is None
    assert current_session().scalar(select(func.count(PersonalToken.id))) == 0


def test_the_number_of_a_token_is_never_given_again(user_of: UserOf) -> None:
    made(user_of(ART))
    first = one_token().id
    with transaction():
        revoke_tokens(user_of(ART), by=user_of(ART))
    made(user_of(ART))
    assert one_token().id > first


# -- narrowing -----------------------------------------------------------------------------------------------


def test_narrowing_outlives_whatever_forgets_the_person(user_of: UserOf) -> None:
    secret = made(user_of(ADA), scopes=["accounts:user:edit", "content:post:edit"])
    rng = random.Random(7)
    current_session().expunge_all()
    found = find_token(secret)
    assert found is not None
    person, narrow = found[1], {Grant("accounts:user:edit"), Grant("content:post:edit")}
    session = current_session()

    def in_transaction() -> None:
        with transaction():
            lock_people(person, by=person)
            assert person.grants == narrow

    def given_up() -> None:
        with pytest.raises(ZeroDivisionError), transaction():
            raise ZeroDivisionError

    ways: list[Callable[[], object]] = [
        in_transaction,
        given_up,
        session.expire_all,
        session.rollback,
        lambda: session.refresh(person),
        lambda: session.expire(person, ["held", "roles"]),
        lambda: session.get_one(User, person.id, populate_existing=True),
        lambda: session.scalars(select(User).execution_options(populate_existing=True)).all(),
        lambda: find_token(secret),
    ]
    for _round in range(60):
        rng.choice(ways)()
        assert person.grants == narrow
        assert session.get_one(User, person.id) is person


def test_scopes_of_every_sort_never_give_more_than_the_person_has(user_of: UserOf) -> None:
    rng = random.Random(11)
    everything = list(registry.names())
    for person in (ADA, ED, ART, CON, SUE):
        held = user_of(person).grants
        for _round in range(8):
            secret = new_secret()
            scopes = rng.sample(everything, rng.randint(0, len(everything)))
            with transaction() as session:
                # Also what could not be made: a right that was lost, or that never was.
                session.add(
                    PersonalToken(
                        user_id=user_of(person).id, name="x", key_hash=hash_secret(secret), hint=secret[-4:],
                        scopes=sorted(scopes), created_at=utcnow(), expires_at=utcnow() + timedelta(days=1),
                    )
                )  # fmt: skip
            current_session().expunge_all()
            found = find_token(secret)
            assert found is not None
            assert found[1].grants == {right for right in held if right.permission in scopes}
            current_session().expunge_all()


def test_a_program_does_not_change_how_its_person_signs_in(user_of: UserOf) -> None:
    ada = user_of(ADA)
    secret = made(ada, scopes=list(registry.names()))
    found = find_token(secret)
    assert found is not None
    program, everything = found[1], DataSubject(ADA.email, ada.id)
    assert not may_make_token(program, program)
    assert not may_erase_data(program, program) or Grant("accounts:personal-data:erase") in program.grants
    program.narrowed_to = frozenset({"content:post:edit"})
    assert not may_erase_data(program, program)
    assert not may_export_data(program, program)
    for act in (
        lambda: create_token(program, name="More", scopes=["content:post:edit"], days=7, by=program),
        lambda: revoke_tokens(program, by=program),
        lambda: secure_account(program, by=program),
        lambda: end_sessions(program, by=program),
        lambda: make_recovery_codes(program, by=program),
        lambda: ask_for_email(program, email="other@example.org", by=program),
        lambda: erase_user(program, by=program),
        lambda: export_user(everything, by=program),
    ):
        with pytest.raises(Forbidden), transaction():
            act()
    assert read_name("Laptop") == "Laptop"


def test_a_program_revokes_the_token_it_came_with_and_no_other(user_of: UserOf, shows: Shows) -> None:
    mine, other = made(user_of(ART), name="Mine"), made(user_of(ART), name="Other")
    found, elses = find_token(mine), find_token(other)
    assert found is not None
    assert elses is not None
    token, program = found
    with coming_from(Origin("api", token_id=token.id)):
        with pytest.raises(Forbidden), transaction():
            revoke_token(elses[0], by=program)
        with transaction():
            revoke_token(token, by=program)
    assert shows(mine) is None
    assert shows(other) == SCOPES


# -- making --------------------------------------------------------------------------------------------------


def test_only_the_person_themselves_makes_one(user_of: UserOf) -> None:
    for by in (user_of(ADA), system_user()):
        with pytest.raises(Forbidden), transaction():
            create_token(user_of(ART), name="x", scopes=SCOPES, days=7, by=by)


def test_what_cannot_be_is_refused_by_its_name(user_of: UserOf) -> None:
    cases: list[dict[str, Any]] = [
        {"name": "  "}, {"name": "x" * 121}, {"days": 0}, {"days": 367}, {"days": -1}, {"days": True}, {"scopes": []},
        {"scopes": ["content:post:fly"]}, {"scopes": ["accounts:user:delete"]}, {"scopes": [*SCOPES, "x"]},
    ]  # fmt: skip
    for wrong in cases:
        given = {"name": "x", "scopes": SCOPES, "days": 30, **wrong}
        with pytest.raises(Invalid) as error, transaction():
            create_token(user_of(ART), **given, by=user_of(ART))
        assert set(error.value.fields) == set(wrong)
    assert count_tokens(user_of(ART).id) == 0


def test_what_is_made_is_tidy(user_of: UserOf) -> None:
    secret = made(user_of(ART), name=" My \u202e reader\n", scopes=[*reversed(SCOPES), SCOPES[0]], days=366)
    token = one_token()
    assert (token.name, token.scopes, token.hint) == ("My reader", sorted(SCOPES), secret[-4:])
    assert token.expires_at - token.created_at == timedelta(days=366)


def test_nobody_has_more_than_fifty(user_of: UserOf) -> None:
    art = user_of(ART)
    with transaction():
        for _each in range(50):
            create_token(art, name="x", scopes=SCOPES, days=7, by=art)
    with pytest.raises(Conflict), transaction():
        create_token(art, name="x", scopes=SCOPES, days=7, by=art)
    with transaction() as session:
        session.execute(update(PersonalToken).values(expires_at=utcnow()))
    assert made(art)


def _check_that_the_fiftieth_is_the_last(app: Flask) -> None:
    def art() -> User:
        return current_session().scalars(select(User).where(User.email == ART.email)).one()

    def make() -> None:
        person = art()
        create_token(person, name="x", scopes=SCOPES, days=7, by=person)

    with app.app_context():
        secret = made(art())
        with transaction():
            for _each in range(48):
                make()
    told = _at_once(app, [make] * 6)
    assert sorted(type(error).__name__ for error in told) == ["Conflict"] * 5 + ["NoneType"]
    with app.app_context():
        found = find_token(secret)
        assert found is not None
        token, person = found
        assert {right.permission for right in person.grants} == set(SCOPES)
        with coming_from(Origin("api", token_id=token.id)), transaction():
            revoke_token(token, by=person)
        assert find_token(secret) is None
        assert count_tokens(art().id) == 49


def test_of_two_who_make_the_last_one_one_does(make_app: Callable[..., Flask]) -> None:
    _check_that_the_fiftieth_is_the_last(make_app())


@needs("postgres")
def test_of_two_who_make_the_last_one_one_does_on_postgresql(make_app: Callable[..., Flask], postgres_url: str) -> None:
    _check_that_the_fiftieth_is_the_last(make_app(CMS_DATABASE_URL=postgres_url))


# -- what is kept --------------------------------------------------------------------------------------------


def test_the_record_keeps_which_token_and_no_secret(app: Flask, user_of: UserOf) -> None:
    secret = made(user_of(ART))
    number = one_token().id
    with transaction():
        revoke_token(one_token(), by=user_of(ADA))
    made(user_of(ART))
    with transaction():
        revoke_tokens(user_of(ART), by=user_of(ADA))
    rows = current_session().execute(
        select(AuditEntry, AuditDetails)
        .join(AuditDetails, AuditDetails.number == AuditEntry.number)
        .where(AuditEntry.act.like("user.token%"))
        .order_by(AuditEntry.number)
    )
    told = [(entry.act, entry.actor_id, entry.subject_id, kept.details) for entry, kept in rows]
    art, ada = user_of(ART).id, user_of(ADA).id
    assert [(act, actor, subject) for act, actor, subject, _details in told] == [
        ("user.token_created", art, art), ("user.token_revoked", ada, art), ("user.token_created", art, art),
        ("user.tokens_revoked", ada, art),
    ]  # fmt: skip
    first = told[0][3]["after"]
    assert (first["token"], first["token_id"], first["scopes"]) == ("The feed reader", number, SCOPES)
    assert told[1][3]["before"] == {"token": "The feed reader", "token_id": number}
    kept = database_of(app)
    assert "The feed reader" in kept
    assert secret not in kept
    assert secret[4:40] not in kept


def test_the_database_holds_a_hash_alone(app: Flask, user_of: UserOf) -> None:
    secret = made(user_of(ART))
    kept = database_of(app)
    assert hash_secret(secret) in kept
    assert secret[4:30] not in kept
    assert find_token(hash_secret(secret)) is None


def test_the_person_is_told_by_mail(user_of: UserOf) -> None:
    secret = made(user_of(ART))
    letter = letters()[-1]
    assert (letter["to"], letter["subject"]) == (ART.email, "A personal token was made for your account at Masthead")
    assert "“The feed reader”" in letter["text"]
    assert secret[4:] not in letter["text"]


def test_its_use_is_noted_now_and_then(user_of: UserOf, shows: Shows) -> None:
    secret = made(user_of(ART))
    assert one_token().last_used_at is None
    shows(secret)
    first = one_token().last_used_at
    assert first is not None
    assert one_token().last_used_ip == "127.0.0.1"
    shows(secret)
    assert one_token().last_used_at == first
    with transaction() as session:
        session.execute(update(PersonalToken).values(last_used_at=first - timedelta(minutes=5)))
    shows(secret)
    again = one_token().last_used_at
    assert again is not None
    assert again >= first
    with transaction():
        forget_addresses(before=utcnow() + timedelta(seconds=1))
    assert one_token().last_used_ip is None


def test_what_is_over_is_forgotten(user_of: UserOf) -> None:
    made(user_of(ART), name="old")
    now, day = utcnow(), timedelta(days=1)
    with transaction() as session:
        session.execute(update(PersonalToken).values(expires_at=now - day))
        open_sign_in(user_of(ART))
        session.flush()
        sign_in = session.scalars(select(SignIn)).one().id
        for hashed, until in (("a", now - day), ("b", now + day)):
            session.add(RefreshToken(sign_in_id=sign_in, key_hash=hashed, created_at=now - day, expires_at=until))
            session.add(
                IdempotentRequest(owner="x", key_hash=hashed, fingerprint="f", created_at=now - day, expires_at=until)
            )
    made(user_of(ART), name="new")
    forget_sign_ins()
    forget_requests()
    assert one_token().name == "new"
    assert current_session().scalars(select(RefreshToken.key_hash)).all() == ["b"]
    assert current_session().scalars(select(IdempotentRequest.key_hash)).all() == ["b"]
    with transaction():
        end_sessions(user_of(ART), by=user_of(ART))
    assert current_session().scalars(select(RefreshToken.key_hash)).all() == []


def test_an_export_tells_of_tokens_and_an_erasure_ends_them(as_: As, user_of: UserOf, shows: Shows) -> None:
    secret = made(user_of(ART))
    answer = as_(ART).submit("/account/", form="form[action='/account/data']")
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    answer.close()
    told = json.loads(archive.read("tokens.json"))
    assert [(row["name"], row["hint"], row["scopes"]) for row in told] == [("The feed reader", secret[-4:], SCOPES)]
    everything = b"".join(archive.read(name) for name in archive.namelist()).decode()
    assert secret[4:30] not in everything
    assert hash_secret(secret) not in everything
    art, now = user_of(ART).id, utcnow()
    with transaction() as session:
        for owner in (person_owner(art), "person:0"):
            session.add(
                IdempotentRequest(owner=owner, key_hash="a", fingerprint="f", created_at=now, expires_at=now, body=b"x")
            )
    with transaction():
        erase_user(user_of(ART), by=user_of(ADA))
    assert shows(secret) is None
    assert current_session().scalars(select(IdempotentRequest.owner)).all() == ["person:0"]
    assert "tokens" in {holding.key for holding in holdings()}


# -- the pages -----------------------------------------------------------------------------------------------


def make_one(client: PageClient, **more: Any) -> Any:
    fields = {"name": "The feed reader", "days": "90", "scopes": SCOPES, **more}
    return client.submit(NEW, fields)


def test_a_token_is_made_on_ones_page_and_shown_once(
    app: Flask, as_: As, user_of: UserOf, shows: Shows, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = as_(ART)
    assert client.page("/account/").css_first(f"#tokens a[href='{NEW}']") is not None
    answer = make_one(client)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    secret = page_of(answer).css_first("#secret").text()
    assert shows(secret) == SCOPES
    section = client.page("/account/").css_first("#tokens").text()
    assert "The feed reader" in section
    assert f"ends in {secret[-4:]}" in section
    assert "2 rights" in section
    assert "Only your own" in section
    for path in ("/account/", NEW, f"/account/tokens/{one_token().id}/revoke"):
        assert secret not in client.get(path).get_data(as_text=True)
    client.get(f"/nowhere/{secret}")
    assert secret not in caplog.text
    assert secret not in database_of(app)


def test_the_form_offers_what_the_person_holds_and_nothing_else(as_: As, user_of: UserOf) -> None:
    for person in (ADA, CON, SUE):
        boxes = as_(person).page(NEW).css("input[name=scopes]")
        offered = {box.attributes["value"] for box in boxes}
        assert offered == {right.permission for right in user_of(person).grants}
        assert not any("checked" in box.attributes for box in boxes)


def test_a_form_that_needs_another_look_keeps_what_was_ticked(as_: As) -> None:
    answer = make_one(as_(ART), name=" ")
    assert answer.status_code == 422
    page = page_of(answer)
    ticked = [box.attributes["value"] for box in page.css("input[name=scopes]") if "checked" in box.attributes]
    assert ticked == SCOPES
    assert page.css_first("select[name=days] option[selected]").attributes["value"] == "90"
    assert make_one(as_(ART), scopes=[]).status_code == 422
    assert make_one(as_(ART), scopes=["accounts:user:delete"]).status_code == 422
    assert make_one(as_(ART), days="4000").status_code == 422
    assert current_session().scalar(select(func.count(PersonalToken.id))) == 0


def test_making_one_asks_whether_it_is_you(as_: As) -> None:
    client = as_(ART)
    let_time_pass()
    held_up = make_one(client)
    assert held_up.status_code == 403
    assert current_session().scalar(select(func.count(PersonalToken.id))) == 0
    form = page_of(held_up).css_first("form[method=post]")
    carried = [(field.attributes["name"], field.attributes.get("value") or "") for field in form.css("input[name]")]
    values: dict[str, list[str]] = {}
    for name, value in carried:
        values.setdefault(str(name), []).append(value)
    answer = client.post(NEW, data={**values, ANSWER: PASSWORD})
    assert answer.status_code == 200
    assert one_token().scopes == SCOPES


def test_who_has_a_second_factor_shows_it_first(app: Flask, as_: As) -> None:
    add_passkey(as_(ART), SoftKey())
    assert make_one(as_(ART)).status_code == 200
    with transaction() as session:
        session.execute(update(SignIn).values(second_factor=False))
    assert as_(ART).get(NEW).status_code == 403
    csrf = as_(ART).csrf_token("/account/")
    assert as_(ART).post(NEW, data={"csrf_token": csrf, "name": "x", "days": "7", "scopes": SCOPES}).status_code == 403


def test_a_token_is_revoked_on_a_page_that_asks_first(as_: As, user_of: UserOf, shows: Shows) -> None:
    secret = made(user_of(ART))
    path = f"/account/tokens/{one_token().id}/revoke"
    assert as_(ART).page("/account/").css_first(f"#tokens a[href='{path}']") is not None
    assert "The feed reader" in as_(ART).page(path).css_first("h1").text()
    assert shows(secret) == SCOPES
    answer = as_(ART).submit(path)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/#tokens")
    assert shows(secret) is None
    assert as_(ART).get(path).status_code == 404


def test_a_token_of_somebody_else_is_not_there(as_: As, user_of: UserOf, shows: Shows) -> None:
    secret = made(user_of(ART))
    path = f"/account/tokens/{one_token().id}/revoke"
    for person in (ADA, ED, SUE):
        csrf = as_(person).csrf_token("/account/")
        assert as_(person).get(path).status_code == 404
        assert as_(person).post(path, data={"csrf_token": csrf}).status_code == 404
    with pytest.raises(Forbidden), transaction():
        revoke_token(one_token(), by=user_of(ED))
    assert shows(secret) == SCOPES
    for odd in ("0", "9" * 30):
        assert as_(ART).get(f"/account/tokens/{odd}/revoke").status_code == 404


def test_a_right_that_was_lost_is_marked(as_: As, user_of: UserOf) -> None:
    made(user_of(ART))
    with transaction():
        assign_roles(user_of(ART), [get_role("contributor")], by=system_user())
    assert "not now: you do not hold this right" in as_(ART).page("/account/").css_first("#tokens").text()


def test_an_admin_revokes_the_tokens_of_another(as_: As, user_of: UserOf, shows: Shows) -> None:
    secret, number = made(user_of(ART)), user_of(ART).id
    page, path = f"/admin/users/{number}/", f"/admin/users/{number}/account/?act=tokens"
    assert as_(ADA).page(page).css_first(f"a[href='{path}']") is not None
    assert "1 token" in as_(ADA).page(path).text()
    assert as_(ED).get(path).status_code in (403, 404)
    assert as_(ADA).submit(path).status_code == 303
    assert shows(secret) is None
    assert as_(ADA).page(page).css_first(f"a[href='{path}']") is None


def test_the_operator_revokes_the_tokens_of_one_or_of_everybody(app: Flask, user_of: UserOf, shows: Shows) -> None:
    arts, cons = made(user_of(ART)), made(user_of(CON), scopes=["content:post:edit"])
    runner = app.test_cli_runner()
    assert runner.invoke(args=["users", "revoke-tokens"]).exit_code == 2
    assert runner.invoke(args=["users", "revoke-tokens", "nobody@example.com"]).exit_code == 1
    assert runner.invoke(args=["users", "revoke-tokens", ART.email]).exit_code == 0
    assert (shows(arts), shows(cons)) == (None, ["content:post:edit"])
    result = runner.invoke(args=["users", "revoke-tokens", "--everybody"])
    assert (result.exit_code, shows(cons)) == (0, None)
    assert "Con <con@example.com>" in result.output
    assert runner.invoke(args=["users", "revoke-tokens", "--everybody"]).output == "Nobody has a personal token.\n"


def test_whoever_sees_as_somebody_else_sees_none_of_it(as_: As, user_of: UserOf) -> None:
    made(user_of(ART))
    client = as_(ADA)
    answer = client.submit(
        "/admin/see-as/", {"user": str(user_of(ART).id)}, form="form[action='/admin/see-as/person/']"
    )
    assert answer.status_code in (302, 303), answer.status
    assert client.get(NEW).status_code == 403
    assert client.get("/account/").status_code == 403


def test_nobody_is_asked_for_a_token_that_is_gone(user_of: UserOf) -> None:
    made(user_of(ART))
    token = one_token()
    with transaction():
        revoke_tokens(user_of(ART), by=user_of(ART))
    with pytest.raises(NotFound), transaction():
        revoke_token(token, by=user_of(ART))
