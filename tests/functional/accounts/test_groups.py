"""Groups: their roles count at the next request, and nobody reaches more through one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from flask import Flask

from cms.accounts.actions import (
    assign_roles,
    change_members,
    create_group,
    create_role,
    deactivate_user,
    delete_group,
    delete_user,
    edit_group,
)
from cms.accounts.lists import PersonFilter, list_people
from cms.accounts.models import Group, User
from cms.accounts.policies import ASSIGN, LIST_PEOPLE
from cms.accounts.queries import count_members, count_people_by_role, find_group, get_role, list_groups_of
from cms.accounts.role_events import GroupCreated, GroupDeleted, GroupEdited, GroupMembersChanged
from cms.core.db import current_session, transaction
from cms.core.errors import Conflict, Forbidden, Invalid
from cms.core.events import on
from cms.core.permissions import Grant, system_user
from tests.clients import PageClient
from tests.people import ADA, ART, CON, ED, SUE, Person

pytestmark = pytest.mark.usefixtures("app")
UserOf = Callable[[Person], User]
As = Callable[[Person], PageClient]


def make_group(name: str, roles: Sequence[str] = (), members: Sequence[User] = ()) -> int:
    """Make a group with roles and members, and return its id."""
    ids = [user.id for user in members]
    with transaction() as session:
        group = create_group(name=name, roles=[get_role(role) for role in roles], by=system_user())
        change_members(group, join=[session.get_one(User, key) for key in ids], by=system_user())
        return group.id


def group(key: int) -> Group:
    """Return a group as it is now."""
    found = find_group(key)
    assert found is not None
    return found


def make_manager(user_of: UserOf, *more: Grant) -> None:
    """Make of Con somebody who may assign roles, and holds `more` besides."""
    with transaction():
        rights = [Grant(ASSIGN), Grant(LIST_PEOPLE), *more]
        role = create_role(label="Manager", rights=rights, by=system_user())
        assign_roles(user_of(CON), [role], by=system_user())


def test_members_hold_the_roles_of_a_group_at_their_next_request(app: Flask, as_: As, user_of: UserOf) -> None:
    sue = as_(SUE)
    assert sue.get("/admin/posts/").status_code == 404
    key = make_group("Desk", ["author"])
    with transaction():
        change_members(group(key), join=[user_of(SUE)], by=user_of(ADA))
    assert sue.get("/admin/posts/").status_code == 200
    with transaction():
        edit_group(group(key), name="Desk", description="", roles=[], by=user_of(ADA))
    assert sue.get("/admin/posts/").status_code == 404
    with transaction():
        edit_group(group(key), name="Desk", description="", roles=[get_role("editor")], by=user_of(ADA))
    assert sue.get("/admin/users/").status_code == 200
    with transaction():
        change_members(group(key), leave=[user_of(SUE)], by=user_of(ADA))
    assert sue.get("/admin/users/").status_code == 404
    with transaction():
        change_members(group(key), join=[user_of(SUE)], by=user_of(ADA))
        delete_group(group(key), by=user_of(ADA))
    assert sue.get("/admin/users/").status_code == 404
    assert user_of(SUE).role_names == ("subscriber",)


def test_a_role_counts_and_is_found_however_somebody_holds_it(user_of: UserOf) -> None:
    key = make_group("Desk", ["author", "subscriber"], [user_of(SUE), user_of(ART)])
    people = count_people_by_role()
    assert (people[get_role("author").id], people[get_role("subscriber").id]) == (2, 2)
    found = list_people(PersonFilter(role="author"), user=user_of(ADA))
    assert [user.name for user in found] == ["Art", "Sue"]
    assert [user.name for user in list_people(PersonFilter(group_id=key), user=user_of(ADA))] == ["Art", "Sue"]
    assert [user.name for user in list_people(PersonFilter(view="readers"), user=user_of(ADA))] == []
    assert count_members() == {key: 2}


def test_events_of_a_group_tell_before_and_after(user_of: UserOf) -> None:
    heard: list[object] = []
    for kind in (GroupCreated, GroupEdited, GroupMembersChanged, GroupDeleted):
        on(kind)(heard.append)
    key = make_group("Desk", ["author"], [user_of(SUE)])
    ada, sue = user_of(ADA).id, user_of(SUE).id
    with transaction():
        edit_group(group(key), name="Night desk", description="", roles=[get_role("editor")], by=user_of(ADA))
    with transaction():
        edit_group(group(key), name="Night desk", description="", roles=[get_role("editor")], by=user_of(ADA))
    with transaction():
        delete_group(group(key), by=user_of(ADA))
    assert heard == [
        GroupCreated(key, "Desk", {"name": "Desk", "description": "", "roles": ["author"]}, None),
        GroupMembersChanged(key, "Desk", (sue,), (), None),
        GroupEdited(
            key,
            "Night desk",
            {"name": "Desk", "roles": ["author"]},
            {"name": "Night desk", "roles": ["editor"]},
            ada,
        ),
        GroupDeleted(
            key, "Night desk", {"name": "Night desk", "description": "", "roles": ["editor"], "members": [sue]}, ada
        ),
    ]


@pytest.mark.parametrize("person", [ED, ART, CON, SUE], ids=lambda person: person.name)
def test_only_who_may_assign_roles_deals_with_groups(user_of: UserOf, person: Person) -> None:
    key = make_group("Desk")
    attempts: list[Callable[[User], object]] = [
        lambda by: create_group(name="Mine", by=by),
        lambda by: edit_group(group(key), name="Mine", description="", roles=[], by=by),
        lambda by: change_members(group(key), join=[by], by=by),
        lambda by: delete_group(group(key), by=by),
    ]
    for attempt in attempts:
        with pytest.raises(Forbidden), transaction():
            attempt(user_of(person))


def test_nobody_gives_more_than_they_hold_through_a_group(user_of: UserOf) -> None:
    make_manager(user_of)
    high = make_group("High", ["editor"])
    low = make_group("Low", ["manager"])
    attempts: list[Callable[[User], object]] = [
        lambda con: create_group(name="Mine", roles=[get_role("editor")], by=con),
        lambda con: edit_group(group(low), name="Low", description="", roles=[get_role("author")], by=con),
        lambda con: edit_group(group(high), name="Mine", description="", roles=[get_role("editor")], by=con),
        lambda con: edit_group(group(high), name="High", description="", roles=[], by=con),
        lambda con: change_members(group(high), join=[con], by=con),
        lambda con: delete_group(group(high), by=con),
    ]
    for attempt in attempts:
        with pytest.raises(Forbidden), transaction():
            attempt(user_of(CON))


def test_nobody_touches_a_member_who_holds_more(user_of: UserOf) -> None:
    make_manager(user_of, Grant("content:members:read"))
    low = make_group("Low", ["manager"], [user_of(ED)])
    empty = make_group("Empty")
    attempts: list[Callable[[User], object]] = [
        lambda con: change_members(group(empty), join=[user_of(ADA)], by=con),
        lambda con: change_members(group(low), leave=[user_of(ED)], by=con),
        lambda con: edit_group(group(low), name="Low", description="", roles=[], by=con),
        lambda con: delete_group(group(low), by=con),
    ]
    for attempt in attempts:
        with pytest.raises(Forbidden), transaction():
            attempt(user_of(CON))
    with transaction():
        edit_group(group(low), name="Lower", description="", roles=[get_role("manager")], by=user_of(CON))


def test_the_last_admin_through_a_group_stays(user_of: UserOf) -> None:
    key = make_group("Chiefs", ["admin"], [user_of(ED)])
    with transaction():
        assign_roles(user_of(ADA), [get_role("author")], by=user_of(ED))
    attempts: list[Callable[[], object]] = [
        lambda: edit_group(group(key), name="Chiefs", description="", roles=[], by=user_of(ED)),
        lambda: change_members(group(key), leave=[user_of(ED)], by=user_of(ED)),
        lambda: delete_group(group(key), by=user_of(ED)),
        lambda: deactivate_user(user_of(ED), by=user_of(ED)),
        lambda: delete_user(user_of(ED), by=system_user()),
    ]
    for attempt in attempts:
        with pytest.raises(Conflict, match="admin"), transaction():
            attempt()
    with transaction():
        assign_roles(user_of(ED), [], by=user_of(ED))
        change_members(group(key), join=[user_of(ART)], by=user_of(ED))
        change_members(group(key), leave=[user_of(ED)], by=user_of(ED))
    with pytest.raises(Conflict), transaction():
        deactivate_user(user_of(ART), by=system_user())


def test_who_is_admin_twice_may_lose_one_of_them(user_of: UserOf) -> None:
    key = make_group("Chiefs", ["admin"], [user_of(ADA)])
    with transaction():
        assign_roles(user_of(ADA), [], by=user_of(ADA))
    with transaction():
        assign_roles(user_of(ADA), [get_role("admin")], by=user_of(ADA))
    with transaction():
        delete_group(group(key), by=user_of(ADA))
    with pytest.raises(Conflict, match="last active admin"), transaction():
        assign_roles(user_of(ADA), [], by=user_of(ADA))


@pytest.mark.parametrize("name", ["", " ", "Desk", "DESK", "D esk", "\u200b", "x" * 61, "Everybody", "admin", 3])
def test_a_group_name_that_passes_for_another_is_refused(user_of: UserOf, name: object) -> None:
    make_group("Desk")
    with pytest.raises(Invalid) as caught, transaction():
        create_group(name=name, by=user_of(ADA))
    assert set(caught.value.fields) == {"name"}


def test_a_group_changed_meanwhile_is_a_conflict(user_of: UserOf) -> None:
    key = make_group("Desk")
    version = group(key).version
    with transaction():
        edit_group(
            group(key), name="Desk", description="", roles=[get_role("author")], version=version, by=user_of(ADA)
        )
    with pytest.raises(Conflict, match="meanwhile"), transaction():
        edit_group(group(key), name="Desk", description="", roles=[], version=version, by=user_of(ADA))
    assert [role.name for role in group(key).roles] == ["author"]


def test_a_deleted_person_leaves_their_groups(user_of: UserOf) -> None:
    key = make_group("Desk", ["author"], [user_of(SUE)])
    assert [found.name for found in list_groups_of(user_of(SUE))] == ["Desk"]
    with transaction():
        delete_user(user_of(SUE), by=user_of(ADA))
    assert count_members() == {}
    assert current_session().get(Group, key) is not None
