"""Why not: one sentence with the rule, and who could change it."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from cms.accounts.actions import assign_roles, deactivate_user
from cms.accounts.models import Role, RoleGrant, User
from cms.content import policies, states
from cms.content.models import Entry
from cms.content.reasons import ACTS, why_not
from cms.core.db import transaction
from cms.core.permissions import system_user
from cms.extensions import db
from tests import factories
from tests.clients import PageClient
from tests.people import ADA, ART, CON, ED, PEOPLE, SUE, Person

As = Callable[[Person], PageClient]
UserOf = Callable[[Person], User]


def ask(client: PageClient, person: User, act: str, entry: Entry | None = None) -> str:
    number = str(entry.id) if entry is not None else ""
    page = client.get("/admin/why/", query_string={"person": person.id, "act": act, "entry": number})
    assert page.status_code == 200, page.text
    note = client.page(page.request.full_path).css_first(".mh-note[role=status]")
    assert note is not None
    return " ".join(note.text().split())


def test_a_missing_right_is_named_with_who_could_give_it(as_: As, user_of: UserOf) -> None:
    entry = factories.make_post("A loaf", author=CON, state="draft")
    answer = ask(as_(ADA), user_of(CON), "publish", entry)
    assert "No role of Con (Contributor) says: “Publish, schedule, update, unpublish and archive posts.”" in answer
    assert "Here that is Ada." in answer


def test_what_is_not_theirs_is_said_to_be_somebody_elses(as_: As, user_of: UserOf) -> None:
    entry = factories.make_post("A loaf", author=ED, state="draft")
    answer = ask(as_(ADA), user_of(ART), "publish", entry)
    assert "The roles of Art (Author) allow this for what they made themselves, and “A loaf” is not theirs" in answer


def test_the_state_is_told_before_the_rights(as_: As, user_of: UserOf) -> None:
    entry = factories.make_post("A loaf", author=CON, state="binned")
    answer = ask(as_(ADA), user_of(CON), "publish", entry)
    assert "“A loaf” lies in the bin; it has to be restored first." in answer
    assert "Ed" in answer
    draft = factories.make_post("A roll", author=CON, state="draft")
    assert str(states.refusal("unpublish")) in ask(as_(ADA), user_of(ED), "unpublish", draft)


def test_a_closed_account_is_told_before_everything(as_: As, user_of: UserOf) -> None:
    entry = factories.make_post("A loaf", author=ED, state="draft")
    with transaction():
        deactivate_user(user_of(ED), by=system_user())
    assert "The account of Ed is deactivated." in ask(as_(ADA), user_of(ED), "publish", entry)


def test_who_holds_nothing_is_told_what_it_takes(as_: As, user_of: UserOf) -> None:
    with transaction():
        assign_roles(user_of(SUE), [], by=system_user())
    assert "Sue holds no role" in ask(as_(ADA), user_of(SUE), "accounts:office:enter")


def test_who_may_is_told_so(as_: As, user_of: UserOf) -> None:
    entry = factories.make_post("A loaf", author=ART, state="draft")
    assert ask(as_(ADA), user_of(ART), "publish", entry) == "Art may do this."
    assert ask(as_(ADA), user_of(ADA), "settings:site:change") == "Ada may do this."


@pytest.mark.parametrize("state", ["draft", "in_review", "scheduled", "published", "archived", "binned"])
def test_a_reason_is_given_exactly_when_the_policy_or_the_state_refuses(user_of: UserOf, state: str) -> None:
    entry = factories.make_post("A loaf", author=ART, state=state)
    for person in PEOPLE:
        user = user_of(person)
        for name, act in ACTS.items():
            way = states.allows(entry, act.way) if act.way else entry.binned_at is None or act.from_bin
            out = name in ("restore", "erase") and entry.binned_at is None
            expected = bool(act.allowed(user, entry)) and way and not out
            assert (why_not(user, name, entry) is None) == expected, (person.name, name)


def test_a_right_in_another_place_is_said_to_be_elsewhere(as_: As, user_of: UserOf) -> None:
    walks, news = factories.make_term("category", "Walks"), factories.make_term("category", "News")
    entry = factories.make_post("A loaf", author=ED, state="draft", terms=[news])
    with transaction() as session:
        role = Role(name="walks", label="Walks", offered=[], grants=[])
        for verb in ("edit", "publish"):
            role.grants.append(RoleGrant(permission=f"content:post:{verb}", extent=f"category:{walks.id}"))
        session.add(role)
        session.flush()
        assign_roles(user_of(CON), [role], by=system_user())
    answer = ask(as_(ADA), user_of(CON), "publish", entry)
    assert "The roles of Con (Walks) allow this only in places where “A loaf” does not lie" in answer
    own = factories.make_post("A walk", author=ED, state="draft", terms=[walks])
    assert ask(as_(ADA), user_of(CON), "publish", own) == "Con may do this."


def test_nobody_learns_of_what_they_may_not_see(as_: As, user_of: UserOf) -> None:
    hidden = factories.make_post("Ed's secret", author=ED, state="draft")
    client = as_(CON)
    page = client.get("/admin/why/", query_string={"act": "publish", "entry": str(hidden.id)})
    assert page.status_code == 422
    assert "Ed's secret" not in page.text
    other = client.get("/admin/why/", query_string={"act": "accounts:office:enter", "person": str(user_of(ED).id)})
    assert "Ed may" not in other.text


@pytest.mark.parametrize("entry", ["", "none", "9" * 40, "-1", "٣", "999999"])
def test_a_question_about_nothing_gets_a_sentence(as_: As, entry: str) -> None:
    page = as_(ADA).get("/admin/why/", query_string={"act": "publish", "entry": entry})
    assert page.status_code == 422
    assert "entry" in page.text


def test_an_unknown_act_gets_a_sentence(as_: As) -> None:
    page = as_(ADA).get("/admin/why/", query_string={"act": "content:post:eat"})
    assert page.status_code == 422
    assert "Choose what should be done." in page.text


def test_policies_still_decide(user_of: UserOf) -> None:
    entry = factories.make_post("A loaf", author=ART, state="draft")
    admin = db.session.scalars(select(Role).where(Role.name == "admin")).one()
    with transaction():
        assign_roles(user_of(CON), [admin], by=system_user())
    assert policies.may_publish(user_of(CON), entry)
    assert why_not(user_of(CON), "publish", entry) is None


def test_the_page_of_a_person_leads_to_the_question_about_them(as_: As, user_of: UserOf) -> None:
    con = user_of(CON)
    link = f"/admin/why/?person={con.id}"
    assert as_(ED).page(f"/admin/users/{con.id}/").css_first(f'a[href="{link}"]') is not None
    chosen = as_(ED).page(link).css_first("#person option[selected]")
    assert chosen is not None
    assert chosen.text() == "Con"
