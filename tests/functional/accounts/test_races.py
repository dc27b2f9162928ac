"""Several at once: the site keeps an admin, and everybody who signs in gets in."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select

from cms.accounts.actions import (
    accept_invitation,
    add_role,
    assign_roles,
    create_user,
    deactivate_user,
    delete_user,
    invite_user,
)
from cms.accounts.links import invitation_token
from cms.accounts.locks import count_admins_besides
from cms.accounts.models import SignIn, User
from cms.accounts.queries import find_user_by_email, get_role
from cms.core.db import current_session, engine_options, transaction
from cms.core.errors import CmsError, Conflict, Forbidden, NotFound
from cms.core.permissions import Actor, system_user
from cms.extensions import db
from tests.clients import PageClient
from tests.needs import needs
from tests.people import ADA, ED, PASSWORD, Person

Act = Callable[[User, Actor], None]


def _demote(user: User, by: Actor) -> None:
    assign_roles(user, [get_role("editor")], by=by)


def _deactivate(user: User, by: Actor) -> None:
    deactivate_user(user, by=by)


def _delete(user: User, by: Actor) -> None:
    delete_user(user, by=by)


def _find(person: Person) -> User:
    user = find_user_by_email(person.email)
    if user is None:
        raise NotFound
    return user


def _at_once(app: Flask, acts: list[Callable[[], None]]) -> list[CmsError | None]:
    """Do each of `acts` in a transaction of its own, in a thread of its own, all starting together."""
    ready = threading.Barrier(len(acts))

    def run(act: Callable[[], None]) -> CmsError | None:
        with app.app_context():
            try:
                # A read before the transaction, as every request has one (who is asking?).
                current_session().scalar(select(func.count(User.id)))
                ready.wait(30)
                with transaction():
                    act()
            except CmsError as error:
                return error
            finally:
                db.session.remove()
            return None

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def _check_that_an_admin_remains(app: Flask, act: Act) -> None:
    for _round in range(5):
        with app.app_context(), transaction():
            for person in (ADA, ED):
                user = find_user_by_email(person.email) or create_user(
                    email=person.email, name=person.name, by=system_user()
                )
                user.active, user.password = True, user.password or "a hash"
                add_role(user, get_role("admin"), by=system_user())
        each_other: list[Callable[[], None]] = [
            lambda: act(_find(ED), _find(ADA)),
            lambda: act(_find(ADA), _find(ED)),
        ]
        told = _at_once(app, each_other)
        with app.app_context():
            left = [user for user in (find_user_by_email(ADA.email), find_user_by_email(ED.email)) if user]
            admins = [user for user in left if user.active and "admin" in user.role_names]
            assert len(admins) == 1, told
        assert sum(error is None for error in told) == 1
        assert all(isinstance(error, Conflict | Forbidden | NotFound) for error in told if error is not None)


def _check_that_the_last_does_not_leave(app: Flask) -> None:
    """Two admins each close their own account: neither outranks the other, so only the count keeps one."""
    with app.app_context(), transaction():
        add_role(_find(ED), get_role("admin"), by=system_user())
    told = _at_once(app, [lambda: _deactivate(_find(ADA), _find(ADA)), lambda: _deactivate(_find(ED), _find(ED))])
    assert sorted(type(error).__name__ for error in told) == ["Conflict", "NoneType"]
    with app.app_context():
        nobody = User(id=0)
        assert count_admins_besides(nobody) == 1


@pytest.mark.parametrize("act", [_demote, _deactivate, _delete])
def test_two_admins_cannot_remove_each_other(make_app: Callable[..., Flask], act: Act) -> None:
    _check_that_an_admin_remains(make_app(), act)


@needs("postgres")
@pytest.mark.parametrize("act", [_demote, _deactivate, _delete])
def test_two_admins_cannot_remove_each_other_on_postgresql(
    make_app: Callable[..., Flask], postgres_url: str, act: Act
) -> None:
    _check_that_an_admin_remains(make_app(CMS_DATABASE_URL=postgres_url), act)


def test_two_last_admins_cannot_both_leave(make_app: Callable[..., Flask]) -> None:
    _check_that_the_last_does_not_leave(make_app())


@needs("postgres")
def test_two_last_admins_cannot_both_leave_on_postgresql(make_app: Callable[..., Flask], postgres_url: str) -> None:
    _check_that_the_last_does_not_leave(make_app(CMS_DATABASE_URL=postgres_url))


def _check_that_an_invitation_is_accepted_once(app: Flask) -> None:
    with app.app_context(), transaction():
        user = invite_user(email="new@example.com", name="Nell", by=system_user())
        token = invitation_token(user)

    def accept(number: int) -> None:
        by = find_user_by_email("new@example.com")
        assert by is not None
        accept_invitation(token, password_hash=f"hash {number}", by=by)

    told = _at_once(app, [partial(accept, number) for number in range(6)])
    assert sorted(type(error).__name__ for error in told) == ["Conflict"] * 5 + ["NoneType"]


def test_an_invitation_is_accepted_once(make_app: Callable[..., Flask]) -> None:
    _check_that_an_invitation_is_accepted_once(make_app())


@needs("postgres")
def test_an_invitation_is_accepted_once_on_postgresql(make_app: Callable[..., Flask], postgres_url: str) -> None:
    _check_that_an_invitation_is_accepted_once(make_app(CMS_DATABASE_URL=postgres_url))


def _check_that_names_stay_apart(app: Flask) -> None:
    def create(email: str) -> None:
        create_user(email=email, name="Olga", by=system_user())

    told = _at_once(app, [partial(create, f"olga{number}@example.com") for number in range(8)])
    assert told == [None] * 8
    told = _at_once(app, [partial(create, "one@example.com") for _number in range(8)])
    assert sorted(type(error).__name__ for error in told) == ["EmailTaken"] * 7 + ["NoneType"]
    with app.app_context():
        slugs = current_session().scalars(select(User.slug).where(User.name == "Olga")).all()
        assert len(set(slugs)) == len(slugs) == 9


def test_accounts_made_at_once_have_addresses_of_their_own(make_app: Callable[..., Flask]) -> None:
    _check_that_names_stay_apart(make_app())


@needs("postgres")
def test_accounts_made_at_once_have_addresses_of_their_own_on_postgresql(
    make_app: Callable[..., Flask], postgres_url: str
) -> None:
    _check_that_names_stay_apart(make_app(CMS_DATABASE_URL=postgres_url))


def _sign_in_at_once(app: Flask, number: int) -> list[int]:
    """Have a crowd sign in, everybody at home, and return the statuses; hashing is real, so is the file."""
    ready = threading.Barrier(number)
    with app.app_context(), transaction():
        password = _find(ADA).password
        for index in range(number):
            create_user(email=f"p{index}@example.com", name="Olga", password_hash=password, by=system_user())

    def sign_in(index: int) -> int:
        client = app.test_client()
        assert isinstance(client, PageClient)
        token = client.csrf_token("/login")
        ready.wait(60)
        fields = {"email": f"p{index}@example.com", "password": PASSWORD, "csrf_token": token}
        return client.post("/login", data=fields, environ_base={"REMOTE_ADDR": f"198.51.100.{index}"}).status_code

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(sign_in, range(number)))


@pytest.mark.long
@pytest.mark.usefixtures("in_earnest")
def test_eighty_sign_ins_at_once_all_get_in(make_app: Callable[..., Flask]) -> None:
    app = make_app()
    assert _sign_in_at_once(app, 80) == [302] * 80
    with app.app_context():
        assert current_session().scalar(select(func.count(SignIn.id))) == 80


@pytest.mark.long
@needs("postgres")
@pytest.mark.usefixtures("in_earnest")
def test_eighty_sign_ins_at_once_all_get_in_on_postgresql(make_app: Callable[..., Flask], postgres_url: str) -> None:
    # A process of the server has eight threads, and connections for twice as many; here eighty share them.
    patient = {**engine_options(postgres_url), "pool_timeout": 60}
    app = make_app(CMS_DATABASE_URL=postgres_url, SQLALCHEMY_ENGINE_OPTIONS=patient)
    assert _sign_in_at_once(app, 80) == [302] * 80
