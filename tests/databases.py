"""One migrated database with roles and people, made once, and a copy of it for each test."""

from __future__ import annotations

import fcntl
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import flask_migrate
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from cms.accounts.actions.create_user import create_user
from cms.accounts.models import Role
from cms.accounts.passwords import hash_new_password
from cms.accounts.roles import sync_roles
from cms.core.db import transaction
from cms.core.permissions import system_user
from cms.extensions import db
from cms.factory import create_app
from tests.people import PASSWORD, PEOPLE

SETTINGS: dict[str, Any] = {
    "TESTING": True,
    "SECRET_KEY": "a key that is used in tests and nowhere else 0123456789",
    "SECURITY_PASSWORD_SALT": "some salt for the tests 0123456789",
    "CMS_AUDIT_KEYS": "tests:a-key-that-chains-a-trail-in-tests-and-nowhere-else",
    "CMS_DATA_KEYS": "a key that seals things in tests and nowhere else 0123456789",
    "CMS_BASE_URL": "http://localhost",
}


def settings(folder: Path, **more: Any) -> dict[str, Any]:
    """Return the settings of an installation that lives in `folder`."""
    return (
        SETTINGS
        | {
            "CMS_INSTANCE": str(folder / "instance"),
            "CMS_UPLOADS": str(folder / "uploads"),
        }
        | more
    )


#: Where this process has made or found the template.
_known: list[Path] = []


def sqlite_template(root: Path) -> Path:
    """Return a closed SQLite file with everything migrated and everybody in it, made once.

    Under `root`, unless this process knows of one already.
    """
    if _known and _known[0].exists():
        return _known[0]
    made = root / "template" / "instance" / "masthead.db"
    with _lock(root / "template.lock"):
        _known[:] = [made]
        if not made.exists():
            building = root / f"building-{uuid.uuid4().hex}"
            (building / "instance").mkdir(parents=True)
            _fill(settings(building))
            (building / "instance" / "masthead.db-wal").unlink(missing_ok=True)
            shutil.move(building, root / "template")
    return made


def postgres_template(server: str, root: Path) -> str:
    """Return the name of a PostgreSQL database on `server` with everything migrated and everybody in it."""
    with _lock(root / "postgres.lock"):
        note = root / "postgres-template"
        if not note.exists():
            name = f"masthead_test_{uuid.uuid4().hex[:12]}"
            admin(server, f'CREATE DATABASE "{name}"')
            _fill(settings(root / "postgres", CMS_DATABASE_URL=database_url(server, name)))
            note.write_text(name)
        return note.read_text()


def database_url(server: str, name: str) -> str:
    """Return the address of the database called `name` on `server`."""
    return sa.make_url(server).set(database=name, drivername="postgresql+psycopg").render_as_string(False)


def admin(server: str, statement: str) -> None:
    """Run a statement on the server's maintenance database, outside a transaction."""
    url = sa.make_url(server).set(database="postgres", drivername="postgresql+psycopg")
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)


def _fill(chosen: dict[str, Any]) -> None:
    Path(chosen["CMS_INSTANCE"]).mkdir(parents=True, exist_ok=True)
    app = create_app(chosen)
    with app.app_context():
        flask_migrate.upgrade()
        add_people()
        if db.engine.dialect.name == "sqlite":
            with db.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.session.remove()
        db.engine.dispose()


def add_people() -> None:
    """Add the roles and the five people."""
    with transaction():
        sync_roles()
    hashed = hash_new_password(PASSWORD)
    with transaction() as session:
        roles = {role.name: role for role in session.scalars(sa.select(Role))}
        for person in PEOPLE:
            create_user(
                email=person.email,
                name=person.name,
                password_hash=hashed,
                roles=[roles[person.role or ""]],
                by=system_user(),
            )


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def worker_root(base: Path) -> Path:
    """Return the folder that all workers of a test run share."""
    return base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
