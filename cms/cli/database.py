"""Bringing the database to the schema of this version."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
import flask_migrate
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from cms.extensions import db

#: How many copies from before a migration are kept.
KEPT = 5


def revisions() -> tuple[str | None, str | None]:
    """Return the schema revision that the database has and the one that this version needs."""
    with db.engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    folder = current_app.extensions["migrate"].directory
    return present, ScriptDirectory(folder).get_current_head()


def check() -> None:
    """Raise ClickException with one sentence unless the database answers and has the schema of this version."""
    with told_in_a_sentence():
        present, needed = revisions()
    if present != needed:
        raise click.ClickException("The database is not ready for this version: run `flask setup` first.")


@contextlib.contextmanager
def told_in_a_sentence() -> Iterator[None]:
    """Turn a database that cannot be reached into a ClickException of one sentence, without its password."""
    try:
        yield
    except OperationalError as error:
        url = make_url(current_app.config["SQLALCHEMY_DATABASE_URI"])
        reason = str(error.orig).strip().splitlines()[0]
        where = f"{url.host or 'this machine'}/{url.database}" if url.get_backend_name() != "sqlite" else url.database
        raise click.ClickException(f"The database {where} cannot be used: {reason}") from None


def migrate() -> bool:
    """Bring the database to the schema of this version; tell whether there was anything to do.

    An existing SQLite file is copied into `<instance>/backups` first.
    """
    _make_private()
    present, needed = revisions()
    if present == needed:
        return False
    if present is not None:
        back_up(f"before-{needed}")
    flask_migrate.upgrade()
    return True


def _make_private() -> None:
    """Make a SQLite file that only its owner reads, unless it is there; SQLite gives its log the same mode."""
    path = sqlite_file()
    if path is not None and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def sqlite_file() -> Path | None:
    """Return where the database is, if it is a SQLite file."""
    url = make_url(current_app.config["SQLALCHEMY_DATABASE_URI"])
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return None
    # A relative path is meant from the instance folder, as Flask-SQLAlchemy reads it.
    return Path(current_app.instance_path, url.database)


def back_up(label: str) -> Path | None:
    """Copy a SQLite database, also one in use, into `<instance>/backups`; None for another kind of database."""
    path = sqlite_file()
    if path is None:
        return None
    folder: Path = current_app.config["CMS_INSTANCE"] / "backups"
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{label}.db"
    # SQLite's own way of copying: a plain copy of a database in use would miss what is in its log.
    with (
        contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as source,
        contextlib.closing(sqlite3.connect(copy)) as target,
    ):
        copy.chmod(0o600)
        source.backup(target)
    for old in sorted(folder.glob("*-before-*.db"))[:-KEPT]:
        old.unlink()
    return copy
