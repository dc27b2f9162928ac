"""Groups in the back office: roles for several, members with a search, and nobody above oneself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from cms.accounts.actions import assign_roles, change_members, create_group, create_role, invite_user
from cms.accounts.models import Group
from cms.accounts.policies import ASSIGN, ENTER, LIST_PEOPLE
from cms.accounts.queries import find_group, get_role, list_members
from cms.core.db import current_session, transaction
from cms.core.permissions import Grant, system_user
from tests.clients import PageClient
from tests.factories import user
from tests.people import ADA, ART, CON, ED, NOBODY, SUE, Person

As = Callable[[Person], PageClient]


def make_group(name: str, roles: Sequence[str] = (), people: Sequence[Person] = ()) -> int:
    """Make a group with roles and members, and return its id."""
    with transaction():
        group = create_group(name=name, roles=[get_role(role) for role in roles], by=system_user())
        change_members(group, join=[user(person) for person in people], by=system_user())
        return group.id


def members(key: int) -> list[str]:
    """Return the names of the members of a group."""
    current_session().expire_all()
    group = find_group(key)
    assert group is not None
    return [member.name for member in list_members(group)]


def test_admin_makes_a_group_and_fills_it(app: Flask, as_: As) -> None:
    client = as_(ADA)
    assert "No groups yet" in client.page("/admin/groups/").text()
    answer = client.submit("/admin/groups/new/", {"name": "Desk", "description": "All days.", "roles": ["author"]})
    assert answer.status_code == 303
    group = current_session().scalars(select(Group)).one()
    assert (group.name, group.description, [role.name for role in group.roles]) == ("Desk", "All days.", ["author"])
    path = f"/admin/groups/{group.id}/"
    found = client.page(f"{path}?q=s")
    assert "Sue" in found.css_first("ul[aria-label=Found]").text()
    answer = client.submit(f"{path}?q=sue", form="ul[aria-label=Found] form")
    assert answer.status_code == 303
    assert members(group.id) == ["Sue"]
    page = client.page(path)
    assert "Take out" in page.text()
    assert client.submit(path, form="section[aria-labelledby=members] li form").status_code == 303
    assert members(group.id) == []


def test_the_page_of_a_person_tells_where_roles_come_from(app: Flask, as_: As) -> None:
    make_group("Night desk", ["editor"], [SUE])
    page = as_(ADA).page(f"/admin/users/{user(SUE).id}/")
    assert "Through groups" in page.text()
    assert "Night desk" in page.text()
    assert page.css_first("input[value=editor]").attributes.get("checked", "no") == "no"
    row = next(row for row in as_(ADA).page("/admin/users/").css("tbody tr") if "Sue" in row.text())
    assert "In Night desk" in row.text()


def test_people_are_filtered_by_role_group_state_and_second_factor(app: Flask, as_: As) -> None:
    key = make_group("Desk", ["author"], [SUE, CON])
    client = as_(ADA)

    def names(query: str) -> list[str]:
        rows = client.page(f"/admin/users/?{query}").css("tbody .mh-row__title")
        return [row.text(strip=True).removesuffix("(you)") for row in rows]

    assert names("view=everybody&role=author") == ["Art", "Con", "Sue"]
    assert names(f"view=everybody&group={key}") == ["Con", "Sue"]
    assert names("view=everybody&factor=yes") == []
    assert names("view=everybody&factor=no") == ["Ada", "Art", "Con", "Ed", "Sue"]
    assert names("view=everybody&group=999&role=nothing&factor=maybe") == ["Ada", "Art", "Con", "Ed", "Sue"]
    chips = client.page(f"/admin/users/?view=everybody&group={key}").css(".mh-chip b")
    assert [chip.text() for chip in chips] == ["Desk"]


def test_two_who_edit_a_group_lose_nothing(app: Flask, as_: As) -> None:
    key = make_group("Desk")
    client, path = as_(ADA), f"/admin/groups/{key}/"
    token = client.csrf_token(path)
    assert client.submit(path, {"name": "Theirs"}).status_code == 303
    stale = {"csrf_token": token, "version": "1", "name": "Mine", "roles": "author"}
    answer = client.post(path, data=stale)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Somebody else changed this group meanwhile." in text
    assert 'value="Mine"' in text


def test_deleting_a_group_says_what_goes(app: Flask, as_: As) -> None:
    key = make_group("Desk", ["author"], [SUE])
    page = as_(ADA).page(f"/admin/groups/{key}/delete/")
    assert "1 person" in page.text()
    assert as_(ADA).submit(f"/admin/groups/{key}/delete/").status_code == 303
    assert find_group(key) is None


@pytest.mark.parametrize("person", [ED, ART, CON, SUE, NOBODY], ids=lambda person: person.name)
def test_only_who_may_assign_roles_changes_groups(app: Flask, as_: As, person: Person) -> None:
    key = make_group("Desk", [], [ART])
    client = as_(person)
    expected = {"Ed": 403, "Nobody": 302}.get(person.name, 404)
    token = client.csrf_token("/login" if person is NOBODY else "/admin/profile/")
    assert client.get("/admin/groups/").status_code == (200 if person is ED else expected)
    assert client.get(f"/admin/groups/{key}/").status_code == (200 if person is ED else expected)
    for path, fields in (
        ("new/", {"name": "Mine"}),
        (f"{key}/", {"name": "Mine", "roles": "admin"}),
        (f"{key}/members/", {"join": str(user(SUE).id)}),
        (f"{key}/members/", {"leave": str(user(ART).id)}),
        (f"{key}/delete/", {}),
    ):
        answer = client.post(f"/admin/groups/{path}", data={"csrf_token": token, **fields})
        assert answer.status_code == expected, path
    assert members(key) == ["Art"]
    group = find_group(key)
    assert group is not None
    assert (group.name, group.roles) == ("Desk", [])


def test_a_manager_reaches_no_further_than_their_rights(app: Flask, as_: As) -> None:
    with transaction():
        rights = [
            Grant(ENTER),
            Grant(ASSIGN),
            Grant(LIST_PEOPLE),
            Grant("content:members:read"),
            Grant("accounts:user:edit", "own"),
        ]
        assign_roles(user(CON), [create_role(label="Manager", rights=rights, by=system_user())], by=system_user())
    high, low = make_group("High", ["editor"], [ED]), make_group("Low", ["subscriber"], [SUE])
    client = as_(CON)
    token = client.csrf_token("/admin/profile/")
    for path, fields in (
        (f"{high}/members/", {"join": str(user(CON).id)}),
        (f"{high}/members/", {"leave": str(user(ED).id)}),
        (f"{low}/members/", {"join": str(user(ADA).id)}),
        (f"{low}/", {"name": "Low", "roles": "editor"}),
        (f"{high}/delete/", {}),
        ("new/", {"name": "Mine", "roles": "admin"}),
    ):
        answer = client.post(f"/admin/groups/{path}", data={"csrf_token": token, **fields})
        assert answer.status_code == 403, path
    assert (
        client.post(f"/admin/groups/{low}/members/", data={"csrf_token": token, "leave": str(user(SUE).id)}).status_code
        == 303
    )
    assert (members(high), members(low)) == (["Ed"], [])


def test_what_is_no_person_is_no_member(app: Flask, as_: As) -> None:
    key = make_group("Desk")
    client = as_(ADA)
    token = client.csrf_token("/admin/groups/new/")
    for value in ("", "x", "99999", "1 OR 1=1", "-1", "9" * 40):
        answer = client.post(f"/admin/groups/{key}/members/", data={"csrf_token": token, "join": value})
        assert answer.status_code in (404, 422), value
    assert client.get("/admin/groups/999/").status_code == 404
    assert members(key) == []


def test_members_and_invitations_cost_no_query_each(app: Flask, as_: As, count_queries: Any) -> None:
    key = make_group("Desk", ["subscriber"], [SUE])
    client = as_(ADA)
    paths = (f"/admin/groups/{key}/?q=example", "/admin/users/?view=invited", "/admin/users/?view=everybody")
    for path in paths:
        client.get(path)

    def cost() -> list[int]:
        numbers = []
        for path in paths:
            with count_queries() as asked:
                assert client.get(path).status_code == 200
            numbers.append(len(asked))
        return numbers

    with transaction():
        invite_user(email="first@example.com", name="First", roles=[get_role("author")], by=system_user())
    before = cost()
    with transaction() as session:
        for number in range(12):
            role = get_role(("author", "editor", "contributor")[number % 3])
            invited = invite_user(email=f"p{number}@example.com", name=f"P {number}", roles=[role], by=system_user())
            if number % 2:
                change_members(session.get_one(Group, key), join=[invited], by=system_user())
    assert cost() == before
