"""Seeing as somebody else: exactly what they see, nothing changed, and always a way back."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from cms.accounts.actions import deactivate_user
from cms.accounts.events import SeeingBegan, SeeingEnded
from cms.accounts.models import Role, RoleGrant, SignIn, User
from cms.api.access import is_api
from cms.content.models import Post
from cms.core.db import transaction
from cms.core.events import on
from cms.core.permissions import system_user
from cms.extensions import db
from tests import factories
from tests.clients import PageClient
from tests.guards import routes
from tests.people import ADA, ART, CON, ED, SUE, Person

As = Callable[[Person], PageClient]
STOP = "form[action='/see-as/stop']"
UserOf = Callable[[Person], User]


def see_as(client: PageClient, person: User) -> PageClient:
    answer = client.submit("/admin/see-as/", {"user": str(person.id)}, form="form[action='/admin/see-as/person/']")
    assert answer.status_code == 303, answer.text
    return client


def see_as_role(client: PageClient, name: str) -> PageClient:
    answer = client.submit("/admin/see-as/", {"role": name}, form="form[action='/admin/see-as/role/']")
    assert answer.status_code == 303, answer.text
    return client


@pytest.mark.parametrize("person", [ED, ART, CON, SUE], ids=lambda person: person.name)
def test_every_page_answers_as_it_would_to_them(app: Flask, as_: As, user_of: UserOf, person: Person) -> None:
    """Ada's answers while seeing as somebody are theirs, page by page, but for the banner and the own account."""
    theirs = as_(person)
    hers = see_as(as_(ADA), user_of(person))
    pages = [rule.rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and not rule.arguments]
    differ = {}
    for path in sorted(pages):
        if path.startswith(("/account", "/login", "/logout", "/change", "/verify", "/reset", "/register")):
            continue
        if (given := hers.get(path, buffered=True).status_code) != (
            expected := theirs.get(path, buffered=True).status_code
        ):
            differ[path] = (given, expected)
    assert differ == {}


def test_their_drafts_are_listed_and_those_of_others_are_not(app: Flask, as_: As, user_of: UserOf) -> None:
    factories.make_post("What Art wrote", author=ART, state="draft")
    factories.make_post("What Ed wrote", author=ED, state="draft")
    page = see_as(as_(ADA), user_of(ART)).get("/admin/posts/").text
    assert "What Art wrote" in page
    assert "What Ed wrote" not in page


def test_nothing_can_be_changed_by_any_route(app: Flask, as_: As, user_of: UserOf) -> None:
    hers = see_as(as_(ADA), user_of(ED))
    open_still = {}
    for name, (rule, method) in routes.routes(app).items():
        if method in ("GET", "HEAD") or rule.endpoint in ("accounts.stop_seeing", "security.logout"):
            continue
        if is_api(rule.rule):
            # Who sees as somebody else does so in a browser, and its cookie opens nothing here.
            continue
        with app.test_request_context():
            path = (
                app.url_map.bind("localhost").build(rule.endpoint, dict.fromkeys(rule.arguments, "1"), method=method)
                if rule.arguments
                else rule.rule
            )
        token = hers.csrf_token("/admin/")
        answer = hers.open(path, method=method, data={"csrf_token": token})
        if answer.status_code not in (403, 404, 405):
            open_still[name] = answer.status_code
    assert open_still == {}


def test_a_sentence_says_why_nothing_is_saved(as_: As, user_of: UserOf) -> None:
    hers = see_as(as_(ADA), user_of(ED))
    answer = hers.post("/admin/posts/new/", data={"title": "Mine", "csrf_token": hers.csrf_token("/admin/posts/new/")})
    assert answer.status_code == 403
    assert "You only look on while you see as somebody else" in answer.text
    assert db.session.scalars(select(Post).where(Post.title == "Mine")).all() == []


