"""What happens is written down with it, or not at all."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from cms.accounts.actions import assign_roles, deactivate_user, edit_profile
from cms.accounts.events import UserInvited
from cms.accounts.models import Role
from cms.audit.head import FILE, read_head
from cms.audit.models import AuditDetails, AuditEntry, AuditPerson
from cms.audit.queries import RecordFilter, list_entries
from cms.audit.sealing import GENESIS
from cms.audit.verifying import verify
from cms.content.actions.edit_entry import edit_entry
from cms.content.fields import EntryFields
from cms.core.db import current_session, transaction
from cms.core.errors import CmsError
from cms.core.events import record
from cms.core.instance import instance_folder
from cms.core.origin import Origin, coming_from
from cms.core.permissions import system_user
from cms.settings.actions import change_settings
from tests.clients import PageClient
from tests.factories import body_of, make_post, user
from tests.people import ADA, CON, ED, Person

ROOT = Path(__file__).parents[3]


def newest() -> AuditEntry:
    # What was not committed is no record.
    current_session().rollback()
    found = current_session().scalar(select(AuditEntry).order_by(AuditEntry.number.desc()).limit(1))
    assert found is not None
    return found


def details(number: int) -> dict[str, object]:
    found = current_session().get(AuditDetails, number)
    assert found is not None
    return found.details


def test_an_act_tells_who_what_before_and_after(either: Flask) -> None:
    editor = current_session().scalars(select(Role).where(Role.name == "editor")).one()
    with transaction():
        assign_roles(user(CON), [editor], by=user(ADA))
    entry = newest()
    told = details(entry.number)
    assert (entry.act, entry.actor_id, entry.subject_id) == ("user.roles_changed", user(ADA).id, user(CON).id)
    assert (told["actor"], told["title"]) == ("Ada", "Con")
    assert (told["before"], told["after"]) == ({"roles": ["contributor"]}, {"roles": ["editor"]})
    assert current_session().scalars(select(AuditPerson.user_id).where(AuditPerson.number == entry.number)).all() == [
        user(CON).id
    ]
    assert verify().holds


def test_numbers_have_no_gap_and_each_entry_names_the_one_before(either: Flask) -> None:
    for name in ("One", "Two", "Three"):
        with transaction():
            change_settings({"name": name, "description": name}, by=system_user())
    rows = current_session().execute(select(AuditEntry).order_by(AuditEntry.number)).scalars().all()
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    assert [row.previous_hash for row in rows] == [GENESIS, *(row.hash for row in rows[:-1])]


def _deactivate_two() -> None:
    with transaction():
        deactivate_user(user(CON), by=user(ADA))
        # Who has just been deactivated may do nothing.
        deactivate_user(user(ED), by=user(CON))


def test_what_is_given_up_leaves_nothing(either: Flask) -> None:
    before = newest().number
    with pytest.raises(CmsError):
        _deactivate_two()
    assert newest().number == before
    # Nor does it turn up with what comes next.
    with transaction():
        change_settings({"name": "The Chronicle"}, by=system_user())
    assert (newest().number, newest().act) == (before + 1, "settings.changed")


def test_several_acts_of_one_transaction_are_all_there(either: Flask) -> None:
    before = newest().number
    with transaction():
        edit_profile(user(CON), {"biography": "Writes."}, by=user(CON))
        deactivate_user(user(CON), by=user(ADA))
    acts = current_session().scalars(select(AuditEntry.act).where(AuditEntry.number > before)).all()
    assert sorted(acts) == ["user.deactivated", "user.profile_edited"]
    assert verify().holds


def test_a_save_tells_the_fields_that_differ_but_no_text(app: Flask) -> None:
    post = make_post("A loaf", state="published", author=ED)
    with transaction():
        fields = EntryFields(
            title="A better loaf", slug=post.slug, body=body_of("Rye and salt."), author_ids=post.owner_ids
        )
        edit_entry(post, fields, by=user(ED))
    told = details(newest().number)
    before, after = told["before"], told["after"]
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    assert (before["title"], after["title"]) == ("A loaf", "A better loaf")
    assert set(after["body"]) == {"bytes", "sha256"}
    assert after["newest_revision"] == before["newest_revision"] + 1
    assert "Rye" not in json.dumps(told)


def test_a_save_asks_three_things_more_of_the_database(app: Flask, count_queries: Callable[[], object]) -> None:
    with count_queries() as asked, transaction():  # type: ignore[attr-defined]  # a context manager
        change_settings({"name": "The Chronicle"}, by=system_user())
    ours = [statement for statement in asked if "audit_" in statement]
    assert len(ours) <= 3


def test_letters_that_databases_refuse_do_not_stop_an_act(either: Flask) -> None:
    with coming_from(Origin("web", user_agent="half \ud800 and \0 nothing")), transaction():
        record(UserInvited(user(CON).id, None))
    assert verify().holds
    assert details(newest().number)["user_agent"] == "half ? and  nothing"


def test_writers_at_the_same_time_make_one_line(either: Flask) -> None:
    before = newest().number
    current_session().rollback()
    failed: list[BaseException] = []

    def write(name: str) -> None:
        try:
            with either.app_context():
                for turn in range(5):
                    with transaction():
                        edit_profile(user(Person(name, None)), {"biography": f"Turn {turn}"}, by=system_user())
        except BaseException as error:  # noqa: BLE001 -- told below
            failed.append(error)

    threads = [threading.Thread(target=write, args=(name,)) for name in ("Ada", "Ed", "Art", "Con", "Sue")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    session = current_session()
    assert session.scalar(select(func.max(AuditEntry.number))) == before + 25
    found = verify()
    assert found.holds
    heads = read_head()
    assert heads is not None
    assert heads.settled == found.end
    assert heads.lost is None


def test_the_end_is_noted_beside_the_database_for_the_owner_alone(app: Flask) -> None:
    with transaction():
        change_settings({"name": "The Chronicle"}, by=system_user())
    heads = read_head()
    assert heads is not None
    assert heads.settled is not None
    assert (heads.settled.number, heads.settled.hash) == (newest().number, newest().hash)
    assert (instance_folder() / FILE).stat().st_mode & 0o777 == 0o600


def test_the_record_knows_the_way_in(app: Flask, as_: Callable[[Person], PageClient]) -> None:
    client = as_(ADA)
    told = details(newest().number)
    assert (newest().act, told["way"], told["ip"]) == ("user.signed_in", "web", "127.0.0.1")
    answer = client.submit("/admin/settings/", {"name": "The Chronicle"}, headers={"User-Agent": "x" * 400})
    assert answer.status_code == 303
    told = details(newest().number)
    assert newest().act == "settings.changed"
    assert told["user_agent"] == "x" * 255
    assert told["request_id"] == answer.headers["X-Request-ID"]
    assert told["sign_in_id"]
    assert newest().at > datetime(2026, 1, 1, tzinfo=UTC)


def test_the_record_can_be_searched(either: Flask) -> None:
    with transaction():
        change_settings({"name": "Der Ölberg"}, by=system_user())
    assert [entry.act for entry in list_entries(RecordFilter(words="ölberg"))] == ["settings.changed"]
    assert [entry.act for entry in list_entries(RecordFilter(words="100% nothing_"))] == []
    assert all(entry.subject == "user" for entry in list_entries(RecordFilter(person_id=user(CON).id)))


_KILLED = """
import os, signal, sys
from sqlalchemy import select
from cms.accounts.models import User
from cms.accounts.actions import edit_profile
from cms.core.db import after_commit, before_commit, transaction
from cms.core.permissions import system_user
from cms.factory import create_app
from tests.databases import settings
from pathlib import Path

