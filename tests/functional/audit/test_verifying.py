"""Verifying finds whatever is not as it was written."""
# ruff: noqa: S608 -- names of our own tables

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cms.accounts.actions import edit_profile
from cms.audit.actions.erase_person_details import erase_person_details
from cms.audit.actions.prune_record import prune_record
from cms.audit.head import FILE, accept_head, head_path
from cms.audit.models import AuditDetails, AuditEntry, AuditPerson
from cms.audit.verifying import verify
from cms.core.db import current_session, transaction
from cms.core.permissions import system_user
from cms.extensions import db
from cms.lib.clock import utcnow
from cms.settings.actions import change_settings
from tests.factories import user
from tests.people import ADA, CON

TABLES = {"audit_entries": AuditEntry, "audit_details": AuditDetails, "audit_people": AuditPerson}
COLUMNS = [(table, column.name) for table, model in TABLES.items() for column in model.__table__.columns]


@pytest.fixture
def record(app: Flask) -> Flask:
    """An application whose record holds some acts on settings and on people."""
    for turn in range(4):
        with transaction():
            change_settings({"name": f"Name {turn}"}, by=user(ADA))
        with transaction():
            edit_profile(user(CON), {"biography": f"Turn {turn}"}, by=user(CON))
    assert verify().holds
    return app


def run(statement: str, **values: Any) -> None:
    """Change the database as somebody would who has it in their hands: no rule of ours holds."""
    current_session().rollback()
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.execute(sa.text(statement), values)
        connection.commit()
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")


def dump() -> dict[str, list[dict[str, Any]]]:
    with db.engine.connect() as connection:
        return {
            name: [dict(row) for row in connection.execute(sa.text(f"SELECT * FROM {name}")).mappings()]
            for name in TABLES
        }


def load(tables: dict[str, list[dict[str, Any]]]) -> None:
    for name in reversed(TABLES):
        run(f"DELETE FROM {name}")
    for name, rows in tables.items():
        for row in rows:
            run(f"INSERT INTO {name} ({', '.join(row)}) VALUES ({', '.join(f':{key}' for key in row)})", **row)


def changed(value: Any) -> Any:
    """Return nearly the same."""
    if isinstance(value, int):
        return value + 100
    if isinstance(value, str) and value:
        return value[:-1] + ("x" if value[-1] != "x" else "y")
    return 7 if value is None else "x"


def test_a_change_of_any_column_of_any_row_is_found(record: Flask) -> None:
    tables = dump()
    missed = []
    for table, column in COLUMNS:
        for row in tables[table]:
            other = changed(row[column])
            if column == "at":
                other = row[column][:-1] + ("1" if row[column][-1] != "1" else "2")
            if column == "details":
                other = row[column].replace('"title"', '"titel"') if '"title"' in row[column] else '{"way": "job"}'
            where = " AND ".join(f"{key} = :old_{key}" for key in row if "number" in key or key == "user_id")
            old = {f"old_{key}": row[key] for key in row if "number" in key or key == "user_id"}
            run(f"UPDATE {table} SET {column} = :value WHERE {where}", value=other, **old)
            if verify().problem is None:
                missed.append((table, column, row["number"]))
            back = {**old, "value": row[column]}
            if column in ("number", "user_id"):
                back[f"old_{column}"] = other
            run(f"UPDATE {table} SET {column} = :value WHERE {where}", **back)
    assert missed == []
    assert verify().holds


@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
@given(data=st.data())
def test_any_one_letter_changed_is_found(record: Flask, data: st.DataObject) -> None:
    tables = dump()
    table, column = data.draw(st.sampled_from([pair for pair in COLUMNS if pair[1] not in ("number", "user_id", "at")]))
    row = data.draw(st.sampled_from(tables[table]))
    text = str(row[column]) if row[column] is not None else ""
    where = data.draw(st.integers(0, max(0, len(text) - 1)))
    letter = data.draw(st.sampled_from('0123456789abcdefxyz "{}:,'))
    other = text[:where] + letter + text[where + 1 :]
    if column == "details":
        # Another way to write the same (more space between, say) says the same.
        try:
            if json.loads(other) == json.loads(text):
                return
        except ValueError:
            return
    if other == text or (isinstance(row[column], int) and other.strip() == text):
        return
    run(f"UPDATE {table} SET {column} = :value WHERE number = :number", value=other, number=row["number"])
    assert verify().problem is not None
    run(f"UPDATE {table} SET {column} = :value WHERE number = :number", value=row[column], number=row["number"])


