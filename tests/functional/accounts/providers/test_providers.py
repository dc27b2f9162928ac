"""Signing in with an account elsewhere: who is let in, who is not, and what they are told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from cms.accounts import provider_trips
from cms.accounts.actions import deactivate_user
from cms.accounts.models import Authenticator, Challenge, Identity, SignIn, User
from cms.accounts.queries import find_user_by_email, get_role
from cms.core.db import current_session, transaction
from cms.lib.clock import utcnow
from tests.clients import PageClient
from tests.functional.accounts.letters import letters
from tests.functional.accounts.providers.steps import (
    NAME,
    asked,
    change,
    come_back,
    connect,
    depart,
    go,
    identities,
    providers_file,
    said,
    who,
)
from tests.needs import needs
from tests.people import ADA, ART, SUE, Person
from tests.provider.crooked import SECRET, Crooked

As = Callable[[Person], PageClient]
UserOf = Callable[[Person], User]


def told_by_mail() -> list[dict[str, Any]]:
    """Return the letters about accounts elsewhere; there are others, about a browser that nobody has seen before."""
    return [letter for letter in letters() if "Elsewhere" in letter["subject"]]


def count_people() -> int:
    return current_session().scalar(select(func.count(User.id))) or 0


# -- whom an account elsewhere lets in -------------------------------------------------------------------


def test_the_sign_in_page_offers_the_providers(client: PageClient) -> None:
    page = client.page("/login?next=/admin/posts/")
    buttons = [button.text() for button in page.css("form[action^='/login/with/'] button")]
    assert buttons == ["Continue with Elsewhere", "Continue with Other", "Continue with GitHub"]


def test_a_site_without_providers_offers_none(make_app: Callable[..., Flask]) -> None:
    client = make_app().test_client()
    assert b"Continue with" not in client.get("/login").data
    assert client.post("/login/with/elsewhere").status_code in (400, 404)
    assert client.get("/login/with/elsewhere/answer").status_code == 404


def test_an_account_is_made_where_the_settings_say_so(app: Flask, client: PageClient, told: Crooked) -> None:
    change(app, create_accounts=True)
    assert go(client, told).headers["Location"] == "/login/next"
    assert who(client) == "nell@example.com"
    assert identities() == [("nell@example.com", told.issuer, "nell-1")]
    user = find_user_by_email("nell@example.com")
    assert user is not None
    assert (user.name, user.password, user.role_names) == ("Nell", None, ("subscriber",))
    assert user.confirmed_at is not None
    assert told_by_mail() == []


def test_who_comes_again_is_the_same_person(app: Flask, client: PageClient, another: PageClient, told: Crooked) -> None:
    change(app, create_accounts=True)
    go(client, told)
    before = count_people()
    go(another, told)
    assert who(another) == "nell@example.com"
    assert count_people() == before
    identity = current_session().scalars(select(Identity)).one()
    assert identity.last_used_at is not None


def test_a_stranger_is_told_what_to_do_and_not_who_has_an_account(
    client: PageClient, told: Crooked, hub: Crooked
) -> None:
    sentences = set()
    for email in ("nell@example.com", ADA.email, SUE.email):
        told.claims["email"] = email
        sentences.add(said(client, go(client, told)))
    (sentence,) = sentences
    assert sentence.startswith("This Elsewhere account is not connected here. Sign in as you usually do, then connect")
    assert who(client) is None
    assert identities() == []


def test_a_mail_address_with_an_apostrophe_works(app: Flask, client: PageClient, told: Crooked) -> None:
    change(app, create_accounts=True)
    told.claims["email"] = "o'brien@example.com"
    go(client, told)
    assert who(client) == "o'brien@example.com"


@pytest.mark.parametrize("name", [None, "", "nell@example.com", "\u200b", "N" * 300])
def test_a_new_person_has_a_name_that_readers_may_see(
    app: Flask, client: PageClient, told: Crooked, name: str | None
) -> None:
    change(app, create_accounts=True)
    told.claims["name"] = name
    go(client, told)
    user = find_user_by_email("nell@example.com")
    assert user is not None
    assert user.name in ("New reader", "N" * 120)


def test_accounts_are_made_for_the_domains_that_are_named(app: Flask, client: PageClient, told: Crooked) -> None:
    change(app, create_accounts=True, allowed_domains=frozenset({"harbour.example"}))
    for email in ("nell@example.com", "nell@harbour.example.com", "nell@sub.harbour.example"):
        told.claims["email"] = email
        assert "not connected here" in said(client, go(client, told))
    told.claims["email"] = "Nell@Harbour.Example"
    go(client, told)
    assert who(client) == "nell@harbour.example"


def test_next_leads_on_within_the_site_alone(app: Flask, told: Crooked) -> None:
    change(app, create_accounts=True)
    for wanted, led in (
        ("/account/", "/account/"),
        ("//evil.example", "/login/next"),
        ("https://evil.example", "/login/next"),
    ):
        client = app.test_client()
        assert isinstance(client, PageClient)
        token = client.csrf_token("/login")
        left = client.post(f"/login/with/{NAME}", data={"csrf_token": token, "next": wanted})
        address = left.headers["Refresh"].removeprefix("0; url=")
        assert come_back(client, address, told.authorise(address)).headers["Location"] == led


def test_a_second_factor_is_asked_for_after_a_provider_too(
    client: PageClient, told: Crooked, as_: As, user_of: UserOf
) -> None:
    connect(as_(SUE), told)
    now, user_id = utcnow(), user_of(SUE).id
    with transaction() as session:
        session.add(Authenticator(user_id=user_id, secret="sealed", created_at=now, confirmed_at=now))
    answer = go(client, told)
    assert answer.headers["Location"] == "/login/second-step"
    assert who(client) is None


def test_a_role_that_asks_for_a_second_factor_confines_who_has_none(client: PageClient, told: Crooked, as_: As) -> None:
    connect(as_(ART), told)
    with transaction():
        get_role("author").requires_second_factor = True
    answer = go(client, told)
    assert answer.headers["Location"] != "/login/next"
    assert client.get("/admin/").status_code == 302


# -- a verified address ----------------------------------------------------------------------------------


def test_a_verified_address_opens_an_account_only_where_it_is_trusted(
    app: Flask, client: PageClient, told: Crooked
) -> None:
    told.claims["email"] = SUE.email
    change(app, create_accounts=True)
    assert "not connected here" in said(client, go(client, told))
    change(app, trust_email=True)
    go(client, told)
    assert who(client) == SUE.email
    (letter,) = told_by_mail()
    assert letter["to"] == SUE.email
    assert letter["subject"] == "Elsewhere signs you in at Masthead from now on"
    assert "http://localhost/account/" in letter["text"]


def test_a_verified_address_opens_the_office_only_where_that_is_said(
    app: Flask, client: PageClient, told: Crooked
) -> None:
    told.claims["email"] = ADA.email
    change(app, trust_email=True)
    assert "not connected here" in said(client, go(client, told))
    change(app, trust_email_for_office=True)
    go(client, told)
    assert who(client) == ADA.email


@pytest.mark.parametrize("verified", [False, None, "true", 1, "yes"])
def test_an_unverified_address_proves_nothing(app: Flask, client: PageClient, told: Crooked, verified: object) -> None:
    change(app, create_accounts=True, trust_email=True, trust_email_for_office=True)
    for email in (SUE.email, ADA.email, "somebody@example.com"):
        told.claims |= {"email": email, "email_verified": verified}
        assert "not connected here" in said(client, go(client, told))
    assert identities() == []


def test_a_closed_account_stays_closed_and_is_not_told(
    app: Flask, client: PageClient, told: Crooked, as_: As, user_of: UserOf
) -> None:
    connect(as_(SUE), told)
    unknown = "This Elsewhere account is not connected here."
    with transaction():
        deactivate_user(user_of(SUE), by=user_of(ADA))
    assert said(client, go(client, told)).startswith(unknown)
    change(app, trust_email=True)
    told.claims |= {"sub": "another", "email": SUE.email}
    assert said(client, go(client, told)).startswith(unknown)
    assert who(client) is None


# -- connecting ------------------------------------------------------------------------------------------


def test_somebody_connects_signs_in_and_disconnects(client: PageClient, told: Crooked, as_: As) -> None:
    sue = as_(SUE)
    assert said(sue, connect(sue, told)) == "You can sign in with Elsewhere from now on."
    go(client, told)
    assert who(client) == SUE.email
    page = sue.page("/account/").css_first("#connected")
    assert page is not None
    assert "nell@example.com" in page.text()
    gone = sue.submit("/account/", form="#connected form[action$=disconnect]")
    assert said(sue, gone) == "Elsewhere does not sign you in any more."
    assert identities() == []
    assert [letter["to"] for letter in told_by_mail()] == [SUE.email, SUE.email]


def test_connecting_the_same_again_changes_nothing(told: Crooked, as_: As) -> None:
    sue = as_(SUE)
    connect(sue, told)
    connect(sue, told)
    assert identities() == [(SUE.email, told.issuer, "nell-1")]
    assert len(told_by_mail()) == 1


def test_what_opens_another_account_is_not_connected_nor_told_whose_it_is(told: Crooked, as_: As) -> None:
    connect(as_(SUE), told)
    sentence = said(as_(ART), connect(as_(ART), told))
    assert sentence == "This Elsewhere account cannot be connected: it is in use here already."
    assert identities() == [(SUE.email, told.issuer, "nell-1")]


def test_the_last_way_in_stays(app: Flask, client: PageClient, told: Crooked, other: Crooked) -> None:
    change(app, create_accounts=True)
    go(client, told)
    assert client.page("/account/").css_first("#connected form[action$=disconnect]") is None
    (identity,) = current_session().scalars(select(Identity.id))
    token = client.csrf_token("/account/")
    answer = client.post(f"/account/connected/{identity}/disconnect", data={"csrf_token": token})
    assert "only way in" in said(client, answer)
    connect(client, other, "other")
    client.submit("/account/", form="#connected form[action$=disconnect]")
    assert identities() == [("nell@example.com", other.issuer, "nell-1")]


def test_nobody_disconnects_what_is_not_theirs(told: Crooked, as_: As) -> None:
    connect(as_(SUE), told)
    (identity,) = current_session().scalars(select(Identity.id))
    for person in (ART, ADA):
        token = as_(person).csrf_token("/account/")
        answer = as_(person).post(f"/account/connected/{identity}/disconnect", data={"csrf_token": token})
        assert answer.status_code == 404
    assert len(identities()) == 1


def test_connecting_asks_whether_it_is_them(told: Crooked, as_: As) -> None:
    """A form that another site sends in somebody's name, or a cookie that was copied, connects nothing."""
    sue = as_(SUE)
    with transaction() as session:
        for row in session.scalars(select(SignIn)):
            row.confirmed_at = utcnow() - timedelta(hours=1)
    answer = sue.submit("/account/", form=f"form[action='/account/connect/{NAME}']")
    assert answer.status_code == 403
    assert "Is it you?" in answer.get_data(as_text=True)
    assert "Refresh" not in answer.headers