app = create_app(settings(Path(sys.argv[1]), **({"CMS_DATABASE_URL": sys.argv[3]} if sys.argv[3] else {})))
with app.app_context(), transaction() as session:
    con = session.scalars(select(User).where(User.name == "Con")).one()
    if sys.argv[2] == "after":
        after_commit(lambda: os.kill(os.getpid(), signal.SIGKILL))
    edit_profile(con, {"biography": "Killed"}, by=system_user())
    if sys.argv[2] == "before":
        before_commit(lambda: os.kill(os.getpid(), signal.SIGKILL))
"""


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_process_killed_around_its_commit_leaves_both_or_neither(either: Flask, when: str) -> None:
    with transaction():
        change_settings({"name": "Before"}, by=system_user())
    end = newest().number
    address = (
        str(either.config["SQLALCHEMY_DATABASE_URI"]) if current_session().get_bind().dialect.name != "sqlite" else ""
    )
    current_session().rollback()
    folder = Path(either.instance_path).parent
    ended = subprocess.run([sys.executable, "-c", _KILLED, str(folder), when, address], check=False, cwd=ROOT)
    assert ended.returncode == -signal.SIGKILL
    changed = user(CON).biography == "Killed"
    assert changed == (when == "after")
    assert (newest().number, newest().act) == ((end + 1, "user.profile_edited") if changed else (end, newest().act))
    heads = read_head()
    assert heads is not None
    # It came no further than its commit: the note lies behind, and asks for what is there.
    assert heads.settled is not None
    assert heads.settled.number == end
    assert verify().holds
    with transaction():
        change_settings({"name": "Later"}, by=system_user())
    assert verify().holds


@pytest.mark.long
def test_processes_at_the_same_time_make_one_line(app: Flask) -> None:
    end = newest().number
    current_session().rollback()
    folder = str(Path(app.instance_path).parent)
    script = _KILLED.replace('sys.argv[2] == "after"', "False").replace('sys.argv[2] == "before"', "False")
    running = [
        subprocess.Popen([sys.executable, "-c", script.replace("Killed", f"Turn {turn}"), folder, "", ""], cwd=ROOT)
        for turn in range(4)
    ]
    assert [process.wait(300) for process in running] == [0, 0, 0, 0]
    assert newest().number == end + 4
    found, heads = verify(), read_head()
    assert found.holds
    assert heads is not None
    assert heads.settled == found.end
