"""What is taken back from the record of acts is exactly as it was; what moved on since stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import is_dataclass, replace
from typing import Any

import pytest
from sqlalchemy import select

from cms.accounts import role_events
from cms.accounts.actions import (
    assign_roles,
    change_members,
    clone_role,
    create_group,
    create_role,
    delete_group,
    delete_role,
    delete_user,
    edit_group,
    edit_role,
    invite_user,
    withdraw_invitation,
)
from cms.accounts.models import Group, Role, User
from cms.accounts.policies import ASSIGN, EDIT_ROLES, LIST_PEOPLE
from cms.accounts.queries import find_role, find_user_by_email, get_role
from cms.accounts.snapshots import group_values, member_ids, role_holders, role_values
from cms.core import events
from cms.core.db import current_session, transaction
from cms.core.errors import Conflict, Forbidden, Invalid, NotFound
from cms.core.permissions import Actor, Grant, system_user
from cms.core.trail import Trace, _by_event, act_of, find_act
from tests.people import ADA, ART, CON, ED, SUE, Person

pytestmark = pytest.mark.usefixtures("app")
UserOf = Callable[[Person], User]
SOME = (Grant("content:post:create"), Grant("content:post:edit", "own"))


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Trace]]:
    """Every act of this test on roles and groups, as the record keeps it."""
    found: list[tuple[str, Trace]] = []
    kinds = [kind for kind in vars(role_events).values() if is_dataclass(kind)]

    def keep(event: Any) -> None:
        act = act_of(event)
        assert act is not None
        trace = act.describe(event)
        stored = json.loads(json.dumps([trace.before, trace.after]))
        found.append((act.name, replace(trace, before=stored[0], after=stored[1])))

    for kind in kinds:
        monkeypatch.setitem(events._within, kind, [*events._within[kind], keep])
    return found


def undo(act: tuple[str, Trace], by: Actor) -> None:
    """Take an act back, as the page of the record does."""
    known = find_act(act[0])
    assert known is not None
    assert known.undo is not None, act[0]
    with transaction():
        known.undo(act[1], by)


def make_role(label: str, *rights: Grant) -> str:
    with transaction():
        return create_role(label=label, rights=rights, by=system_user()).name


def everything() -> dict[str, Any]:
    """Return all roles, groups, and who holds them."""
    session = current_session()
    session.expire_all()
    roles = session.scalars(select(Role).order_by(Role.name)).all()
    groups = session.scalars(select(Group).order_by(Group.name)).all()
    return {
        "roles": [{**role_values(role), **role_holders(role), "id": role.id} for role in roles],
        "groups": [{**group_values(group), "members": member_ids(group)} for group in groups],
    }


def edit(name: str, by: Actor, **changes: Any) -> None:
    with transaction():
        role = get_role(name)
        kept = {
            "label": role.label,
            "description": role.description,
            "requires_second_factor": role.requires_second_factor,
        }
        edit_role(role, **{**kept, **changes}, by=by)


def test_every_act_on_roles_is_kept_and_says_whether_it_can_be_taken_back() -> None:
    kinds = [kind for kind in vars(role_events).values() if is_dataclass(kind)]
    for kind in kinds:
        act = _by_event.get(kind)
        assert act is not None, kind
        assert (act.undo is None) != (act.final is None), act.name


def test_a_changed_role_is_exactly_as_before(user_of: UserOf, kept: list[tuple[str, Trace]]) -> None:
    make_role("Desk", *SOME)
    with transaction():
        assign_roles(user_of(ART), [get_role("desk")], by=user_of(ADA))
    before = everything()
    edit(
        "desk",
        user_of(ADA),
        label="Night desk",
        description="At night",
        requires_second_factor=True,
        rights=[SOME[0], Grant("media:file:list")],
    )
    assert everything() != before
    undo(kept[-1], user_of(ADA))
    assert everything() == before
    undo(kept[-1], user_of(ADA))
    assert get_role("desk").label == "Night desk"


def test_a_default_role_is_exactly_as_before(user_of: UserOf, kept: list[tuple[str, Trace]]) -> None:
    before = everything()
    edit("editor", user_of(ADA), rights=SOME)
    undo(kept[-1], user_of(ADA))
    assert everything() == before


def test_a_role_that_moved_on_stays(user_of: UserOf, kept: list[tuple[str, Trace]]) -> None:
    make_role("Desk", *SOME)
    edit("desk", user_of(ADA), rights=[SOME[0]])
    edit("desk", user_of(ADA), rights=[SOME[1]])
    now = everything()
    with pytest.raises(Conflict, match="again since"):
        undo(kept[-2], user_of(ADA))
    assert everything() == now
    edit("desk", user_of(ADA), description="Something else")
    undo(kept[-2], user_of(ADA))
    assert get_role("desk").rights == {SOME[0]}
    assert get_role("desk").description == "Something else"
    with transaction():
        delete_role(get_role("desk"), by=user_of(ADA))
    with pytest.raises(NotFound):
        undo(kept[1], user_of(ADA))


def test_a_deleted_role_comes_back_with_all_who_held_it(user_of: UserOf, kept: list[tuple[str, Trace]]) -> None:
    make_role("Desk", *SOME)
    with transaction():
        desk, author = get_role("desk"), get_role("author")
        assign_roles(user_of(ART), [author, desk], by=user_of(ADA))
        assign_roles(user_of(SUE), [desk], by=user_of(ADA))
        group = create_group(name="Night", roles=[get_role("desk")], by=user_of(ADA))
        change_members(group, join=[user_of(CON)], by=user_of(ADA))
    before = everything()
    with transaction():
        delete_role(get_role("desk"), replacement=get_role("author"), by=user_of(ADA))
    assert user_of(SUE).role_names == ("author",)
    undo(kept[-1], user_of(ADA))
    assert everything() == before
    assert kept[-1][0] == "role.restored"


def test_a_deleted_role_comes_back_without_a_replacement(user_of: UserOf, kept: list[tuple[str, Trace]]) -> None:
    make_role("Desk", *SOME)
    with transaction():
        assign_roles(user_of(SUE), [get_role("desk")], by=user_of(ADA))
    before = everything()
    with transaction():
        delete_role(get_role("desk"), by=user_of(ADA))
    undo(kept[-1], user_of(ADA))
    assert everything() == before
    with pytest.raises(Conflict, match="again"):
        undo(kept[-2], user_of(ADA))


def test_a_role_comes_back_to_those_who_are_still_there(user_of: UserOf, kept: list[tuple[str, Trace]]) -> None:
    make_role("Desk", *SOME)
    with transaction():
        for person in (SUE, CON):
            assign_roles(user_of(person), [get_role("desk")], by=user_of(ADA))
    with transaction():
        delete_role(get_role("desk"), by=user_of(ADA))
    with transaction():
        delete_user(user_of(SUE), by=user_of(ADA))
    undo(kept[-1], user_of(ADA))
    assert role_holders(get_role("desk")) == {"people": [user_of(CON).id], "groups": []}


def test_a_role_does_not_come_back_over_another(user_of: UserOf, kept: list[tuple[str, Trace]]) -> None:
    make_role("Desk", *SOME)
    with transaction():
        delete_role(get_role("desk"), by=user_of(ADA))
    make_role("D esk")
    with pytest.raises((Conflict, Invalid)):
        undo(kept[1], user_of(ADA))


def test_a_made_role_goes_again_unless_somebody_holds_it(user_of: UserOf, kept: list[tuple[str, Trace]]) -> None:
    before = everything()
    make_role("Desk", *SOME)
    undo(kept[-1], user_of(ADA))
    assert everything() == before
    with transaction():
        clone_role(get_role("author"), label="Stringer", by=user_of(ADA))
        assign_roles(user_of(SUE), [get_role("stringer")], by=user_of(ADA))
    made = next(act for act in reversed(kept) if act[0] == "role.created")
    with pytest.raises(Conflict, match="Somebody holds"):
        undo(made, user_of(ADA))


def test_groups_are_exactly_as_before(user_of: UserOf, kept: list[tuple[str, Trace]]) -> None:
    before = [everything()]
    with transaction():
        key = create_group(name="Night", roles=[get_role("author")], by=user_of(ADA)).id
    before.append(everything())
    with transaction() as session:
        change_members(session.get_one(Group, key), join=[user_of(SUE), user_of(CON)], by=user_of(ADA))
    before.append(everything())
    with transaction() as session:
        edit_group(
            session.get_one(Group, key), name="Day", description="x", roles=[get_role("editor")], by=user_of(ADA)
        )
    before.append(everything())
    with transaction() as session:
        change_members(session.get_one(Group, key), leave=[user_of(SUE)], by=user_of(ADA))
    before.append(everything())
    acts = list(kept)
    for act, state in zip(reversed(acts), reversed(before[:-1]), strict=True):
        undo(act, user_of(ADA))
        assert everything() == state


def test_a_deleted_group_comes_back_with_its_members(user_of: UserOf, kept: list[tuple[str, Trace]]) -> None:
    with transaction():
        group = create_group(name="Night", roles=[get_role("author")], by=user_of(ADA))
        change_members(group, join=[user_of(SUE), user_of(CON)], by=user_of(ADA))
        key = group.id
    before = everything()
    with transaction() as session:
        delete_group(session.get_one(Group, key), by=user_of(ADA))
    undo(kept[-1], user_of(ADA))
    assert everything() == before


def test_nobody_takes_back_what_they_may_not_do(user_of: UserOf, kept: list[tuple[str, Trace]]) -> None:
    manager = [Grant(right) for right in (EDIT_ROLES, ASSIGN, LIST_PEOPLE)]
    make_role("Manager", *manager)
    make_role("Desk", Grant("content:post:edit"))
    with transaction():
        assign_roles(user_of(CON), [get_role("manager")], by=user_of(ADA))
    edit("desk", user_of(ADA), rights=[])
    with pytest.raises(Forbidden):
        undo(kept[-1], user_of(CON))
    with transaction():
        delete_role(get_role("desk"), by=user_of(ADA))
    with pytest.raises(NotFound):
        undo(kept[-2], user_of(CON))
    for person in (CON, ED, ART, SUE):
        with pytest.raises(Forbidden):
            undo(
                (kept[-1][0], replace(kept[-1][1], before={**kept[-1][1].before, "rights": ["media:file:erase/all"]})),
                user_of(person),
            )
    assert find_role("desk") is None


def test_an_invitation_that_was_taken_back_goes_out_again(user_of: UserOf, kept: list[tuple[str, Trace]]) -> None:
    with transaction():
        invite_user(email="new@example.com", name="Nell", roles=[get_role("author")], by=user_of(ADA))
    with transaction():
        nell = find_user_by_email("new@example.com")
        assert nell is not None
        withdraw_invitation(nell, by=user_of(ADA))
    undo(kept[-1], user_of(ADA))
    again = find_user_by_email("new@example.com")
    assert again is not None
    assert (again.name, again.role_names, again.invited_at is not None) == ("Nell", ("author",), True)