def test_any_removed_row_is_found_the_last_one_too(record: Flask) -> None:
    tables = dump()
    for name in ("audit_entries", "audit_details"):
        for row in tables[name]:
            run(f"DELETE FROM {name} WHERE number = :number", number=row["number"])
            found = verify().problem
            assert found is not None
            assert found.number <= row["number"]
            load(tables)
    assert verify().holds


def test_the_last_rows_with_their_details_are_missed(record: Flask) -> None:
    tables = dump()
    end = len(tables["audit_entries"])
    for name in reversed(TABLES):
        run(f"DELETE FROM {name} WHERE number > :number", number=end - 2)
    found = verify().problem
    assert found is not None
    assert (found.kind, found.number) == ("removed", end - 1)


@pytest.mark.parametrize("accepted", [False, True])
def test_details_that_were_left_behind_stop_nobody(record: Flask, accepted: bool) -> None:
    """Whoever removes an entry with a tool that minds no foreign keys leaves its details, whose number comes again."""
    end = len(dump()["audit_entries"])
    run("DELETE FROM audit_entries WHERE number = :number", number=end)
    if accepted:
        assert record.test_cli_runner().invoke(args=["audit", "verify", "--accept-head"]).exit_code == 0
    with transaction():
        change_settings({"name": "Still here"}, by=user(ADA))
    tables = dump()
    assert len(tables["audit_details"]) == len(tables["audit_entries"]) == end
    found = verify().problem
    if accepted:
        assert found is None
    else:
        assert found is not None
        assert found.number == end


def test_what_is_written_after_a_removal_does_not_cover_it_up(record: Flask) -> None:
    end = len(dump()["audit_entries"])
    for name in reversed(TABLES):
        run(f"DELETE FROM {name} WHERE number > :number", number=end - 2)
    for turn in range(4):
        with transaction():
            change_settings({"name": f"Later {turn}"}, by=user(ADA))
    found = verify().problem
    assert found is not None
    assert found.number == end


def test_one_large_act_after_a_removal_does_not_cover_it_up(record: Flask) -> None:
    end = len(dump()["audit_entries"])
    for name in reversed(TABLES):
        run(f"DELETE FROM {name} WHERE number > :number", number=end - 2)
    with transaction():
        for turn in range(5):
            change_settings({"name": f"Later {turn}"}, by=user(ADA))
    found = verify().problem
    assert found is not None
    assert found.number == end


@pytest.mark.parametrize("back", [0, 3])
def test_another_entry_in_the_place_of_a_noted_one_is_not_forgotten(record: Flask, back: int) -> None:
    """Whoever has the key can write a chain that holds, but not what this machine has noted."""
    told = json.loads(head_path().read_text())
    number = told["settled"]["number"] - back
    told["settled"] |= {"number": number, "hash": "f" * 64}
    head_path().write_text(json.dumps(told))
    for turn in range(2):
        with transaction():
            change_settings({"name": f"Later {turn}"}, by=user(ADA))
    found = verify().problem
    assert found is not None
    assert (found.number, found.kind) == (number, "changed")


def test_everything_removed_is_missed(record: Flask) -> None:
    for name in reversed(TABLES):
        run(f"DELETE FROM {name}")
    found = verify().problem
    assert found is not None
    assert found.kind == "removed"


def test_any_two_rows_that_changed_places_are_found(record: Flask) -> None:
    tables = dump()
    numbers = [row["number"] for row in tables["audit_entries"]]
    for one, other in pairwise(numbers):
        for move in ((one, -1), (other, one), (-1, other)):
            run("UPDATE audit_entries SET number = :new WHERE number = :old", old=move[0], new=move[1])
        found = verify().problem
        assert found is not None
        assert found.kind in ("order", "changed")
        load(tables)


