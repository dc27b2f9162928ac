"""Migrations: one head, readable names, and the same schema as the models, there and back, on both databases."""

import re
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask

from cms.extensions import db
from cms.factory import create_app
from tests import databases
from tests.needs import get, needs

FOLDER = Path(__file__).parents[2] / "migrations"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=needs("postgres"))])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application on an empty database of each kind, inside its context."""
    (tmp_path / "instance").mkdir()
    chosen = databases.settings(tmp_path)
    name = f"masthead_test_{tmp_path.name}_{tmp_path.stat().st_ino}"
    if request.param == "postgres":
        databases.admin(get("postgres"), f'CREATE DATABASE "{name}"')
        chosen["CMS_DATABASE_URL"] = databases.database_url(get("postgres"), name)
    app = create_app(chosen)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    if request.param == "postgres":
        databases.admin(get("postgres"), f'DROP DATABASE "{name}" WITH (FORCE)')


def drift() -> list[object]:
    """Return what autogenerate would write into the next migration."""
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": False})
        return list(compare_metadata(context, db.metadata))


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory(str(FOLDER)).get_heads()) == 1


def test_names_count_up_and_say_what_is_done() -> None:
    names = sorted(path.name for path in (FOLDER / "versions").glob("*.py"))
    assert [name for name in names if not re.fullmatch(r"\d{4}_[a-z]+(_[a-z0-9]+)+\.py", name)] == []
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))


def test_migrations_make_what_the_models_say(empty: Flask) -> None:
    flask_migrate.upgrade()
    assert drift() == []


def test_migrations_can_be_taken_back(empty: Flask) -> None:
    flask_migrate.upgrade()
    flask_migrate.downgrade(revision="base")
    assert set(sa.inspect(db.engine).get_table_names()) <= {"alembic_version"}
    flask_migrate.upgrade()
    assert drift() == []


def test_interrupted_migration_leaves_the_database_as_it_was(empty: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    head = ScriptDirectory(str(FOLDER)).get_current_head()
    assert head is not None

    def fail(*_arguments: object, **_words: object) -> None:
        raise KeyboardInterrupt

    # As if killed after the last statement, before the version is written.
    monkeypatch.setattr("alembic.runtime.migration.HeadMaintainer.update_to_step", fail)
    with pytest.raises(KeyboardInterrupt):
        flask_migrate.upgrade()
    monkeypatch.undo()
    assert set(sa.inspect(db.engine).get_table_names()) <= {"alembic_version"}
    flask_migrate.upgrade()
    assert drift() == []
