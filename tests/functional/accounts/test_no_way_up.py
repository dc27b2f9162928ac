"""Whatever somebody who is no admin does with roles and groups, nobody holds more by it than they do themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from cms.accounts.actions import (
    add_role,
    assign_roles,
    change_members,
    clone_role,
    create_group,
    create_role,
    delete_group,
    delete_role,
    edit_group,
    edit_role,
    invite_user,
    merge_user,
    remove_role,
)
from cms.accounts.models import Group, Role, User
from cms.accounts.policies import ASSIGN, DEACTIVATE, DELETE, EDIT_ROLES, INVITE, LIST_PEOPLE, holds_all
from cms.core.db import current_session, transaction
from cms.core.errors import CmsError
from cms.core.permissions import Grant, registry, system_user
from cms.core.permissions import place as at
from tests.factories import make_term, user
from tests.people import ADA, ART, CON, ED, SUE

#: What the one who acts holds, and what they would like to hold.
HELD = (EDIT_ROLES, ASSIGN, LIST_PEOPLE, INVITE, DEACTIVATE, DELETE, "content:members:read")
ACTS = (
    "create_role", "clone_role", "edit_role", "delete_role", "create_group", "edit_group", "delete_group", "join",
    "leave", "assign", "add", "remove", "invite", "merge",
)  # fmt: skip
Step = tuple[str, int, int, int]
STEPS = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 30), st.integers(0, 30), st.integers(0, 30)),
    min_size=6,
    max_size=18,
)


class _Enough(Exception):  # noqa: N818 -- no error: it ends an example
    """The example is over."""


@contextmanager
def taken_back() -> Iterator[None]:
    """Open a transaction in which everything is taken back at the end."""
    with suppress(_Enough), transaction():
        yield
        raise _Enough


def wishes(category: int) -> list[Grant]:
    """Return rights to try: held in full, in part, elsewhere, and not at all."""
    return [
        *(Grant(name) for name in HELD),
        Grant("content:post:edit", "own"),
        Grant("content:post:edit", at("category", category)),
        Grant("content:post:edit"),
        Grant("content:post:publish", "own"),
        Grant("content:post:publish"),
        Grant("settings:site:change"),
        Grant("accounts:user:edit", "own"),
        Grant("accounts:user:edit"),
        *sorted(registry.every_grant())[:3],
    ]


def prepare() -> int:
    """Make of Con the one who acts, with roles and groups above and below them; return a category."""
    category = make_term("category", "Kitchen").id
    with transaction():
        rights = [
            *(Grant(name) for name in HELD),
            Grant("content:post:edit", "own"),
            Grant("content:post:edit", at("category", category)),
            Grant("accounts:user:edit", "own"),
        ]
        manager = create_role(label="Manager", rights=rights, by=system_user())
        low = create_role(label="Low", rights=[Grant("content:members:read")], by=system_user())
        assign_roles(user(CON), [manager], by=system_user())
        assign_roles(user(SUE), [low], by=system_user())
        high = session_role("editor")
        chiefs = create_group(name="Chiefs", roles=[high], by=system_user())
        change_members(chiefs, join=[user(ED), user(ART)], by=system_user())
        create_group(name="Helpers", roles=[low], by=system_user())
    return category


def session_role(name: str) -> Role:
    """Return a role by name."""
    return current_session().scalars(select(Role).where(Role.name == name)).one()


def pick(items: Sequence[Any], number: int) -> Any:
    """Return one of the items."""
    return items[number % len(items)]


def act(step: Step, by: User, wished: list[Grant]) -> None:
    """Try one thing; what it may not is refused."""
    name, one, two, three = step
    session = current_session()
    roles = list(session.scalars(select(Role).order_by(Role.id)))
    groups = list(session.scalars(select(Group).order_by(Group.id)))
    people = list(session.scalars(select(User).order_by(User.id)))
    rights = [pick(wished, two), pick(wished, three)]
    role, group, person = pick(roles, one), pick(groups, one) if groups else None, pick(people, two)
    tries: dict[str, Callable[[], object]] = {
        "create_role": lambda: create_role(label=f"Made {one}", rights=rights, by=by),
        "clone_role": lambda: clone_role(role, label=f"Copy {two}", by=by),
        "edit_role": lambda: edit_role(
            role, label=role.label, description="", requires_second_factor=False, rights=[*role.rights, *rights], by=by
        ),
        "delete_role": lambda: delete_role(role, replacement=pick([None, *roles], two), by=by),
        "create_group": lambda: create_group(name=f"Group {two}", roles=[role], by=by),
        "edit_group": lambda: edit_group(group, name=group.name, description="", roles=[pick(roles, two)], by=by),
        "delete_group": lambda: delete_group(group, by=by),
        "join": lambda: change_members(group, join=[person], by=by),
        "leave": lambda: change_members(group, leave=[person], by=by),
        "assign": lambda: assign_roles(person, [role, pick(roles, three)], by=by),
        "add": lambda: add_role(person, role, by=by),
        "remove": lambda: remove_role(person, role, by=by),
        "invite": lambda: invite_user(email=f"n{one}@example.com", name="New", roles=[pick(roles, two)], by=by),
        "merge": lambda: merge_user(pick(people, one), into=person, by=by),
    }
    if group is None and name in ("edit_group", "delete_group", "join", "leave"):
        return
    try:
        with session.begin_nested():
            tries[name]()
            session.flush()
    except CmsError:
        session.expire_all()


def rights_of_everybody() -> dict[int, frozenset[Grant]]:
    """Return what everybody holds now."""
    session = current_session()
    session.flush()
    session.expire_all()
    return {person.id: person.grants for person in session.scalars(select(User))}


@pytest.mark.usefixtures("app")
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=STEPS)
def test_nobody_reaches_more_than_who_acts_holds(app: Flask, steps: list[Step]) -> None:
    category = _prepared(app)
    con_id, above = user(CON).id, {user(person).id for person in (ADA, ED, ART)}
    with taken_back():
        before = rights_of_everybody()
        con = current_session().get_one(User, con_id)

        class Before:
            """Con as they were, so that what they lose meanwhile does not matter."""

            id, is_active, grants = con_id, True, before[con_id]

        wished = wishes(category)
        for step in steps:
            if current_session().get(User, con_id) is None:
                break
            act(step, con, wished)
            after = rights_of_everybody()
            for person_id, rights in after.items():
                new = rights - before.get(person_id, frozenset())
                assert holds_all(Before(), new), (step, person_id, new)
            assert {key: after.get(key) for key in above} == {key: before[key] for key in above}, step


def _prepared(app: Flask) -> int:
    """Prepare the database once for all examples, which each take back what they did."""
    known: int | None = app.extensions.get("test_category")
    if known is None:
        known = app.extensions["test_category"] = prepare()
    return known


@pytest.mark.usefixtures("app")
def test_the_property_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its rule, making a role is a way up: what the test above looks for is there to be found."""
    category = prepare()
    monkeypatch.setattr("cms.accounts.role_checks.may_grant", lambda _user, _rights: True)
    wished = wishes(category)
    with taken_back():
        con = user(CON)
        held = con.grants
        roles = list(current_session().scalars(select(Role.name).order_by(Role.id)))
        wanted = wished.index(Grant("settings:site:change"))
        act(("edit_role", roles.index("manager"), wanted, wanted), con, wished)
        assert rights_of_everybody()[con.id] - held == {Grant("settings:site:change")}