def test_details_that_changed_places_are_found(record: Flask) -> None:
    tables = dump()
    for move in ((1, -1), (2, 1), (-1, 2)):
        run("UPDATE audit_details SET number = :new WHERE number = :old", old=move[0], new=move[1])
    found = verify().problem
    assert found is not None
    assert (found.number, found.kind) == (1, "details")
    load(tables)


def test_a_row_that_was_put_in_is_found(record: Flask) -> None:
    tables = dump()
    last = tables["audit_entries"][-1]
    forged = last | {"number": last["number"] + 1, "previous_hash": last["hash"], "hash": "0" * 64}
    load(tables | {"audit_entries": [*tables["audit_entries"], forged]})
    run(
        "INSERT INTO audit_details (number, salt, details, words) VALUES (:number, 's', '{}', '')",
        number=forged["number"],
    )
    found = verify().problem
    assert found is not None
    assert (found.number, found.kind) == (forged["number"], "inserted")


def test_a_key_that_is_not_here_is_named(record: Flask) -> None:
    run("UPDATE audit_entries SET key_id = 'elsewhere' WHERE number = 3")
    found = verify().problem
    assert found is not None
    assert (found.number, found.kind) == (3, "key")


def test_another_key_breaks_every_seal(make_app: Callable[..., Flask], record: Flask) -> None:
    other = make_app(CMS_AUDIT_KEYS="tests:another-key-of-the-same-name-that-nobody-has-sealed-with")
    with other.app_context():
        found = verify().problem
        assert found is not None
        assert (found.number, found.kind) == (1, "changed")


def test_after_a_rotation_older_entries_still_hold(make_app: Callable[..., Flask], record: Flask) -> None:
    old = record.config["CMS_AUDIT_KEYS"]["tests"]
    rotated = make_app(CMS_AUDIT_KEYS=f"second:another-key-that-chains-a-trail-in-tests-from-now-on,tests:{old}")
    with rotated.app_context():
        with transaction():
            change_settings({"name": "With the new key"}, by=user(ADA))
        found = verify()
        assert found.holds
        assert found.end is not None
        assert found.end.key_id == "second"


# -- the noted end ---------------------------------------------------------------------------------------


def test_a_missing_note_of_the_end_is_a_doubt(record: Flask) -> None:
    head_path().unlink()
    found = verify()
    assert found.problem is None
    assert len(found.doubts) == 1
    accept_head(found.end)
    assert verify().holds


@pytest.mark.parametrize("text", ["", "{", "[]", '{"settled": 7}', '{"settled": {"number": "x"}}', "\0"])
def test_a_note_that_is_none_is_a_doubt(record: Flask, text: str) -> None:
    head_path().write_text(text)
    assert len(verify().doubts) == 1
    # It is replaced with the next act.
    with transaction():
        change_settings({"name": "Later"}, by=user(ADA))
    assert verify().holds


def test_a_note_of_another_end_is_found(record: Flask) -> None:
    told = json.loads(head_path().read_text())
    told["settled"]["hash"] = "f" * 64
    head_path().write_text(json.dumps(told))
    found = verify().problem
    assert found is not None
    assert found.is_end


def test_a_process_that_ends_after_its_commit_leaves_a_note_that_holds(record: Flask) -> None:
    before = head_path().read_text()
    with transaction():
        change_settings({"name": "Later"}, by=user(ADA))
    head_path().write_text(before)
    assert verify().holds
    with transaction():
        change_settings({"name": "Later still"}, by=user(ADA))
    assert verify().holds


def test_other_machines_write_on(make_app: Callable[..., Flask], record: Flask, tmp_path: Path) -> None:
    address = f"sqlite:///{record.instance_path}/masthead.db"
    (tmp_path / "elsewhere").mkdir()
    other = make_app(CMS_INSTANCE=str(tmp_path / "elsewhere"), CMS_DATABASE_URL=address)
    for turn in range(3):
        for app in (record, other):
            with app.app_context(), transaction():
                change_settings({"name": f"{turn} of {app.instance_path[-9:]}"}, by=user(ADA))
    for app in (record, other):
        with app.app_context():
            assert (Path(app.instance_path) / FILE).is_file()
            assert verify().holds