def test_who_connects_is_who_began(client: PageClient, told: Crooked, as_: As) -> None:
    """Somebody else signs in in the same browser before the answer comes."""
    sue = as_(SUE)
    address = depart(sue, page="/account/", to="/account/connect")
    code = told.authorise(address)
    with sue.session_transaction() as session:
        trips = session["masthead_trips"]
    sue.submit("/account/", form="form[action='/logout']")
    sue.sign_in(ART)
    with sue.session_transaction() as session:
        session["masthead_trips"] = trips
    assert (
        said(sue, come_back(sue, address, code)) == "Somebody else is signed in here by now, so nothing was connected."
    )
    assert identities() == []


def test_who_is_signed_in_meanwhile_stays(app: Flask, told: Crooked, as_: As, client: PageClient) -> None:
    change(app, create_accounts=True)
    address = depart(client)
    with client.session_transaction() as session:
        trips = session["masthead_trips"]
    client.sign_in(SUE)
    with client.session_transaction() as session:
        session["masthead_trips"] = trips
    people = count_people()
    answer = come_back(client, address, told.authorise(address))
    assert "Somebody is signed in here already" in said(client, answer)
    assert who(client) == SUE.email
    assert count_people() == people


# -- what goes wrong -------------------------------------------------------------------------------------


