"""What time does to the record, and what is noted of who looked at what."""

import logging
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from cms.audit.actions.note_private_read import note_private_read
from cms.audit.jobs import prune_old_entries, tell_head
from cms.audit.models import AuditDetails, AuditEntry
from cms.audit.verifying import verify
from cms.core.checks import run_checks
from cms.core.db import current_session, transaction
from cms.core.jobs import enqueue, job, run_due
from cms.core.permissions import system_user
from cms.lib.clock import utcnow
from cms.settings.actions import change_settings
from tests.factories import user
from tests.people import ADA, CON, ED


def count() -> int:
    return int(current_session().scalar(select(func.count()).select_from(AuditEntry)) or 0)


def newest() -> AuditEntry:
    return current_session().scalars(select(AuditEntry).order_by(AuditEntry.number.desc())).first() or AuditEntry()


def test_entries_go_when_their_time_is_over(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    before = count()
    prune_old_entries()
    assert count() == before
    later = utcnow() + timedelta(days=731)
    monkeypatch.setattr("cms.audit.jobs.utcnow", lambda: later)
    prune_old_entries()
    # One that says so, and the last there was.
    assert count() == 2
    assert (newest().act, newest().actor_id) == ("audit.pruned", None)
    assert verify().holds


def test_entries_stay_for_ever_where_that_is_set(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction():
        change_settings({"audit_keep_days": 0}, by=system_user())
    later = utcnow() + timedelta(days=9000)
    monkeypatch.setattr("cms.audit.jobs.utcnow", lambda: later)
    before = count()
    prune_old_entries()
    assert count() == before


def test_the_log_tells_the_end_of_the_record(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "cms.audit")
    tell_head()
    assert newest().hash in caplog.text
    assert f"entry {newest().number}," in caplog.text


@job("tests.act")
def _act(_payload: dict[str, object]) -> None:
    with transaction():
        change_settings({"description": "By a job"}, by=system_user())


def test_the_record_knows_that_a_job_did_it(app: Flask) -> None:
    with transaction():
        enqueue("tests.act")
    run_due()
    told = current_session().get_one(AuditDetails, newest().number).details
    assert newest().act == "settings.changed"
    assert told["way"] == "job"
    assert told["request_id"].startswith("job ")


def test_looking_at_something_private_is_noted_once_an_hour(either: Flask) -> None:
    def look(by: object, what: str = "account", whom: object = None) -> int:
        before = count()
        con = user(CON)
        with transaction():
            note_private_read("user", con.id, what, title=con.name, about=(con.id,), by=user(by))  # type: ignore[arg-type]  # one of the people
        return count() - before

    assert look(ADA) == 1
    assert (newest().act, newest().actor_id, newest().subject_id) == ("private.read", user(ADA).id, user(CON).id)
    assert look(ADA) == 0
    assert look(ED) == 1
    assert look(ADA, "sign-ins") == 1
    with transaction() as session:
        session.execute(update(AuditEntry).values(at=utcnow() - timedelta(minutes=61)))
    assert look(ADA) == 1


def test_the_doctor_looks_at_the_record(app: Flask) -> None:
    with transaction():
        change_settings({"name": "One"}, by=system_user())
    found = [finding for name, finding in run_checks() if name == "record"]
    assert [finding.level for finding in found] == ["ok"]
    with transaction() as session:
        session.execute(update(AuditEntry).where(AuditEntry.number == 3).values(act="other"))
    found = [finding for name, finding in run_checks() if name == "record"]
    assert [finding.level for finding in found] == ["problem"]
    assert "Entry 3" in found[0].text