def test_the_banner_stands_over_the_back_office_and_the_site_and_leads_back(as_: As, user_of: UserOf) -> None:
    hers = see_as(as_(ADA), user_of(CON))
    for path in ("/admin/", "/admin/posts/", "/", "/search", "/no-such-page"):
        page = hers.get(path)
        assert "as Con would" in page.text, path
        assert "no-store" in page.headers["Cache-Control"]
    answer = hers.submit("/admin/", {}, form=STOP)
    assert answer.status_code == 303
    assert "as Con would" not in hers.get("/admin/").text
    assert hers.get("/admin/settings/").status_code == 200


def test_who_has_no_place_in_the_back_office_is_left_by_the_banner_of_the_site(as_: As, user_of: UserOf) -> None:
    hers = see_as(as_(ADA), user_of(SUE))
    assert hers.get("/admin/").status_code == 404
    assert hers.submit("/", {}, form=STOP).status_code == 303
    assert hers.get("/admin/").status_code == 200


def test_a_role_is_somebody_who_owns_nothing(as_: As, user_of: UserOf) -> None:
    factories.make_post("What Art wrote", author=ART, state="draft")
    hers = see_as_role(as_(ADA), "author")
    page = hers.get("/admin/posts/")
    assert page.status_code == 200
    assert "What Art wrote" not in page.text
    assert hers.get("/admin/users/").status_code == 404
    assert hers.get("/admin/profile/").status_code == 200
    assert "as Author would" in hers.get("/").text


def test_only_who_may_sees_as_others(as_: As, user_of: UserOf) -> None:
    for person in (ED, ART, CON):
        client = as_(person)
        assert client.get("/admin/see-as/").status_code in (403, 404)
        sent = client.post("/admin/see-as/person/", data={"user": "1", "csrf_token": client.csrf_token("/admin/")})
        assert sent.status_code in (403, 404)
    sign_ins = db.session.scalars(select(SignIn)).all()
    assert all(row.seen_as_user_id is None and row.seen_as_role_id is None for row in sign_ins)


def test_nobody_sees_as_somebody_who_holds_more(app: Flask, as_: As, user_of: UserOf) -> None:
    with transaction():
        editor = db.session.scalars(select(Role).where(Role.name == "editor")).one()
        editor.grants.append(RoleGrant(permission="accounts:user:see-as", extent="all"))
    client = as_(ED)
    assert client.get("/admin/see-as/").status_code == 200
    token = client.csrf_token("/admin/see-as/")
    above = client.post("/admin/see-as/person/", data={"user": str(user_of(ADA).id), "csrf_token": token})
    assert above.status_code == 403
    assert client.post("/admin/see-as/role/", data={"role": "admin", "csrf_token": token}).status_code == 403
    assert "see-as/person" in client.get("/admin/see-as/").text


def test_it_ends_with_the_right_and_with_the_person(app: Flask, as_: As, user_of: UserOf) -> None:
    hers = see_as(as_(ADA), user_of(CON))
    with transaction():
        deactivate_user(user_of(CON), by=system_user())
    assert hers.get("/admin/settings/").status_code == 200
    assert "as Con would" not in hers.get("/admin/").text


def test_signing_out_ends_the_real_sign_in(as_: As, user_of: UserOf) -> None:
    hers = see_as(as_(ADA), user_of(CON))
    ada, con = user_of(ADA).id, user_of(CON).id
    as_(CON)
    hers.submit("/admin/", {}, form="form[action='/logout']")
    left = db.session.scalars(select(SignIn.user_id)).all()
    assert ada not in left
    assert con in left


def test_the_own_account_stays_closed_meanwhile(as_: As, user_of: UserOf) -> None:
    hers = see_as(as_(ADA), user_of(CON))
    assert hers.get("/change").status_code == 403


def test_beginning_and_end_are_told(as_: As, user_of: UserOf) -> None:
    told: list[object] = []
    on(SeeingBegan)(told.append)
    on(SeeingEnded)(told.append)
    hers = see_as(as_(ADA), user_of(CON))
    hers.submit("/admin/", {}, form=STOP)
    ada, con = user_of(ADA).id, user_of(CON).id
    assert told == [SeeingBegan(ada, user_id=con, title="Con"), SeeingEnded(ada, user_id=con)]
