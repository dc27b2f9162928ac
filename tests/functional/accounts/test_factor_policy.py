"""Roles that ask for a second factor: who has none is led to setting one up, and can do nothing else before."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import insert, select

from cms.accounts.actions.assign_roles import assign_roles
from cms.accounts.factor_policy import what_asking_means
from cms.accounts.models import Group, Passkey, Role, SignIn, User, group_roles, groups_users
from cms.accounts.queries import get_role
from cms.api.access import NO_TOKEN, is_api
from cms.core.db import current_session, transaction
from cms.core.permissions import system_user
from cms.core.stamps import stamp_of
from tests.clients import PageClient
from tests.functional.accounts.factors import (
    add_passkey,
    app_code,
    ask_for_second_factor,
    enter_password,
    fresh_client,
    is_signed_in,
    role_named,
    show_passkey,
)
from tests.functional.accounts.keys import SoftKey
from tests.guards import routes
from tests.guards.routes import World
from tests.people import ADA, ART, ED, NOBODY, SUE, Person

As = Callable[[Person], PageClient]
UserOf = Callable[[Person], User]
WANTED = "/account/second-factor"


def test_who_has_none_is_led_to_setting_one_up(app: Flask, client: PageClient) -> None:
    ask_for_second_factor("author")
    assert enter_password(client, ART).headers["Location"] == WANTED
    page = client.page(WANTED)
    assert "One thing before you go on" in page.text()
    assert page.css_first("[data-passkey=make]") is not None
    assert page.css_first("form[action='/account/authenticator/begin']") is not None
    assert page.css_first("form[action='/logout']") is not None
    for path in ("/admin/", "/account/", "/change", "/account/recovery-codes"):
        first = client.get(path)
        assert first.headers["Location"].startswith("/login?"), path
        assert client.get(first.headers["Location"]).headers["Location"] == WANTED, path


def test_with_a_passkey_one_goes_on(app: Flask, client: PageClient) -> None:
    ask_for_second_factor("author")
    enter_password(client, ART)
    key = SoftKey()
    answer = add_passkey(client, key, page=WANTED)
    assert answer.json == {"next": "/account/recovery-codes"}
    assert client.get("/account/recovery-codes").status_code == 200
    assert client.get("/admin/").status_code == 200
    other = fresh_client(app)
    show_passkey(other, key)
    assert other.get("/admin/").status_code == 200


def test_with_an_app_one_goes_on(app: Flask, client: PageClient, user_of: UserOf) -> None:
    ask_for_second_factor("author")
    enter_password(client, ART)
    client.submit(WANTED, form="form[action='/account/authenticator/begin']")
    assert client.page("/account/authenticator").css_first(f"a[href='{WANTED}']") is not None
    answer = client.submit("/account/authenticator", {"code": app_code(user_of(ART))})
    assert answer.headers["Location"] == "/account/recovery-codes"
    assert client.get("/admin/").status_code == 200


def test_it_holds_at_the_next_click_of_who_is_signed_in(app: Flask, as_: As, user_of: UserOf) -> None:
    assert as_(ART).get("/admin/").status_code == 200
    ask_for_second_factor("author")
    assert as_(ART).get("/admin/").status_code == 302
    assert as_(ED).get("/admin/").status_code == 200
    with transaction():
        assign_roles(user_of(ED), [get_role("editor"), get_role("author")], by=system_user())
    assert as_(ED).get("/admin/").status_code == 302


def test_it_holds_through_a_group_too(app: Flask, as_: As, user_of: UserOf) -> None:
    with transaction() as session:
        group = Group(name="Desk", description="")
        session.add(group)
        session.flush()
        role = Role(name="careful", label="Careful", requires_second_factor=True)
        session.add(role)
        session.flush()
        session.execute(insert(groups_users).values(group_id=group.id, user_id=user_of(ART).id))
        session.execute(insert(group_roles).values(group_id=group.id, role_id=role.id))
    assert as_(ART).get("/admin/").status_code == 302
    assert as_(ART).get(WANTED).status_code == 200
    assert as_(ED).get("/admin/").status_code == 200


def test_who_has_one_and_did_not_show_it_signs_in_once_more(app: Flask, as_: As, user_of: UserOf) -> None:
    add_passkey(as_(ART), SoftKey())
    with transaction() as session:
        session.scalars(select(SignIn)).one().second_factor = False
    ask_for_second_factor("author")
    page = as_(ART).page(WANTED)
    assert "sign in once more" in page.text()
    assert page.css_first("[data-passkey]") is None
    csrf = as_(ART).csrf_token(WANTED)
    answer = as_(ART).post(
        "/account/passkeys/question", json={}, headers={"X-CSRFToken": csrf, "Accept": "application/json"}
    )
    assert answer.status_code == 403


def test_the_last_one_stays_as_long_as_a_role_asks_for_it(app: Flask, as_: As) -> None:
    add_passkey(as_(ART), SoftKey())
    ask_for_second_factor("author")
    number = current_session().scalars(select(Passkey.id)).one()
    as_(ART).submit("/account/", form=f"form[action='/account/passkeys/{number}/remove']")
    assert "Set up another one before" in as_(ART).page("/account/").text()
    assert current_session().scalar(select(Passkey.id)) == number


def test_one_can_always_sign_out(app: Flask, client: PageClient) -> None:
    ask_for_second_factor("author")
    enter_password(client, ART)
    assert client.submit(WANTED, form="form[action='/logout']").status_code == 302
    assert client.get(WANTED).headers["Location"].startswith("/login?")


def test_who_is_not_asked_has_no_such_page(as_: As) -> None:
    assert as_(SUE).get(WANTED).headers["Location"] == "/account/"


def test_whoever_makes_a_role_ask_is_told_what_it_means(app: Flask, as_: As, user_of: UserOf) -> None:
    told = what_asking_means(role_named("admin"), user_of(ADA))
    assert (told.people, told.without, told.is_me) == (1, 1, True)
    add_passkey(as_(ADA), SoftKey())
    told = what_asking_means(role_named("admin"), user_of(ADA))
    assert (told.people, told.without, told.is_me) == (1, 0, False)
    assert what_asking_means(role_named("author"), user_of(ADA)).is_me is False


# -- every door ------------------------------------------------------------------------------------------

#: What is open to who has yet to set one up; everything else answers as to a stranger.
OPEN = {
    "GET /account/second-factor",
    "GET /account/authenticator",
    "POST /account/authenticator",
    "POST /account/authenticator/begin",
    "POST /account/passkeys/question",
    "POST /account/passkeys/new",
    "POST /account/passkeys/confirm",
    "GET /verify",
    "POST /verify",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world in which Ada is signed in, and her role asks for a second factor since."""
    made = World(tmp_path_factory.mktemp("confined"))
    with made.app.app_context(), transaction():
        role = get_role("admin")
        role.requires_second_factor = True
    made._keep()
    yield made
    made.end()


