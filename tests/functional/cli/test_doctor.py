"""`flask doctor`: each fault is made for real, found, and told with what to do."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask

from cms.accounts.models import Passkey
from cms.cli import checks_services
from cms.cli.secrets import ensure_secrets
from cms.core import checks
from cms.core.checks import OK, PROBLEM, WARNING, Finding, register_check
from cms.core.db import current_session, transaction
from cms.core.jobs import Job
from cms.core.jobs.models import Lease
from cms.lib.clock import utcnow
from cms.lib.options import read_named_keys
from tests import databases
from tests.attacks.traps import begin, trap
from tests.factories import user
from tests.needs import get, needs
from tests.people import ADA

Examine = Callable[..., dict[str, list[dict[str, str]]]]
_DAY = 86_400


@pytest.fixture
def healthy(make_app: Callable[..., Flask], tmp_path: Path) -> Callable[..., Flask]:
    """Make an installation in production with nothing wrong that a test can help."""

    def make(**more: Any) -> Flask:
        instance = tmp_path / "instance"
        kept = ensure_secrets(instance)
        # The record of the copied database was begun with the key of the tests.
        kept["CMS_AUDIT_KEYS"] |= read_named_keys(databases.SETTINGS["CMS_AUDIT_KEYS"])
        instance.chmod(0o700)
        (instance / "masthead.db").chmod(0o600)
        (tmp_path / "uploads").mkdir(exist_ok=True)
        (instance / "backups").mkdir(exist_ok=True, mode=0o700)
        (instance / "backups" / "today.db").touch()
        app = make_app(**{"CMS_BASE_URL": "https://localhost", "CMS_TRUSTED_PROXIES": 1, **kept, **more})
        app.config["CMS_ENV"] = "production"
        return app

    return make


def examine(app: Flask, *, status: int | None = None) -> dict[str, list[dict[str, str]]]:
    """Run the command, and return what it says by the name of the check."""
    with app.app_context():
        done = app.test_cli_runner().invoke(args=["doctor", "--json"])
        current_session().rollback()
    assert done.exit_code in ((0, 1) if status is None else (status,)), done.output
    told = json.loads(done.output)
    assert (done.exit_code == 1) == (told["counts"][PROBLEM] > 0)
    for name in ("SECRET_KEY", "SECURITY_PASSWORD_SALT"):
        assert app.config[name] not in done.output
    found: dict[str, list[dict[str, str]]] = {}
    for one in told["findings"]:
        found.setdefault(one["check"], []).append(one)
    return found


def worst(findings: list[dict[str, str]]) -> dict[str, str]:
    return max(findings, key=lambda one: (OK, WARNING, PROBLEM).index(one["level"]))


def test_nothing_is_to_mend_where_all_is_well(healthy: Callable[..., Flask]) -> None:
    found = examine(healthy(), status=0)
    assert {name for name, told in found.items() if worst(told)["level"] == PROBLEM} == set()
    calm = {"environment", "keys", "cookies", "proxies", "hosts", "permissions", "uploads", "backups", "database"}
    assert {name: worst(found[name])["level"] for name in calm} == dict.fromkeys(calm, OK)


def test_a_person_reads_one_line_for_each_finding(healthy: Callable[..., Flask]) -> None:
    app = healthy()
    app.config["CMS_ENV"] = "development"
    with app.app_context():
        done = app.test_cli_runner().invoke(args=["doctor"])
    lines = done.output.splitlines()
    assert all(line.split()[0] in (OK, WARNING, PROBLEM) for line in lines[:-1])
    assert any("→ Run" in line or "→ Set" in line for line in lines)
    assert lines[-1].endswith("to mend.")


@pytest.mark.parametrize(
    ("changes", "check", "level", "words"),
    [
        ({"CMS_ENV": "development", "CMS_BASE_URL": "https://www.example.org"}, "environment", PROBLEM, "development"),
        ({"CMS_ENV": "development"}, "environment", WARNING, "development"),
        ({"DEBUG": True}, "environment", PROBLEM, "debugger is on"),
        ({"SECRET_KEY": "x" * 40}, "keys", PROBLEM, "SECRET_KEY is weak"),
        ({"SECURITY_PASSWORD_SALT": "changeme"}, "keys", PROBLEM, "SECURITY_PASSWORD_SALT is weak"),
        ({"CMS_DATA_KEYS": ["short"]}, "keys", PROBLEM, "CMS_DATA_KEYS is weak"),
        ({"TEMPORARY_SECRETS": ("CMS_AUDIT_KEYS",)}, "keys", PROBLEM, "no lasting CMS_AUDIT_KEYS"),
        ({"CMS_BASE_URL": "http://localhost"}, "cookies", PROBLEM, "is http"),
        ({"SESSION_COOKIE_SECURE": False}, "cookies", PROBLEM, "SESSION_COOKIE_SECURE"),
        ({"SESSION_COOKIE_HTTPONLY": False}, "cookies", PROBLEM, "SESSION_COOKIE_HTTPONLY"),
        ({"SESSION_COOKIE_SAMESITE": None}, "cookies", PROBLEM, "SESSION_COOKIE_SAMESITE"),
        ({"SESSION_COOKIE_NAME": "session"}, "cookies", PROBLEM, "SESSION_COOKIE_NAME"),
        ({"TRUSTED_HOSTS": [".example.org"]}, "hosts", PROBLEM, ".example.org"),
        ({"CMS_TRUSTED_PROXIES": 0}, "proxies", WARNING, "No proxy is trusted"),
        ({"CMS_BIND": "192.0.2.1"}, "proxies", WARNING, "192.0.2.1"),
        ({"CMS_MAIL_URL": "null://"}, "mail", WARNING, "dropped"),
        ({"CMS_MAIL_URL": "smtp://127.0.0.1:1"}, "mail", PROBLEM, "does not answer"),
        ({"CMS_REDIS_URL": "redis://127.0.0.1:1/0"}, "page store", PROBLEM, "Redis does not answer"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_found(
    healthy: Callable[..., Flask], changes: dict[str, Any], check: str, level: str, words: str
) -> None:
    app = healthy()
    app.config.update(changes)
    told = worst(examine(app)[check])
    assert told["level"] == level
    assert words in told["text"]
    assert told["remedy"]


@pytest.mark.parametrize(
    ("path", "mode", "words"),
    [
        ("instance", 0o755, "instance"), ("instance", 0o770, "instance"),
        ("instance/secrets.toml", 0o640, "secrets.toml"),
        ("instance/masthead.db", 0o644, "masthead.db"), ("instance/backups", 0o755, "backups"),
    ],
)  # fmt: skip
def test_what_others_may_read_is_found(
    healthy: Callable[..., Flask], tmp_path: Path, path: str, mode: int, words: str
) -> None:
    app = healthy()
    (tmp_path / path).chmod(mode)
    told = worst(examine(app, status=1)["permissions"])
    assert words in told["text"]
    assert told["remedy"].startswith("chmod")


def test_what_could_be_run_among_uploads_is_found(healthy: Callable[..., Flask], tmp_path: Path) -> None:
    app = healthy()
    folder = tmp_path / "uploads" / "deep" / "down"
    folder.mkdir(parents=True)
    (folder / "fine.jpg").touch(mode=0o644)
    assert worst(examine(app)["uploads"])["level"] == OK
    (folder / "run.sh").touch()
    (folder / "run.sh").chmod(0o755)
    (folder / "passwd").symlink_to("/etc/passwd")
    told = worst(examine(app, status=1)["uploads"])
    assert "run.sh can be run" in told["text"]
    assert "passwd is a link" in told["text"]


def test_a_missing_folder_is_found(healthy: Callable[..., Flask], tmp_path: Path) -> None:
    app = healthy()
    shutil.rmtree(tmp_path / "uploads")
    assert "no folder" in worst(examine(app, status=1)["permissions"])["text"]


def test_the_age_of_backups_is_told(healthy: Callable[..., Flask], tmp_path: Path) -> None:
    app, file = healthy(), tmp_path / "instance" / "backups" / "today.db"
    for days, level in ((0, OK), (5, WARNING), (40, PROBLEM)):
        os.utime(file, (time.time() - days * _DAY,) * 2)
        assert worst(examine(app)["backups"])["level"] == level
    stamp = tmp_path / "last-backup"
    app.config["CMS_BACKUP_STAMP"] = str(stamp)
    assert "No backup is known" in worst(examine(app)["backups"])["text"]
    stamp.touch()
    assert worst(examine(app)["backups"])["level"] == OK


def test_the_age_of_keys_is_told(healthy: Callable[..., Flask], tmp_path: Path) -> None:
    app, file = healthy(), tmp_path / "instance" / "secrets.toml"
    os.utime(file, (time.time() - 400 * _DAY,) * 2)
    assert "rotate" in worst(examine(app)["keys"])["remedy"]
    app.config["SECRET_KEY_FALLBACKS"] = ["an older key"]
    assert "forget-old" in worst(examine(app)["keys"])["remedy"]


@pytest.mark.parametrize(
    ("trusted", "header", "level"),
    [(0, "203.0.113.7", WARNING), (1, None, PROBLEM), (2, "203.0.113.7", PROBLEM), (1, "203.0.113.7", OK),
     (1, "1.2.3.4, 203.0.113.7", OK)],
)  # fmt: skip
def test_trusted_proxies_are_compared_with_what_requests_pass(
    healthy: Callable[..., Flask], trusted: int, header: str | None, level: str
) -> None:
    app = healthy(CMS_TRUSTED_PROXIES=trusted, CMS_NOTE_HOPS=True)
    headers = {"X-Forwarded-For": header, "X-Forwarded-Proto": "https"} if header else {}
    app.test_client().get("/healthz", headers=headers, environ_overrides={"REMOTE_ADDR": "203.0.113.9"})
    told = examine(app)["proxies"]
    assert told[0]["level"] == level, told


def test_watchers_on_this_machine_are_no_proxy(healthy: Callable[..., Flask]) -> None:
    app = healthy(CMS_NOTE_HOPS=True)
    app.test_client().get("/healthz")
    assert "no request was noted" in examine(app)["proxies"][0]["text"]


def test_a_missing_database_is_found_and_not_made(healthy: Callable[..., Flask], tmp_path: Path) -> None:
    app = healthy()
    for file in (tmp_path / "instance").glob("masthead.db*"):
        file.unlink()
    found = examine(app, status=1)
    assert "There is no database" in found["database"][0]["text"]
    assert "jobs" not in found
    assert list((tmp_path / "instance").glob("masthead.db*")) == []


def test_a_damaged_database_is_found(healthy: Callable[..., Flask], tmp_path: Path) -> None:
    file = tmp_path / "instance" / "masthead.db"
    app = healthy()
    with sqlite3.connect(file) as connection:
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ix_jobs_due'").fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    with file.open("r+b") as raw:
        raw.seek((page - 1) * size)
        raw.write(b"\xff" * 64)
    told = worst(examine(app, status=1)["database"])
    assert "damaged" in told["text"]
    assert "backup" in told["remedy"]


def test_a_database_of_another_version_is_found(healthy: Callable[..., Flask]) -> None:
    app = healthy()
    with app.app_context(), transaction() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    assert "flask setup" in worst(examine(app, status=1)["database"])["remedy"]


def test_a_database_that_does_not_answer_is_told_without_its_password(healthy: Callable[..., Flask]) -> None:
    app = healthy(CMS_DATABASE_URL="postgresql://ada:hunter2@127.0.0.1:1/site")
    told = worst(examine(app, status=1)["database"])
    assert "does not answer" in told["text"]
    assert "hunter2" not in str(told)


@needs("postgres")
def test_postgresql_is_looked_at_too(healthy: Callable[..., Flask], postgres_url: str) -> None:
    found = examine(healthy(CMS_DATABASE_URL=postgres_url))
    assert worst(found["database"])["level"] == OK


@needs("redis")
def test_a_redis_that_answers_is_told(healthy: Callable[..., Flask]) -> None:
    assert worst(examine(healthy(CMS_REDIS_URL=get("redis")))["page store"])["level"] == OK


class Sink:
    async def handle_DATA(self, _server: Any, _session: Any, _envelope: Any) -> str:  # noqa: N802 -- aiosmtpd's name
        raise AssertionError("no mail was to be sent")


@pytest.fixture
def mail_server() -> Iterator[str]:
    """The address of a mail server that takes no mail."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(Sink(), hostname="127.0.0.1", port=port)
    controller.start()
    yield f"smtp://127.0.0.1:{port}"
    controller.stop()