def test_where_nothing_can_be_noted_acts_go_on(record: Flask, caplog: pytest.LogCaptureFixture) -> None:
    head_path().unlink()
    record.instance_path = "/proc/nowhere"
    with transaction():
        change_settings({"name": "Later"}, by=user(ADA))
    assert "cannot be noted" in caplog.text
    assert len(verify().doubts) == 1


# -- retention and erasure -------------------------------------------------------------------------------


def test_removed_oldest_entries_are_told_by_an_entry(either: Flask) -> None:
    for turn in range(4):
        with transaction():
            change_settings({"name": f"Name {turn}"}, by=user(ADA))
    with transaction():
        removed = prune_record(before=utcnow(), by=system_user())
    assert removed >= 4
    found = verify()
    assert found.holds
    assert found.first == removed + 1
    with transaction():
        change_settings({"name": "Later"}, by=user(ADA))
    with transaction():
        assert prune_record(before=utcnow(), by=system_user()) > 0
    assert verify().holds


def test_oldest_entries_that_nobody_tells_of_are_missed(record: Flask) -> None:
    for name in reversed(TABLES):
        run(f"DELETE FROM {name} WHERE number < 4")
    found = verify().problem
    assert found is not None
    assert (found.number, found.kind) == (1, "removed")


def test_more_removed_than_an_entry_tells_is_missed(record: Flask) -> None:
    with transaction():
        prune_record(before=utcnow(), by=system_user())
    with transaction():
        change_settings({"name": "Later"}, by=user(ADA))
    first = dump()["audit_entries"][0]["number"]
    for name in reversed(TABLES):
        run(f"DELETE FROM {name} WHERE number = :number", number=first)
    assert verify().problem is not None


@pytest.fixture
def erased(either: Flask) -> Flask:
    """An application from whose record Con's personal data were taken."""
    for turn in range(2):
        with transaction():
            edit_profile(user(CON), {"biography": f"Born in {turn}", "name": "Conny Smith"}, by=user(CON))
        with transaction():
            edit_profile(user(CON), {"biography": "By Ada"}, by=user(ADA))
    with transaction():
        assert erase_person_details(user(CON).id, by=user(ADA)) >= 4
    return either


def test_erased_data_are_gone_and_the_chain_holds(erased: Flask) -> None:
    told = json.dumps(dump()["audit_details"], default=str)
    assert "Conny" not in told
    assert "Born" not in told
    assert "By Ada" not in told
    assert verify().holds
    acts = current_session().scalars(select_acts(user(CON).id)).all()
    assert acts.count("user.profile_edited") == 4


def select_acts(user_id: int) -> sa.Select[tuple[str]]:
    return sa.select(AuditEntry.act).where(AuditEntry.subject == "user", AuditEntry.subject_id == user_id)


def test_what_is_left_of_erased_details_is_sealed_too(erased: Flask) -> None:
    number = current_session().scalar(
        sa.select(sa.func.min(AuditEntry.number)).where(AuditEntry.subject_id == user(CON).id)
    )
    run("UPDATE audit_details SET details = '{\"erased\": true}' WHERE number = :number", number=number)
    found = verify().problem
    assert found is not None
    assert (found.number, found.kind) == (number, "details")


def test_details_that_no_entry_says_are_erased_are_missed(record: Flask) -> None:
    run("UPDATE audit_details SET details = '{\"erased\": true}', words = '' WHERE number = 2")
    found = verify().problem
    assert found is not None
    assert (found.number, found.kind) == (2, "details")


def test_who_erases_and_is_erased_later_leaves_what_was_sealed(erased: Flask) -> None:
    with transaction():
        erase_person_details(user(ADA).id, by=system_user())
    assert "Ada" not in [
        row["details"].get("actor") if isinstance(row["details"], dict) else json.loads(row["details"]).get("actor")
        for row in dump()["audit_details"]
    ]
    assert verify().holds


def test_the_last_entries_can_be_looked_at_alone(record: Flask) -> None:
    found = verify(last=3)
    assert (found.checked, found.holds) == (3, True)
    assert verify(last=10_000).holds
    run("UPDATE audit_entries SET act = 'other' WHERE number = 1")
    assert verify(last=3).holds
    assert verify().problem is not None
