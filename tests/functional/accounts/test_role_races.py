"""Two at once: a role is changed by one of them, and the last admin stays, however they are one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask

from cms.accounts.actions import (
    assign_roles,
    change_members,
    create_group,
    create_role,
    delete_group,
    delete_role,
    edit_group,
    edit_role,
)
from cms.accounts.locks import count_admins_besides
from cms.accounts.models import Group, User
from cms.accounts.queries import find_role, find_user_by_email, get_role
from cms.core.db import current_session, transaction
from cms.core.errors import Conflict, Forbidden, Invalid, NotFound
from cms.core.permissions import Grant, system_user
from tests.functional.accounts.test_races import _at_once as at_once
from tests.needs import needs
from tests.people import ADA, ED, Person


def find(person: Person) -> User:
    """Return the record of a person."""
    user = find_user_by_email(person.email)
    assert user is not None
    return user


def check_that_one_of_two_changes_a_role(app: Flask) -> None:
    with app.app_context(), transaction():
        version = create_role(label="Desk", rights=[Grant("content:post:create")], by=system_user()).version

    def edit(number: int) -> None:
        rights = [Grant("content:post:create"), Grant("content:post:edit", "own")][number % 2 :]
        edit_role(
            get_role("desk"),
            label=f"Desk {number}",
            description="",
            requires_second_factor=False,
            rights=rights,
            version=version,
            by=find(ADA),
        )

    told = at_once(app, [partial(edit, number) for number in range(6)])
    assert sorted(type(error).__name__ for error in told) == ["Conflict"] * 5 + ["NoneType"]
    with app.app_context():
        role = get_role("desk")
        winner = next(number for number, error in enumerate(told) if error is None)
        assert role.label == f"Desk {winner}"
        assert role.version == version + 1


def check_that_names_stay_apart(app: Flask) -> None:
    told = at_once(app, [lambda: create_role(label="Night desk", by=find(ADA)) and None for _number in range(6)])
    assert sorted(type(error).__name__ for error in told) == ["Invalid"] * 5 + ["NoneType"]


def check_that_an_admin_stays(app: Flask) -> None:
    """Ada is admin by a group, Ed by himself; each takes from the other what makes them one, in every way there is."""
    with app.app_context(), transaction() as session:
        assign_roles(find(ED), [get_role("admin")], by=system_user())
        key = create_group(name="Chiefs", roles=[get_role("admin")], by=system_user()).id
        change_members(session.get_one(Group, key), join=[find(ADA)], by=system_user())
        assign_roles(find(ADA), [], by=system_user())

    def group() -> Group:
        return current_session().get_one(Group, key)

    ways: list[Callable[[], None]] = [
        lambda: change_members(group(), leave=[find(ADA)], by=find(ED)),
        lambda: edit_group(group(), name="Chiefs", description="", roles=[], by=find(ED)),
        lambda: delete_group(group(), by=find(ED)),
    ]
    for way in ways:
        told = at_once(app, [way, lambda: assign_roles(find(ED), [], by=find(ADA))])
        assert any(isinstance(error, Conflict | Forbidden | NotFound) for error in told)
        with app.app_context():
            assert count_admins_besides() >= 1
        with app.app_context(), transaction() as session:
            found = session.get(Group, key)
            if found is None:
                found = create_group(name="Chiefs", by=system_user())
                key = found.id
            edit_group(found, name="Chiefs", description="", roles=[get_role("admin")], by=system_user())
            change_members(found, join=[find(ADA)], by=system_user())
            assign_roles(find(ED), [get_role("admin")], by=system_user())


def check_that_a_role_is_not_given_while_it_goes(app: Flask) -> None:
    with app.app_context(), transaction():
        create_role(label="Desk", rights=[Grant("content:post:create")], by=system_user())

    def delete() -> None:
        delete_role(get_role("desk"), by=find(ADA))

    def give() -> None:
        assign_roles(find(ED), [get_role("editor"), get_role("desk")], by=find(ADA))

    told = at_once(app, [delete, give])
    assert told[0] is None
    assert told[1] is None or isinstance(told[1], NotFound | Conflict | Invalid)
    with app.app_context():
        assert find_role("desk") is None
        assert find(ED).role_names == ("editor",)


CHECKS = [
    check_that_one_of_two_changes_a_role,
    check_that_names_stay_apart,
    check_that_an_admin_stays,
    check_that_a_role_is_not_given_while_it_goes,
]


@pytest.mark.parametrize("check", CHECKS)
def test_two_at_once(make_app: Callable[..., Flask], check: Callable[[Flask], None]) -> None:
    check(make_app())


@needs("postgres")
@pytest.mark.parametrize("check", CHECKS)
def test_two_at_once_on_postgresql(
    make_app: Callable[..., Flask], postgres_url: str, check: Callable[[Flask], None]
) -> None:
    check(make_app(CMS_DATABASE_URL=postgres_url))