def test_a_mail_server_is_greeted_and_gets_no_mail(healthy: Callable[..., Flask], mail_server: str) -> None:
    assert worst(examine(healthy(CMS_MAIL_URL=mail_server))["mail"])["level"] == OK
    told = worst(examine(healthy(CMS_MAIL_URL=mail_server.replace("//", "//ada:hunter2@")))["mail"])
    assert told["level"] == PROBLEM
    assert "hunter2" not in str(told)


def test_a_mail_server_that_is_silent_is_not_waited_for(
    healthy: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks_services, "_SECONDS", 0.3)
    with trap(begin(b"", b"")) as silent:
        told = worst(examine(healthy(CMS_MAIL_URL=f"smtp://127.0.0.1:{silent.port}"))["mail"])
    assert (told["level"], "does not answer" in told["text"]) == (PROBLEM, True)


def test_work_that_nobody_does_is_found(healthy: Callable[..., Flask]) -> None:
    app = healthy()
    now = utcnow()
    assert "No job runner" in examine(app)["jobs"][0]["text"]
    with app.app_context(), transaction() as session:
        session.add(Lease(name="jobs", holder="tests", until=now + timedelta(minutes=1)))
    assert examine(app)["jobs"][0]["level"] == OK
    with app.app_context(), transaction() as session:
        session.add(Job(name="x", run_at=now - timedelta(hours=1)))
        session.add(Job(name="y", state="failed"))
    levels = [one["level"] for one in examine(app, status=1)["jobs"]]
    assert levels == [OK, PROBLEM, WARNING]


