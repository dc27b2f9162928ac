"""The record at the command line."""

import csv
import io
import json
import os
import pwd

import pytest
import sqlalchemy as sa
from flask import Flask

from cms.accounts.actions import edit_profile
from cms.audit.head import head_path
from cms.audit.models import AuditDetails, AuditEntry
from cms.core.db import current_session, transaction
from cms.core.permissions import system_user
from cms.extensions import db
from cms.settings.actions import change_settings
from tests.factories import user
from tests.people import ADA, CON


@pytest.fixture(autouse=True)
def some(app: Flask) -> None:
    """Some acts, so that there is something to look at."""
    for turn in range(3):
        with transaction():
            change_settings({"name": f"Name {turn}"}, by=user(ADA))


def flask(app: Flask, *words: str, **options: str) -> tuple[int, str, str]:
    current_session().rollback()
    result = app.test_cli_runner().invoke(args=["audit", *words], **options)
    return result.exit_code, result.stdout, result.stderr


def spoil(statement: str) -> None:
    with db.engine.begin() as connection:
        connection.execute(sa.text(statement))


def end() -> AuditEntry:
    found = current_session().scalars(sa.select(AuditEntry).order_by(AuditEntry.number.desc())).first()
    assert found is not None
    return found


def test_a_whole_record_ends_with_0(app: Flask) -> None:
    code, out, err = flask(app, "verify")
    assert (code, err) == (0, "")
    assert f"to {end().number}" in out
    assert end().hash in out


def test_one_byte_changed_is_named_and_ends_with_3(app: Flask) -> None:
    spoil("UPDATE audit_entries SET actor_id = 2 WHERE number = 7")
    code, out, err = flask(app, "verify")
    assert (code, out) == (3, "")
    assert err.startswith("Entry 7: changed.")


def test_a_removed_last_row_is_named_and_ends_with_3(app: Flask) -> None:
    last = end().number
    spoil(f"DELETE FROM audit_entries WHERE number = {last}")  # noqa: S608 -- a number of ours
    code, _out, err = flask(app, "verify")
    assert code == 3
    assert err.startswith(f"Entry {last}: removed.")


def test_after_a_restored_backup_the_end_can_be_accepted(app: Flask) -> None:
    last = end().number
    spoil(f"DELETE FROM audit_details WHERE number = {last}")  # noqa: S608 -- a number of ours
    spoil(f"DELETE FROM audit_entries WHERE number = {last}")  # noqa: S608 -- a number of ours
    assert flask(app, "verify", "--accept-head")[0] == 0
    assert flask(app, "verify")[0] == 0


def test_a_changed_entry_is_not_accepted(app: Flask) -> None:
    spoil("UPDATE audit_entries SET actor_id = 2 WHERE number = 7")
    assert flask(app, "verify", "--accept-head")[0] == 3


def test_without_a_noted_end_somebody_has_to_judge(app: Flask) -> None:
    head_path().unlink()
    code, _out, err = flask(app, "verify")
    assert code == 1
    assert "--accept-head" in err
    assert flask(app, "verify", "--accept-head")[0] == 0
    assert flask(app, "verify")[0] == 0


def test_an_empty_record_holds(app: Flask) -> None:
    for table in ("audit_people", "audit_details", "audit_entries"):
        spoil(f"DELETE FROM {table}")  # noqa: S608 -- names of ours
    assert flask(app, "verify")[0] == 3
    head_path().unlink()
    assert flask(app, "verify")[:2] == (0, "The record is empty.\n")


def test_lines_of_json_hold_everything(app: Flask) -> None:
    number = end().number
    code, out, _err = flask(app, "export")
    lines = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    # The export itself is in it, for it was noted first.
    assert [line["number"] for line in lines] == list(range(1, number + 2))
    assert lines[-2]["details"]["after"] == {"name": "Name 2"}
    assert lines[-1]["act"] == "audit.exported"


def test_a_table_has_no_formulas(app: Flask) -> None:
    with transaction():
        edit_profile(user(CON), {"name": "=1+1"}, by=system_user())
    _code, out, _err = flask(app, "export", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out.lstrip("\ufeff"))))
    assert {row["title"] for row in rows} >= {"'=1+1"}


def test_days_narrow_an_export(app: Flask) -> None:
    assert flask(app, "export", "--until", "2020-01-01")[1] == ""
    assert len(flask(app, "export", "--since", "2020-01-01")[1].splitlines()) > 3
    assert flask(app, "export", "--since", "yesterday")[0] == 2


def test_old_entries_are_removed_when_asked_for(app: Flask) -> None:
    code, out, _err = flask(app, "prune", "--days", "30", "--yes")
    assert (code, out) == (0, "0 entries removed.\n")
    assert flask(app, "prune", "--days", "30", input="n\n")[0] == 1
    assert flask(app, "prune", "--days", "0", "--yes")[0] == 2


def test_the_record_knows_who_sat_at_the_command_line(app: Flask) -> None:
    flask(app, "export")
    told = current_session().get_one(AuditDetails, end().number).details
    assert (end().actor_id, told["way"]) == (None, "command line")
    assert told["actor"] == pwd.getpwuid(os.getuid()).pw_name
    assert told["request_id"]
