"""Acts that matter: held up until the person has shown that it is them, with nothing lost that was typed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask, request
from flask_admin import expose
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from cms.accounts.freshness import FRESH_FOR, PREFIX, fresh
from cms.accounts.models import SignIn, User
from cms.admin.base import Closed
from cms.core.db import current_session, transaction
from cms.core.permissions import signed_in
from cms.lib.clock import utcnow
from cms.settings.queries import get_settings
from tests.clients import PageClient, form_values
from tests.people import ADA, ART, PASSWORD, SUE, Person

As = Callable[[Person], PageClient]
UserOf = Callable[[Person], User]
ANSWER = f"{PREFIX}password"
TYPED = {"title": "Tea & scones <at> five", "text": "one\r\ntwo\r\n", "tags": ["a", "b"], "empty": ""}


def let_time_pass(*, by: timedelta = FRESH_FOR) -> None:
    """Have every sign-in be as old as that."""
    with transaction() as session:
        session.execute(update(SignIn).values(confirmed_at=utcnow() - by))


def page_of(answer: TestResponse) -> LexborHTMLParser:
    return LexborHTMLParser(answer.get_data(as_text=True))


@pytest.fixture
def acts(app: Flask) -> list[dict[str, list[str]]]:
    """Give the application a route that matters; the list holds what it was asked to do."""
    done: list[dict[str, list[str]]] = []

    @signed_in
    @fresh
    def act() -> str:
        if request.method == "POST":
            done.append(request.form.to_dict(flat=False))
        return "done"

    app.add_url_rule("/try/act", "try_act", act, methods=["GET", "POST"])
    return done


def send(client: PageClient, **more: object) -> TestResponse:
    return client.post("/try/act?of=7", data={**TYPED, "csrf_token": client.csrf_token("/change"), **more})


def test_who_has_just_signed_in_is_not_asked(as_: As, acts: list[dict[str, list[str]]]) -> None:
    assert send(as_(ADA)).get_data(as_text=True) == "done"
    let_time_pass(by=FRESH_FOR - timedelta(minutes=1))
    assert send(as_(ADA)).status_code == 200
    assert len(acts) == 2


def test_later_one_is_asked_and_nothing_typed_is_lost(as_: As, acts: list[dict[str, list[str]]]) -> None:
    client = as_(ADA)
    let_time_pass()
    assert client.get("/try/act").status_code == 200
    held_up = send(client)
    assert held_up.status_code == 403
    assert held_up.headers["Cache-Control"] == "no-store"
    assert acts == []
    form = page_of(held_up).css_first("form[method=post]")
    assert form is not None
    assert form.attributes["action"] == "/try/act?of=7"
    values = form_values(form)
    values[ANSWER] = PASSWORD
    assert client.post("/try/act?of=7", data=values).get_data(as_text=True) == "done"
    seen = acts.pop()
    assert seen.pop("csrf_token")
    # A browser's newlines come back as a browser sends them.
    assert {name: [text.replace("\r\n", "\n") for text in texts] for name, texts in seen.items()} == {
        "title": [TYPED["title"]],
        "text": ["one\ntwo\n"],
        "tags": ["a", "b"],
        "empty": [""],
    }
    assert send(client).status_code == 200


def test_a_wrong_password_goes_on_to_nothing_and_keeps_everything(as_: As, acts: list[dict[str, list[str]]]) -> None:
    client = as_(ADA)
    let_time_pass()
    for wrong, sentence in (("not the one", "not your password"), ("", "Fill in"), ("x" * 600, "not your password")):
        again = send(client, **{ANSWER: wrong, f"{PREFIX}name": ADA.email})
        assert again.status_code == 403
        assert sentence in again.get_data(as_text=True)
        values = form_values(page_of(again).css_first("form[method=post]"))  # type: ignore[arg-type]
        assert values["title"] == TYPED["title"]
        assert values[ANSWER] == ""
    assert acts == []
    assert send(client).status_code == 403


def test_the_answer_holds_for_this_browser_alone(app: Flask, as_: As, acts: list[dict[str, list[str]]]) -> None:
    here = as_(ADA)
    elsewhere = app.test_client()
    assert isinstance(elsewhere, PageClient)
    elsewhere.sign_in(ADA)
    let_time_pass()
    assert send(here, **{ANSWER: PASSWORD}).status_code == 200
    assert send(elsewhere).status_code == 403


def test_the_cookie_says_nothing_about_it(as_: As, acts: list[dict[str, list[str]]]) -> None:
    client = as_(ADA)
    let_time_pass()
    with client.session_transaction() as session:
        session["fs_paa"] = utcnow().timestamp()
        session["_fresh"] = True
    assert send(client).status_code == 403
    with transaction() as session:
        session.execute(update(SignIn).values(confirmed_at=None))
    assert send(client).status_code == 403
    assert acts == []


def test_the_verify_page_confirms_as_well(as_: As, acts: list[dict[str, list[str]]]) -> None:
    client = as_(ADA)
    let_time_pass()
    assert client.submit("/verify", {"password": "not the one"}).status_code == 200
    assert send(client).status_code == 403
    assert client.submit("/verify", {"password": PASSWORD}).status_code == 302
    assert send(client).status_code == 200


def test_a_script_is_told_where_to_confirm(as_: As, acts: list[dict[str, list[str]]]) -> None:
    client = as_(ADA)
    let_time_pass()
    token = client.csrf_token("/change")
    answer = client.post("/try/act", json={}, headers={"Accept": "application/json", "X-CSRFToken": token})
    assert answer.status_code == 403
    assert answer.get_json()["confirm"] == "/verify"


def test_a_stranger_is_sent_to_sign_in(client: PageClient, acts: list[dict[str, list[str]]]) -> None:
    answer = client.post("/try/act", data={"csrf_token": client.csrf_token("/login")})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login")
    assert acts == []


def test_a_form_without_its_token_is_not_even_asked(as_: As, acts: list[dict[str, list[str]]]) -> None:
    client = as_(ADA)
    let_time_pass()
    assert client.post("/try/act", data={**TYPED, ANSWER: PASSWORD}).status_code == 400
    assert send(client).status_code == 403


def test_who_has_nothing_to_confirm_with_is_told_what_to_do(
    as_: As, user_of: UserOf, acts: list[dict[str, list[str]]]
) -> None:
    client = as_(SUE)
    let_time_pass()
    with transaction():
        user_of(SUE).password = None
    answer = send(client)
    assert answer.status_code == 403
    assert "sign in again" in answer.get_data(as_text=True)
    assert send(client, **{ANSWER: PASSWORD}).status_code == 403
    assert acts == []


def test_signing_in_is_the_first_confirmation(as_: As) -> None:
    before = utcnow()
    as_(ADA)
    confirmed_at = current_session().scalar(select(SignIn.confirmed_at))
    assert confirmed_at is not None
    assert confirmed_at >= before


#: Acts that matter: `{user}` is somebody else's id. What the forms hold comes later; who is not fresh is asked first.
MATTERS = (
    "/admin/users/new/", "/admin/users/{user}/", "/admin/users/{user}/account/?act=deactivate",
    "/admin/users/{user}/account/?act=reset", "/admin/users/{user}/delete/", "/admin/users/{user}/merge/",
    "/admin/users/{user}/factors/", "/admin/users/export/", "/admin/roles/new/", "/admin/roles/author/edit/",
    "/admin/groups/new/", "/admin/audit/1/undo/", "/admin/audit/export/", "/admin/personal-data/export/",
    "/admin/personal-data/erase/", "/admin/see-as/person/", "/admin/see-as/role/",
    "/account/email", "/account/data", "/account/erase", "/account/passkeys/1/remove", "/account/authenticator/off",
    "/account/authenticator/begin", "/account/recovery-codes",
)  # fmt: skip


@pytest.mark.parametrize("path", MATTERS)
def test_what_matters_waits_for_an_answer(as_: As, user_of: UserOf, path: str) -> None:
    client = as_(ADA)
    token = client.csrf_token("/change")
    address = path.format(user=user_of(ART).id)
    let_time_pass()
    answer = client.post(address, data={"csrf_token": token, "name": "Nell"})
    assert answer.status_code == 403
    page = answer.get_data(as_text=True)
    assert "Is it you?" in page
    assert f'action="{address}"' in page
    assert 'name="name" value="Nell"' in page


@pytest.mark.parametrize("changed", [True, False])
def test_settings_of_signing_in_matter_and_others_do_not(as_: As, changed: bool) -> None:
    client = as_(ADA)
    let_time_pass()
    fields = {"registration_open": "y"} if changed else {"tagline": "News from the pier"}
    answer = client.submit("/admin/settings/", fields)
    assert answer.status_code == (403 if changed else 303)
    assert get_settings().registration_open is False


def test_a_view_of_the_back_office_names_routes_that_it_has() -> None:
    class WrongView(Closed):
        """Names a route that it does not have."""

        fresh = frozenset({"no_such_view"})

        @expose("/")
        @signed_in
        def index(self) -> str:
            """Show nothing."""
            return ""

    with pytest.raises(RuntimeError, match="no_such_view"):
        WrongView()