def test_admins_with_a_password_alone_are_counted(healthy: Callable[..., Flask]) -> None:
    app = healthy()
    assert "1 of 1 admins" in examine(app)["second factors"][0]["text"]
    with app.app_context(), transaction() as session:
        passkey = Passkey(user_id=user(ADA).id, credential_id="x", public_key="x", name="A key", created_at=utcnow())
        session.add(passkey)
    assert examine(app)["second factors"][0]["level"] == OK


def test_packages_other_than_tested_are_named(
    healthy: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "pins.txt").write_text("flask==0.1\nno-such-package==1.0\n")
    monkeypatch.setattr(checks_services, "PINS", tmp_path / "pins.txt")
    told = worst(examine(healthy())["packages"])["text"]
    assert "(tested: 0.1)" in told
    assert "no-such-package missing" in told


def test_features_add_checks_and_a_broken_one_stops_none(
    healthy: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "_checks", {})

    def broken() -> Finding:
        raise RuntimeError("password=hunter2")

    register_check("broken", broken)
    register_check("another", lambda: Finding(OK, "Of ada@example.com, token=hunter2."))
    found = examine(healthy(), status=1)
    assert found["broken"][0]["text"] == "This could not be looked at (RuntimeError)."
    assert found["another"][0]["text"] == "Of a…@example.com, token=[redacted]"


def test_looking_changes_nothing(healthy: Callable[..., Flask], tmp_path: Path) -> None:
    app = healthy()
    examine(app)

    def everything() -> dict[str, tuple[int, bytes]]:
        return {
            str(path): (path.stat().st_mode, path.read_bytes() if path.is_file() else b"")
            for path in sorted(tmp_path.rglob("*"))
            if not path.name.endswith(("-wal", "-shm"))
        }

    before = everything()
    examine(app)
    assert everything() == before
