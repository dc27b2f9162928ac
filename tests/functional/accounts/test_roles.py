"""Making, changing and deleting roles: what may be granted by whom, and what holds from when on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from cms.accounts.actions import (
    assign_roles,
    clone_role,
    create_role,
    delete_role,
    edit_role,
)
from cms.accounts.models import Role, User
from cms.accounts.policies import ASSIGN, EDIT_ROLES, LIST_PEOPLE, VIEW_ROLES
from cms.accounts.queries import find_role, get_role
from cms.accounts.role_events import RoleCreated, RoleDeleted, RoleEdited
from cms.accounts.roles import DEFAULT_ROLES, role_label, sync_roles
from cms.content.actions.delete_term import delete_term
from cms.core.db import current_session, transaction
from cms.core.errors import CmsError, Conflict, Forbidden, Invalid
from cms.core.events import on
from cms.core.permissions import ALL, OWN, Grant, registry, system_user
from tests.factories import make_page, make_term
from tests.people import ADA, ART, CON, ED, PEOPLE, SUE, Person

pytestmark = pytest.mark.usefixtures("app")
UserOf = Callable[[Person], User]
SOME = (Grant("content:post:create"), Grant("content:post:edit", OWN))


@pytest.fixture
def heard() -> list[object]:
    """Every event of this test about roles, in order."""
    events: list[object] = []
    for kind in (RoleCreated, RoleEdited, RoleDeleted):
        on(kind)(events.append)
    return events


def make_role(label: str, *rights: Grant, by: Any = None) -> str:
    """Make a role and return its name."""
    with transaction():
        return create_role(label=label, rights=rights, by=by or system_user()).name


def give(user: User, *names: str) -> None:
    """Let `user` hold exactly these roles."""
    with transaction():
        assign_roles(user, [get_role(name) for name in names], by=system_user())


def edit(name: str, *, by: Any, **changes: Any) -> None:
    """Change some of what a role is."""
    with transaction():
        role = get_role(name)
        kept = {
            "label": role.label,
            "description": role.description,
            "requires_second_factor": role.requires_second_factor,
        }
        edit_role(role, **{**kept, **changes}, by=by)


def test_admin_makes_a_role_with_a_name_of_its_own(user_of: UserOf, heard: list[object]) -> None:
    with transaction():
        role = create_role(
            label="  Night   desk ", description="At night.", requires_second_factor=True, rights=SOME, by=user_of(ADA)
        )
        made = (role.name, role.label, role.description, role.requires_second_factor, role.rights)
    assert made == ("night-desk", "Night desk", "At night.", True, frozenset(SOME))
    (event,) = heard
    assert isinstance(event, RoleCreated)
    assert event.after == {
        "name": "night-desk",
        "label": "Night desk",
        "description": "At night.",
        "requires_second_factor": True,
        "rights": ["content:post:create/all", "content:post:edit/own"],
    }
    assert event.by_id == user_of(ADA).id


@pytest.mark.parametrize("person", [ED, ART, CON, SUE], ids=lambda person: person.name)
def test_only_who_may_edit_roles_does(user_of: UserOf, person: Person) -> None:
    make_role("Desk", Grant("content:members:read"))
    attempts: list[Callable[[User], Any]] = [
        lambda by: create_role(label="Mine", by=by),
        lambda by: clone_role(get_role("desk"), label="Mine", by=by),
        lambda by: edit_role(get_role("desk"), label="Mine", description="", requires_second_factor=False, by=by),
        lambda by: delete_role(get_role("desk"), by=by),
    ]
    for attempt in attempts:
        with pytest.raises(Forbidden), transaction():
            attempt(user_of(person))
    assert find_role("mine") is None
    assert get_role("desk").label == "Desk"


def manager(user_of: UserOf, *more: Grant) -> User:
    """Make of Con somebody who may edit and assign roles, and holds `more` besides."""
    name = make_role("Manager", *(Grant(right) for right in (EDIT_ROLES, ASSIGN, VIEW_ROLES, LIST_PEOPLE)), *more)
    give(user_of(CON), name)
    return user_of(CON)


def test_nobody_grants_a_right_they_lack(user_of: UserOf) -> None:
    con = manager(user_of, Grant("content:post:edit", OWN))
    for right in (Grant("content:post:edit"), Grant("content:post:publish", OWN), Grant("settings:site:change")):
        with pytest.raises(Forbidden, match="hold yourself"), transaction():
            create_role(label="Higher", rights=[right], by=user_of(CON))
        with pytest.raises(Forbidden, match="hold yourself"):
            edit("manager", by=user_of(CON), rights=[*con.grants, right])
        con = user_of(CON)
    make_role("Helper", Grant("content:post:edit", OWN), by=user_of(CON))
    assert get_role("helper").rights == {Grant("content:post:edit", OWN)}


def test_nobody_touches_a_role_that_allows_more(user_of: UserOf) -> None:
    manager(user_of)
    for name in ("admin", "editor", "author"):
        with pytest.raises(Forbidden):
            edit(name, by=user_of(CON), label="Taken")
        with pytest.raises(Forbidden):
            edit(name, by=user_of(CON), rights=[])
        with pytest.raises(Forbidden):
            edit(name, by=user_of(CON), requires_second_factor=True)
        with pytest.raises(Forbidden), transaction():
            clone_role(get_role(name), label="Copy", by=user_of(CON))
        with pytest.raises(Forbidden), transaction():
            delete_role(get_role(name), by=user_of(CON))


def test_a_place_is_granted_only_by_who_holds_it(user_of: UserOf) -> None:
    kitchen, sport = make_term("category", "Kitchen"), make_term("category", "Sport")
    here = Grant("content:post:edit", f"category:{kitchen.id}")
    there = Grant("content:post:edit", f"category:{sport.id}")
    manager(user_of, here)
    make_role("Cook", here, by=user_of(CON))
    with pytest.raises(Forbidden):
        make_role("Trainer", there, by=user_of(CON))
    make_role("Trainer", there, by=user_of(ADA))


def test_the_admin_role_is_never_reduced_nor_deleted(user_of: UserOf) -> None:
    everything = registry.every_grant()
    with pytest.raises(Conflict, match="always allows everything"):
        edit("admin", by=user_of(ADA), rights=everything - {Grant("content:post:create")})
    with pytest.raises(Conflict, match="always allows everything"):
        edit("admin", by=system_user(), rights=[])
    with pytest.raises(Conflict, match="came with Masthead"), transaction():
        delete_role(get_role("admin"), by=user_of(ADA))
    edit("admin", by=user_of(ADA), requires_second_factor=True)
    assert get_role("admin").rights == everything
    assert get_role("admin").requires_second_factor


def test_a_default_role_is_edited_but_not_deleted_and_keeps_its_new_name(user_of: UserOf) -> None:
    edit("author", by=user_of(ADA), label="Writer", rights=SOME)
    with transaction():
        sync_roles()
    author = get_role("author")
    assert (role_label(author), author.rights) == ("Writer", frozenset(SOME))
    for default in DEFAULT_ROLES:
        with pytest.raises(Conflict, match="came with Masthead"), transaction():
            delete_role(get_role(default.name), by=user_of(ADA))


@pytest.mark.parametrize(
    "label",
    ["Editor", "editor", "Ed itor", "Еditor", "Edıtor", "EDITOR ", "Admin", "Adrnin", "аdmin", "Administrator", "root",
     "Everybody", "System", "Night desk", "Night-Desk", "Nıght desk", "", "   ", "—", "x" * 61, "\u200b", 7, None],
)  # fmt: skip
def test_a_name_that_passes_for_another_is_refused(user_of: UserOf, label: Any) -> None:
    make_role("Night desk")
    before = len(current_session().scalars(select(Role)).all())
    with pytest.raises(Invalid) as caught, transaction():
        create_role(label=label, by=user_of(ADA))
    assert set(caught.value.fields) == {"label"}
    with pytest.raises(Invalid):
        edit("contributor", by=user_of(ADA), label=label)
    assert len(current_session().scalars(select(Role)).all()) == before


def test_a_name_in_any_script_is_taken() -> None:
    names = [make_role(label) for label in ("编辑部", "Ночной стол", "محرر القسم", "Desk", "Désk 2")]
    assert len(set(names)) == 5


def bad_rights() -> list[Any]:
    """Return rights that there are not."""
    return [
        [Grant("content:post:fly")],
        [Grant("")],
        [Grant("content:post:create", "own")],
        [Grant("content:post:edit", "")],
        [Grant("content:post:edit", "ALL")],
        [Grant("content:post:edit", "category")],
        [Grant("content:post:edit", "category:")],
        [Grant("content:post:edit", "category:999999")],
        [Grant("content:post:edit", "category:1 OR 1=1")],
        [Grant("content:post:edit", "category:١")],
        [Grant("content:post:edit", "section:1")],
        [Grant("content:page:edit", "section:999999")],
        [Grant("content:page:edit", "tag:1")],
        [Grant("accounts:role:edit", "category:1")],
        [Grant("content:post:edit", f"category:{number}") for number in range(10_000)],
        [Grant("x" * 5000, "y" * 5000)],
    ]


@pytest.mark.parametrize("number", range(len(bad_rights())))
def test_a_right_that_there_is_not_is_refused_in_a_sentence(user_of: UserOf, number: int) -> None:
    rights = bad_rights()[number]
    with pytest.raises(Invalid) as caught, transaction():
        create_role(label="Odd", rights=[*SOME, *rights], by=user_of(ADA))
    assert set(caught.value.fields) == {"rights"}
    assert str(caught.value.fields["rights"]).endswith(".")
    assert len(str(caught.value.fields["rights"])) < 300
    before = get_role("author").rights
    with pytest.raises(Invalid):
        edit("author", by=user_of(ADA), rights=rights)
    assert find_role("odd") is None
    assert get_role("author").rights == before


def test_a_right_in_full_swallows_the_narrower_ones(user_of: UserOf) -> None:
    make_role("Wide", Grant("content:post:edit"), Grant("content:post:edit", OWN), by=user_of(ADA))
    assert get_role("wide").rights == {Grant("content:post:edit", ALL)}


def test_a_change_built_on_an_old_version_is_refused(user_of: UserOf) -> None:
    make_role("Desk", *SOME)
    version = get_role("desk").version
    edit("desk", by=user_of(ADA), rights=[SOME[0]], version=version)
    assert get_role("desk").version == version + 1
    with pytest.raises(Conflict, match="meanwhile"):
        edit("desk", by=user_of(ADA), label="Other", version=version)
    assert (get_role("desk").label, get_role("desk").rights) == ("Desk", {SOME[0]})


def test_an_event_tells_only_what_differs_and_rights_in_full(user_of: UserOf, heard: list[object]) -> None:
    make_role("Desk", *SOME)
    heard.clear()
    edit("desk", by=user_of(ADA), rights=[SOME[0]], description="Days")
    edit("desk", by=user_of(ADA))
    (event,) = heard
    assert isinstance(event, RoleEdited)
    assert event.before == {"description": "", "rights": ["content:post:create/all", "content:post:edit/own"]}
    assert event.after == {"description": "Days", "rights": ["content:post:create/all"]}


def test_rights_of_a_feature_that_is_away_are_kept_but_not_given(user_of: UserOf) -> None:
    make_role("Desk", *SOME)
    with transaction():
        role = get_role("desk")
        role.grants.append(type(role.grants[0])(permission="plugin:thing:do", extent=ALL)) if role.grants else None
    edit("desk", by=user_of(ADA), rights=[SOME[0]])
    assert get_role("desk").rights == {SOME[0], Grant("plugin:thing:do")}
    manager(user_of, *SOME)
    with pytest.raises(Forbidden):
        edit("desk", by=user_of(CON), label="Mine")
    with pytest.raises(Forbidden), transaction():
        assign_roles(user_of(SUE), [get_role("desk"), get_role("subscriber")], by=user_of(CON))


def test_a_copy_is_the_same_and_apart(user_of: UserOf) -> None:
    with transaction():
        clone_role(get_role("author"), label="Guest author", by=user_of(ADA))
    copy, author = get_role("guest-author"), get_role("author")
    assert copy.rights == author.rights
    assert copy.description == author.description
    edit("guest-author", by=user_of(ADA), rights=[])
    assert get_role("author").rights == author.rights != frozenset()


def test_people_of_a_deleted_role_get_the_one_that_was_chosen(user_of: UserOf, heard: list[object]) -> None:
    make_role("Desk", *SOME)
    give(user_of(ART), "author", "desk")
    give(user_of(SUE), "desk", "contributor")
    with transaction():
        delete_role(get_role("desk"), replacement=get_role("contributor"), by=user_of(ADA))
    assert user_of(ART).role_names == ("author", "contributor")
    assert user_of(SUE).role_names == ("contributor",)
    event = heard[-1]
    assert isinstance(event, RoleDeleted)
    assert event.before["people"] == sorted([user_of(ART).id, user_of(SUE).id])
    assert event.after == {"replacement": "contributor", "people": [user_of(ART).id], "groups": []}


def test_people_of_a_deleted_role_may_be_left_without(user_of: UserOf) -> None:
    make_role("Desk", Grant("media:file:erase"))
    give(user_of(SUE), "desk")
    with transaction():
        delete_role(get_role("desk"), by=user_of(ADA))
    assert user_of(SUE).grants == frozenset()
    assert find_role("desk") is None


def test_a_replacement_is_never_more_than_whoever_acts_holds(user_of: UserOf) -> None:
    manager(user_of)
    make_role("Low")
    give(user_of(SUE), "low")
    for name in ("admin", "editor"):
        with pytest.raises(Forbidden), transaction():
            delete_role(get_role("low"), replacement=get_role(name), by=user_of(CON))
    with pytest.raises(Conflict), transaction():
        delete_role(get_role("low"), replacement=get_role("low"), by=user_of(CON))
    assert user_of(SUE).role_names == ("low",)


def test_a_category_that_goes_leaves_every_role(user_of: UserOf, heard: list[object]) -> None:
    kitchen, page = make_term("category", "Kitchen"), make_page("About")
    place, section = (
        Grant("content:post:edit", f"category:{kitchen.id}"),
        Grant("content:page:edit", f"section:{page.id}"),
    )
    make_role("Cook", place, section)
    heard.clear()
    with transaction():
        delete_term(current_session().get_one(type(kitchen), kitchen.id), by=user_of(ADA))
    assert get_role("cook").rights == {section}
    (event,) = heard
    assert isinstance(event, RoleEdited)
    assert event.by_id == user_of(ADA).id


def test_what_a_role_holds_already_needs_no_place(user_of: UserOf) -> None:
    page = make_page("About")
    section = Grant("content:page:edit", f"section:{page.id}")
    make_role("Guide", section)
    with transaction():
        found = current_session().get_one(type(page), page.id)
        found.binned_at = found.updated_at
    edit("guide", by=user_of(ADA), rights=[section], label="Guides")
    assert get_role("guide").rights == {section}
    with pytest.raises(Invalid):
        make_role("Other", section)


def test_errors_are_ours(user_of: UserOf) -> None:
    for person in PEOPLE:
        with pytest.raises(CmsError), transaction():
            create_role(label="", rights=[Grant("x")], by=user_of(person))