def test_who_says_no_elsewhere_is_told_here(client: PageClient, told: Crooked) -> None:
    answer = come_back(client, depart(client), None, error="access_denied", error_description="<b>no</b>")
    assert said(client, answer) == "Elsewhere did not let you in. Try again, or sign in another way."


@pytest.mark.parametrize("refusal", [(500, b"{}"), (200, b"<html>"), (200, b"[]"), (302, b""), (200, b"{}")])
def test_a_provider_that_makes_no_sense_lets_nobody_in(
    app: Flask, client: PageClient, told: Crooked, refusal: tuple[int, bytes]
) -> None:
    change(app, create_accounts=True)
    told.refuses = refusal
    assert said(client, go(client, told)) == "Elsewhere does not answer just now. Please try again in a moment."
    assert who(client) is None


def test_a_code_that_is_refused_lets_nobody_in(client: PageClient, told: Crooked) -> None:
    answer = come_back(client, depart(client), "a code that was never given")
    assert "could not be proven" in said(client, answer)


def test_a_provider_that_is_not_there_is_told_on_the_sign_in_page(app: Flask, client: PageClient) -> None:
    change(app, issuer="http://127.0.0.1:1")
    answer = client.submit("/login", form=f"form[action='/login/with/{NAME}']")
    assert said(client, answer) == "Elsewhere does not answer just now. Please try again in a moment."


