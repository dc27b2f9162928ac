"""The settings of the site: who changes them, and when everybody knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from cms.accounts.models import User
from cms.core.db import current_session, transaction
from cms.core.errors import Conflict, Forbidden, Invalid
from cms.core.events import on
from cms.core.permissions import system_user
from cms.extensions import db
from cms.settings.actions import change_settings
from cms.settings.events import SettingsChanged
from cms.settings.queries import get_settings
from cms.settings.registry import SiteSettings
from tests.needs import needs
from tests.people import ADA, ART, CON, ED, SUE, Person

UserOf = Callable[[Person], User]


def change(app: Flask, **entered: object) -> None:
    with app.app_context(), transaction():
        change_settings(entered, by=system_user())


def name_in(app: Flask) -> str:
    with app.app_context():
        return get_settings().name


def test_a_new_site_has_its_defaults(app: Flask) -> None:
    assert get_settings() == SiteSettings()
    assert not get_settings().registration_open


@pytest.mark.parametrize("person", [ED, ART, CON, SUE], ids=lambda person: person.name)
def test_only_admins_change_settings(app: Flask, user_of: UserOf, person: Person) -> None:
    with pytest.raises(Forbidden), transaction():
        change_settings({"name": "Mine"}, by=user_of(person))
    assert get_settings().name == "Masthead"


def test_a_change_is_told_with_before_and_after(app: Flask, user_of: UserOf) -> None:
    heard: list[SettingsChanged] = []
    on(SettingsChanged)(heard.append)
    with transaction():
        told = change_settings({"name": " The  Chronicle ", "posts_per_page": "10"}, by=user_of(ADA))
    assert told.name == "The Chronicle"
    assert get_settings() == told
    assert heard == [SettingsChanged({"name": "Masthead"}, {"name": "The Chronicle"}, user_of(ADA).id)]


def test_one_wrong_field_keeps_everything_as_it_was(app: Flask, user_of: UserOf) -> None:
    entered: dict[str, Any] = {"name": "New", "time_zone": "Berlim", "mail_sender": "desk", "no_such": 1}
    with pytest.raises(Invalid) as caught, transaction():
        change_settings(entered, by=user_of(ADA))
    assert set(caught.value.fields) == {"time_zone", "mail_sender", "no_such"}
    assert get_settings() == SiteSettings()


def test_another_process_knows_at_its_next_request(make_app: Callable[..., Flask]) -> None:
    """Two applications on one database are two processes as far as the settings can tell."""
    here, there = make_app(), make_app()
    assert (name_in(here), name_in(there)) == ("Masthead", "Masthead")
    for name in ("One", "Two", "Two", "One"):
        change(here, name=name)
        assert (name_in(here), name_in(there)) == (name, name)


def change_and_give_up() -> None:
    with transaction():
        change_settings({"name": "Never"}, by=system_user())
        raise RuntimeError


def test_a_change_is_seen_at_once_and_one_given_up_is_not(app: Flask) -> None:
    assert get_settings().name == "Masthead"
    with pytest.raises(RuntimeError):
        change_and_give_up()
    assert get_settings().name == "Masthead"
    with transaction():
        change_settings({"name": "Now"}, by=system_user())
    assert get_settings().name == "Now"


def test_warm_settings_cost_one_short_question(app: Flask, count_queries: Callable[[], Any]) -> None:
    get_settings()
    current_session().info.clear()
    with count_queries() as asked:
        get_settings()
        get_settings()
    assert len(asked) == 1
    assert "sum(settings.version)" in asked[0]


def test_a_database_that_does_not_answer_leaves_the_last_known_settings(make_app: Callable[..., Flask]) -> None:
    app = make_app()
    change(app, name="The Chronicle")
    assert name_in(app) == "The Chronicle"
    with app.app_context():
        with db.engine.begin() as connection:
            connection.execute(text("ALTER TABLE settings RENAME TO gone"))
        assert get_settings().name == "The Chronicle"
        with db.engine.begin() as connection:
            connection.execute(text("ALTER TABLE gone RENAME TO settings"))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=needs("postgres"))])
def shared_app(request: pytest.FixtureRequest, make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """An application on SQLite, then on PostgreSQL."""
    if request.param == "sqlite":
        yield make_app()
    else:
        yield make_app(CMS_DATABASE_URL=request.getfixturevalue("postgres_url"))


def test_two_who_save_at_once_never_see_an_error_of_ours(shared_app: Flask) -> None:
    def save(number: int) -> str:
        try:
            change(shared_app, name=f"Name {number}", posts_per_page=number + 1)
        except Conflict:
            return "conflict"
        finally:
            with shared_app.app_context():
                db.session.remove()
        return "saved"

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(save, range(16)))
    assert "saved" in told
    with shared_app.app_context():
        settings = get_settings()
        assert settings.name == f"Name {settings.posts_per_page - 1}"
