"""Where one is signed in: told as it is, and ended at once, by oneself or by an admin."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from cms.accounts.models import SignIn, User
from cms.accounts.sign_ins import IDLE, SEEN_EVERY
from cms.audit.models import AuditEntry
from cms.core.db import current_session, transaction
from cms.lib.clock import utcnow
from tests.clients import PageClient
from tests.people import ADA, ART, ED, SUE, Person

As = Callable[[Person], PageClient]
UserOf = Callable[[Person], User]
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Safari/604.1"


def sign_in(app: Flask, person: Person, user_agent: str, ip: str) -> PageClient:
    client = app.test_client()
    assert isinstance(client, PageClient)
    client.environ_base.update({"HTTP_USER_AGENT": user_agent, "REMOTE_ADDR": ip})
    return client.sign_in(person)


def is_in(client: PageClient) -> bool:
    return client.get("/account/").status_code == 200


def shown(client: PageClient) -> str:
    """Return the text of the section."""
    found = client.page("/account/").css_first("#sign-ins")
    assert found is not None
    return " ".join(found.text().split())


def row_of(user_id: int, ip: str) -> int:
    found = current_session().scalar(select(SignIn.id).where(SignIn.user_id == user_id, SignIn.ip == ip))
    assert found is not None
    return found


def test_each_browser_is_told_with_device_address_and_how(app: Flask) -> None:
    here = sign_in(app, SUE, FIREFOX, "192.0.2.7")
    sign_in(app, SUE, PHONE, "2001:db8::9")
    sign_in(app, SUE, "<b>x</b>", "198.51.100.4")
    text = shown(here)
    for told in (
        "Firefox on Linux",
        "this browser",
        "192.0.2.7",
        "Safari on iPhone",
        "2001:db8::9",
        "with the password",
    ):
        assert told in text
    assert "Unknown device" in text
    assert text.index("Firefox on Linux") < text.index("Safari on iPhone")
    assert text.count("this browser") == 1
    assert text.count("End it") == 2


def test_the_last_click_is_told_with_its_address(app: Flask) -> None:
    client = sign_in(app, SUE, FIREFOX, "192.0.2.7")
    with transaction() as session:
        session.execute(update(SignIn).values(last_seen_at=utcnow() - SEEN_EVERY))
    client.environ_base["REMOTE_ADDR"] = "203.0.113.5"
    client.get("/account/")
    assert "203.0.113.5" in shown(client)


def test_a_sign_in_ended_elsewhere_stops_with_the_next_request(app: Flask, user_of: UserOf) -> None:
    here, there = sign_in(app, SUE, FIREFOX, "192.0.2.1"), sign_in(app, SUE, PHONE, "192.0.2.2")
    third = sign_in(app, SUE, PHONE, "192.0.2.3")
    key = row_of(user_of(SUE).id, "192.0.2.2")
    assert here.submit("/account/", form=f"form[action$='/sign-ins/{key}/end']").status_code == 303
    assert not is_in(there)
    assert is_in(here)
    assert is_in(third)


def test_who_stays_signed_in_is_out_too(app: Flask) -> None:
    here = sign_in(app, SUE, FIREFOX, "192.0.2.1")
    there = app.test_client()
    assert isinstance(there, PageClient)
    there.submit("/login", {"email": SUE.email, "password": "the ferry leaves at five", "remember": "y"})
    there.delete_cookie("masthead")
    assert is_in(there)
    assert "stays signed in until" in shown(here)
    assert here.submit("/account/", form="form[action$='/end-others']").status_code == 303
    assert not is_in(there)
    there.delete_cookie("masthead")
    assert not is_in(there)
    assert is_in(here)
    assert "End all others" not in shown(here)


def test_nobody_ends_what_is_not_theirs(app: Flask, as_: As, user_of: UserOf) -> None:
    victim = sign_in(app, ADA, FIREFOX, "192.0.2.1")
    key = row_of(user_of(ADA).id, "192.0.2.1")
    thief = as_(SUE)
    token = thief.csrf_token("/account/")
    assert thief.post(f"/account/sign-ins/{key}/end", data={"csrf_token": token}).status_code == 303
    assert is_in(victim)
    assert thief.post("/account/sign-ins/end-others", data={}).status_code == 400


def test_an_idle_sign_in_is_not_told(app: Flask) -> None:
    sign_in(app, SUE, PHONE, "192.0.2.2")
    with transaction() as session:
        session.execute(update(SignIn).values(last_seen_at=utcnow() - IDLE - timedelta(minutes=1)))
    assert "iPhone" not in shown(sign_in(app, SUE, FIREFOX, "192.0.2.1"))


def test_an_admin_sees_and_ends_those_of_others_and_the_record_keeps_both(app: Flask, as_: As, user_of: UserOf) -> None:
    there, number = sign_in(app, ART, PHONE, "192.0.2.2"), user_of(ART).id
    path = f"/admin/users/{number}/sign-ins/"
    page = as_(ADA).get(path).get_data(as_text=True)
    assert "Safari on iPhone" in page
    assert "192.0.2.2" in page
    answer = as_(ADA).submit(path, form="form[action$='/sign-ins/']")
    assert answer.status_code == 303
    assert not is_in(there)
    assert "signed in nowhere" in as_(ADA).get(path).get_data(as_text=True)
    acts = current_session().scalars(select(AuditEntry.act).where(AuditEntry.subject_id == number)).all()
    assert "user.sign_ins_seen" in acts
    assert "user.sign_in_ended" in acts


@pytest.mark.parametrize(("person", "status"), [(ED, 403), (ART, 404), (SUE, 404)])
def test_nobody_else_looks_it_up(as_: As, user_of: UserOf, person: Person, status: int) -> None:
    answer = as_(person).get(f"/admin/users/{user_of(ADA).id}/sign-ins/")
    assert answer.status_code in (status, 403, 404)
    assert "signed in" not in answer.get_data(as_text=True).lower().replace("you are signed in", "")