def test_a_trip_ends_after_ten_minutes(client: PageClient, told: Crooked, monkeypatch: pytest.MonkeyPatch) -> None:
    address = depart(client)
    monkeypatch.setattr(provider_trips, "utcnow", lambda: utcnow() + timedelta(minutes=10, seconds=2))
    assert "too long ago" in said(client, come_back(client, address, told.authorise(address)))


def test_going_somewhere_writes_nothing(app: Flask, client: PageClient) -> None:
    depart(client)
    assert current_session().scalar(select(func.count(Challenge.id))) == 0


def test_several_windows_may_be_on_their_way(app: Flask, client: PageClient, told: Crooked) -> None:
    change(app, create_accounts=True)
    first, second = depart(client), depart(client)
    come_back(client, first, told.authorise(first))
    assert who(client) == "nell@example.com"
    assert asked(first)["state"] != asked(second)["state"]


def test_a_secret_that_has_to_be_sent_in_the_form_is(app: Flask, client: PageClient, told: Crooked) -> None:
    change(app, create_accounts=True)
    told.auth_methods = ["client_secret_post"]
    go(client, told)
    assert who(client) == "nell@example.com"


def test_no_secret_is_shown(app: Flask, client: PageClient, told: Crooked, caplog: pytest.LogCaptureFixture) -> None:
    """Neither on a page, nor in a log, nor in what describes the settings to a programmer."""
    change(app, create_accounts=True)
    address = depart(client)
    told.refuses = (401, b'{"error": "invalid_client"}')
    answer = come_back(client, address, told.authorise(address))
    pages = [client.get("/login").get_data(as_text=True), answer.get_data(as_text=True), address]
    known = app.extensions["masthead_providers"]
    verifier = provider_trips.trip_of("key", "").verifier
    for text in (*pages, caplog.text, repr(known), str(known.providers)):
        assert SECRET not in text
        assert verifier not in text


@needs("postgres")
def test_all_of_it_works_on_postgresql(
    make_app: Callable[..., Flask], postgres_url: str, tmp_path: Path, told: Crooked, other: Crooked, hub: Crooked
) -> None:
    path = providers_file(tmp_path, told, other, hub)
    hosts = [told.issuer.removeprefix("http://")]
    app = make_app(CMS_DATABASE_URL=postgres_url, CMS_PROVIDERS_FILE=str(path), CMS_FETCH_ALLOW=hosts)
    change(app, create_accounts=True, roles={"writers": "author"}, sync_roles=True)
    told.claims["groups"] = ["writers"]
    client = app.test_client()
    assert isinstance(client, PageClient)
    address = depart(client)
    with client.session_transaction() as session:
        trips = session["masthead_trips"]
    come_back(client, address, told.authorise(address))
    assert who(client) == "nell@example.com"
    told.claims |= {"sub": "NELL-1", "email": "another@example.com"}
    second = app.test_client()
    assert isinstance(second, PageClient)
    go(second, told)
    assert who(second) == "another@example.com"
    third = app.test_client()
    with third.session_transaction() as session:
        session["masthead_trips"] = trips
    assert isinstance(third, PageClient)
    assert "too long ago" in said(third, come_back(third, address, told.authorise(address)))


# -- GitHub ----------------------------------------------------------------------------------------------


def test_github_is_known_by_its_number(app: Flask, client: PageClient, hub: Crooked) -> None:
    change(app, "github", create_accounts=True, roles={"harbour": "author"})
    go(client, hub, "github")
    assert who(client) == "nell@example.com"
    assert identities() == [("nell@example.com", hub.issuer, "4711")]
    user = find_user_by_email("nell@example.com")
    assert user is not None
    assert (user.name, user.role_names) == ("Nell Harbour", ("author",))
    # The name was given up, and somebody else took it.
    hub.github["/user"] |= {"id": 4712}
    hub.github["/user/emails"] = [{"email": "thief@example.com", "primary": True, "verified": True}]
    second = app.test_client()
    assert isinstance(second, PageClient)
    go(second, hub, "github")
    assert who(second) == "thief@example.com"


@pytest.mark.parametrize(
    "emails",
    [
        [],
        None,
        [{"email": "nell@example.com", "primary": True, "verified": False}],
        [{"email": "nell@example.com", "primary": False, "verified": True}],
        {"message": "Not Found"},
    ],
)
def test_github_proves_the_first_verified_address_alone(
    app: Flask, client: PageClient, hub: Crooked, emails: object
) -> None:
    change(app, "github", create_accounts=True, trust_email=True)
    hub.github["/user/emails"] = emails
    go(client, hub, "github")
    assert who(client) is None
    assert identities() == []
