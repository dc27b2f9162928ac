"""`flask doctor` on what has to answer: the database, mail, Redis, the job runner, and the packages it stands on."""

from __future__ import annotations

import re
import smtplib
import sys
from collections.abc import Iterator
from datetime import timedelta
from importlib import metadata
from pathlib import Path

import redis
from flask import current_app
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from cms.cli.database import revisions, sqlite_file
from cms.core.checks import OK, PROBLEM, WARNING, Finding, register_check
from cms.core.db import current_session
from cms.core.jobs.models import Job, Lease
from cms.core.mail import FolderTransport, NullTransport, SmtpTransport, transport
from cms.extensions import db
from cms.lib.clock import utcnow

_SECONDS = 5
#: Work that waits this long beyond its time waits for somebody.
_LATE = timedelta(minutes=10)
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[\w,-]+\])?==([^\s;]+)", re.MULTILINE)
PINS = Path(__file__).resolve().parents[2] / "deploy" / "requirements-runtime.txt"


def answers() -> bool:
    """Tell whether there is a database to ask; asking for a SQLite file that is not there would make one."""
    file = sqlite_file()
    if file is not None and not file.is_file():
        return False
    try:
        present, needed = revisions()
    except SQLAlchemyError:
        return False
    return present == needed


def database() -> Iterator[Finding]:
    """Whether the database answers, is of this version, and is whole."""
    file = sqlite_file()
    if file is not None and not file.is_file():
        yield Finding(PROBLEM, f"There is no database {file}.", "Run `flask setup`, or put the backup back.")
        return
    try:
        present, needed = revisions()
    except OperationalError as error:
        reason = str(error.orig).strip().splitlines()[0]
        yield Finding(PROBLEM, f"The database does not answer: {reason}", "See that it runs, and CMS_DATABASE_URL.")
        return
    if present == needed:
        yield Finding(OK, f"The database answers, at migration {present}.")
    else:
        yield Finding(PROBLEM, f"The database is at migration {present}, and {needed} is needed.", "Run `flask setup`.")
    if file is None:
        return
    with db.engine.connect() as connection:
        lines = [row[0] for row in connection.execute(text("PRAGMA quick_check(3)"))]
    if lines == ["ok"]:
        yield Finding(OK, "The database file is whole.")
    else:
        yield Finding(PROBLEM, f"The database file is damaged: {'; '.join(lines)}", "Stop, and restore a backup.")


def mail() -> Finding:
    """Whether mails can leave."""
    config = current_app.config
    way = transport(config["CMS_MAIL_URL"], Path(config["CMS_INSTANCE"]))
    if isinstance(way, NullTransport | FolderTransport):
        told = "Mails are dropped." if isinstance(way, NullTransport) else f"Mails stay in {way.folder}."
        level = WARNING if config["CMS_ENV"] == "production" else OK
        return Finding(level, told, "Set CMS_MAIL_URL to a mail server." if level == WARNING else "")
    assert isinstance(way, SmtpTransport)  # noqa: S101 -- there are three ways
    try:
        way.greet(seconds=_SECONDS)
    except smtplib.SMTPAuthenticationError:
        return Finding(PROBLEM, "The mail server refuses the name or the password.", "Correct CMS_MAIL_URL.")
    except (OSError, smtplib.SMTPException) as error:
        remedy = "See that CMS_MAIL_URL names it, and that this machine may reach it."
        return Finding(PROBLEM, f"The mail server does not answer ({type(error).__name__}).", remedy)
    return Finding(OK, "The mail server answers.")


def page_store() -> Iterator[Finding]:
    """Whether Redis answers, if there is to be one."""
    url = current_app.config["CMS_REDIS_URL"]
    if not url:
        return
    client = redis.Redis.from_url(url, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS)
    try:
        client.ping()
        yield Finding(OK, "Redis answers.")
    except (redis.RedisError, OSError) as error:
        remedy = "See that it runs, and CMS_REDIS_URL; until then pages are made anew for each reader."
        yield Finding(PROBLEM, f"Redis does not answer ({type(error).__name__}).", remedy)
    finally:
        client.close()


def jobs() -> Iterator[Finding]:
    """Whether somebody does the work in the background, and what was given up."""
    session, now = current_session(), utcnow()
    until = session.scalar(select(Lease.until).where(Lease.name == "jobs"))
    late = session.scalar(select(func.count()).where(Job.state == "waiting", Job.run_at < now - _LATE)) or 0
    failed = session.scalar(select(func.count()).where(Job.state == "failed")) or 0
    if until is not None and until > now:
        yield Finding(OK, "The job runner is at work.")
    else:
        since = f"since {until:%Y-%m-%d %H:%M} UTC" if until else "so far"
        yield Finding(WARNING, f"No job runner is at work {since}.", "Start `flask serve`, or `flask jobs run`.")
    if late:
        yield Finding(PROBLEM, f"{late} jobs wait for more than ten minutes.", "See to the job runner.")
    if failed:
        yield Finding(WARNING, f"{failed} jobs were given up.", "Admins try them again on the dashboard.")


def packages() -> Iterator[Finding]:
    """Which Python this is, and whether the packages are those that were tested."""
    version = ".".join(map(str, sys.version_info[:3]))
    pinned = dict(_PIN.findall(PINS.read_text("utf-8"))) if PINS.is_file() else {}
    other = []
    for name, wanted in pinned.items():
        try:
            found = metadata.version(name)
        except metadata.PackageNotFoundError:
            found = "missing"
        if found != wanted:
            other.append(f"{name} {found} (tested: {wanted})")
    if other:
        remedy = "pip install -r deploy/requirements-runtime.txt"
        yield Finding(WARNING, f"Python {version}; other packages than tested: {', '.join(other[:10])}.", remedy)
    else:
        yield Finding(OK, f"Python {version}, pip {_version('pip')}, and {len(pinned)} packages as tested.")


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


def register() -> None:
    """Have `flask doctor` look at what has to answer."""
    register_check("database", database, database=False)
    register_check("mail", mail, database=False)
    register_check("page store", page_store, database=False)
    register_check("jobs", jobs)
    register_check("packages", packages, database=False)