def test_every_door_is_closed_but_those_to_set_one_up(world: World) -> None:
    """A browser finds what a stranger's would; a program, whose token is worth nothing by now, nothing at all.

    Signing in does not look at that token.
    """
    wrong = []
    for name, (rule, method) in routes.routes(world.app).items():
        mine, strangers = world.ask(rule, method, ADA), world.ask(rule, method, NOBODY)
        view = world.app.view_functions[rule.endpoint]
        looks = is_api(rule.rule) and not stamp_of(view, method, NO_TOKEN)
        closed = mine == ("401" if looks else strangers)
        if closed is (name in OPEN):
            wrong.append((name, mine, strangers))
    assert wrong == []


def test_confined_is_signed_in_nowhere_else(app: Flask, client: PageClient) -> None:
    ask_for_second_factor("subscriber")
    enter_password(client, SUE)
    assert not is_signed_in(client)
    assert client.get("/").status_code in (200, 404)


def test_the_review_of_a_role_says_that_one_is_concerned_oneself(as_: As) -> None:
    fields = {"requires_second_factor": "y"}
    answer = as_(ADA).submit("/admin/roles/admin/edit/", fields, form="form[data-warn-unsaved]")
    assert "You hold it and have no second factor yet" in answer.get_data(as_text=True)
