"""What every test may ask for: an application on a fresh copy of a migrated database, and the people."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import settings
from sqlalchemy import event, select

from cms.accounts.models import User
from cms.core import redis_link
from cms.extensions import db
from cms.factory import create_app
from tests import databases, easing, needs, sharing
from tests.clients import PageClient
from tests.people import ADA, ART, CON, ED, NOBODY, SUE, Person

# A run says the same of the same code; CMS_TEST_HYPOTHESIS=long tries more, and something else each time.
settings.register_profile("steady", derandomize=True)
if os.environ.get("CMS_TEST_HYPOTHESIS") != "long":
    settings.load_profile("steady")

for _name in [name for name in os.environ if name.startswith("CMS_") and not name.startswith("CMS_TEST")]:
    del os.environ[_name]


sharing.begin()
easing.begin()


def pytest_collection_finish() -> None:
    """All modules are loaded."""
    sharing.settle()


@pytest.fixture(scope="session")
def shared_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that all workers of this run share."""
    return databases.worker_root(tmp_path_factory.getbasetemp())


@pytest.fixture
def in_earnest() -> Iterator[None]:
    """Passwords cost what they cost, and what is committed is on the disk; ask for it before an application."""
    with easing.in_earnest():
        yield


@pytest.fixture
def make_app(shared_root: Path, tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    """Make applications on one fresh copy of the migrated database; settings may be given."""
    template = databases.sqlite_template(shared_root)
    instance = tmp_path / "instance"
    instance.mkdir(exist_ok=True)
    shutil.copyfile(template, instance / "masthead.db")
    made: list[Flask] = []

    def make(**more: object) -> Flask:
        app = create_app(databases.settings(tmp_path, **more))
        app.test_client_class = PageClient
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """An application with roles and the five people, in its own folder, inside its context."""
    made = make_app()
    with made.app_context():
        yield made


@pytest.fixture
def client(app: Flask) -> PageClient:
    """Nobody's client."""
    made = app.test_client()
    assert isinstance(made, PageClient)
    return made


@pytest.fixture
def as_(app: Flask) -> Callable[[Person], PageClient]:
    """Give a signed-in client for a person (a plain one for nobody); the same client each time."""
    clients: dict[str, PageClient] = {}

    def client_of(person: Person) -> PageClient:
        if person.name not in clients:
            made = app.test_client()
            assert isinstance(made, PageClient)
            clients[person.name] = made if person.role is None else made.sign_in(person)
        return clients[person.name]

    return client_of


@pytest.fixture
def ada() -> Person:
    """Ada, the admin."""
    return ADA


@pytest.fixture
def ed() -> Person:
    """Ed, the editor."""
    return ED


@pytest.fixture
def art() -> Person:
    """Art, the author."""
    return ART


@pytest.fixture
def con() -> Person:
    """Con, the contributor."""
    return CON


@pytest.fixture
def sue() -> Person:
    """Sue, the subscriber."""
    return SUE


@pytest.fixture
def nobody() -> Person:
    """Nobody: a stranger without an account."""
    return NOBODY


@pytest.fixture
def user_of(app: Flask) -> Callable[[Person], User]:
    """Return the record of a person."""

    def find(person: Person) -> User:
        return db.session.scalars(select(User).where(User.email == person.email)).one()

    return find


@pytest.fixture
def count_queries(app: Flask) -> Callable[[], object]:
    """Count the statements that the database is asked: `with count_queries() as asked: …; len(asked)`."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        asked: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
            asked.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            yield asked
        finally:
            event.remove(db.engine, "before_cursor_execute", note)

    return counting


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give Redis more time than visitors would: machines that test are busy, and a slow answer is no fault."""
    monkeypatch.setattr(redis_link, "CONNECT", 1.0)
    monkeypatch.setattr(redis_link, "ANSWER", 1.0)
    monkeypatch.setattr(redis_link, "PATIENCE", 60.0)


@pytest.fixture
def postgres_url(shared_root: Path) -> Iterator[str]:
    """The address of a fresh PostgreSQL database with everything migrated and everybody in it."""
    server = needs.get("postgres")
    template = databases.postgres_template(server, shared_root)
    name = f"masthead_test_{uuid.uuid4().hex[:12]}"
    databases.admin(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield databases.database_url(server, name)
    databases.admin(server, f'DROP DATABASE "{name}" WITH (FORCE)')
