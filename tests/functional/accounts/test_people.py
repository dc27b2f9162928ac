"""Finding and listing people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from cms.accounts.actions import create_user, deactivate_user, invite_user
from cms.accounts.lists import SORTS, PersonFilter, count_people, count_views, last_seen, list_people
from cms.accounts.models import User
from cms.accounts.queries import (
    count_people_by_role,
    find_user_by_email,
    find_user_by_slug,
    get_role,
    get_user,
    list_roles,
    list_sign_ins,
)
from cms.accounts.sign_ins import open_sign_in
from cms.core.db import transaction
from cms.core.errors import NotFound
from cms.core.permissions import system_user
from tests.needs import needs
from tests.people import ADA, ART, CON, ED, SUE, Person

UserOf = Callable[[Person], User]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=needs("postgres"))])
def crowd(request: pytest.FixtureRequest, make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """The five people, twenty readers, one who was invited, one whose account is closed; on both databases."""
    more = {} if request.param == "sqlite" else {"CMS_DATABASE_URL": request.getfixturevalue("postgres_url")}
    app = make_app(**more)
    with app.app_context():
        with transaction():
            for number in range(20):
                create_user(
                    email=f"reader{number}@example.com",
                    name=f"{'Zoë' if number % 2 else 'anna'} {number % 4}",
                    roles=[get_role("subscriber")],
                    password_hash="a hash",
                    by=system_user(),
                )
            invite_user(email="new@example.com", name="Nell", roles=[get_role("author")], by=system_user())
            gone = create_user(email="gone@example.com", name="Gone 100%", by=system_user())
            deactivate_user(gone, by=system_user())
        yield app


def walk(wanted: PersonFilter, limit: int) -> list[str]:
    """Turn the pages forwards to the end and back again, and return whom one met."""
    met: list[list[str]] = []
    cursor: str | None = None
    while True:
        batch = list_people(wanted, user=system_user(), cursor=cursor, limit=limit)
        met.append([user.email for user in batch])
        cursor = batch.cursor_next
        if cursor is None:
            break
    for page in reversed(met[:-1]):
        assert batch.cursor_previous is not None
        batch = list_people(wanted, user=system_user(), cursor=batch.cursor_previous, limit=limit)
        assert [user.email for user in batch] == page
    assert batch.cursor_previous is None
    return [email for page in met for email in page]


@pytest.mark.usefixtures("crowd")
def test_pages_meet_everybody_once_in_every_order() -> None:
    everybody = count_people(PersonFilter())
    assert everybody == 27
    for sort in SORTS:
        for way in ("", "-"):
            for limit in (4, 27, 200):
                met = walk(PersonFilter(sort=way + sort), limit)
                assert len(met) == len(set(met)) == everybody, (way, sort, limit)
        assert set(walk(PersonFilter(sort=sort), 5)) == set(walk(PersonFilter(sort=f"-{sort}"), 5))


@pytest.mark.usefixtures("crowd")
def test_views_and_filters_narrow_the_list() -> None:
    assert count_views() == {"staff": 5, "readers": 21, "invited": 1, "inactive": 1, "everybody": 27}
    assert walk(PersonFilter("invited"), 10) == ["new@example.com"]
    assert walk(PersonFilter("inactive"), 10) == ["gone@example.com"]
    assert set(walk(PersonFilter(role="author"), 10)) == {ART.email, "new@example.com"}
    assert walk(PersonFilter(search="ADA"), 10) == [ADA.email]
    assert len(walk(PersonFilter(search="anna 2"), 10)) == 6
    assert walk(PersonFilter(search="100%"), 10) == ["gone@example.com"]
    assert walk(PersonFilter(search="%"), 10) == ["gone@example.com"]
    assert walk(PersonFilter(search="_"), 10) == []
    assert walk(PersonFilter(search="' OR 1=1 --"), 10) == []


@pytest.mark.parametrize(
    "cursor", ["", "x", "e30", "WyJhZnRlciIsMV0", "WyJhZnRlciIsImEiLCJ4Il0", "WyJhZnRlciIsbnVsbCwxZTk5XQ", "é" * 50]
)
def test_a_cursor_of_nobodys_making_is_the_beginning_or_nothing(app: Flask, cursor: str) -> None:
    for sort in ("name", "-seen"):
        try:
            assert len(list_people(PersonFilter(sort=sort), user=system_user(), cursor=cursor)) == 5
        except NotFound:
            continue


@pytest.mark.parametrize("person", [ART, CON, SUE], ids=lambda person: person.name)
def test_only_those_who_may_see_the_list(user_of: UserOf, person: Person) -> None:
    with pytest.raises(NotFound):
        list_people(PersonFilter(), user=user_of(person))
    assert len(list_people(PersonFilter(), user=user_of(ED))) == 5


def test_the_list_asks_the_same_few_questions_however_long_it_is(app: Flask, count_queries: Callable[[], Any]) -> None:
    numbers = []
    for limit in (1, 5):
        with count_queries() as asked:
            batch = list_people(PersonFilter(), user=system_user(), limit=limit)
            assert all(user.role_names for user in batch)
        numbers.append(len(asked))
    assert numbers == [1, 1]


def test_people_are_found_by_what_they_are_known_by(user_of: UserOf) -> None:
    ada = user_of(ADA)
    assert find_user_by_email(" ADA@example.com ") == ada
    assert find_user_by_email("nobody@example.com") is None
    assert find_user_by_email("not an address") is None
    assert find_user_by_slug("ada") == ada
    assert find_user_by_slug(ADA.email) is None
    assert get_user(ada.id) == ada
    with pytest.raises(NotFound):
        get_user(999_999)
    with pytest.raises(NotFound):
        get_role("king")


def test_roles_are_listed_with_how_many_hold_them(app: Flask) -> None:
    roles = list_roles()
    assert [role.name for role in roles] == ["admin", "editor", "author", "contributor", "subscriber"]
    assert count_people_by_role() == {role.id: 1 for role in roles}


def test_where_somebody_is_signed_in_is_known(user_of: UserOf) -> None:
    with transaction() as session:
        open_sign_in(user_of(ADA), ip="192.0.2.1", user_agent="A browser" * 100)
        session.flush()
    (row,) = list_sign_ins(user_of(ADA))
    assert (row.ip, len(row.user_agent)) == ("192.0.2.1", 255)
    assert last_seen([user_of(ADA).id, user_of(ED).id]) == {user_of(ADA).id: row.last_seen_at}
