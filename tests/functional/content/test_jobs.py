"""Work that time and new versions cause: done once, noticed by nobody who did not ask for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from cms.content import jobs
from cms.content.actions.edit_entry import edit_entry
from cms.content.events import EntryPublished
from cms.content.jobs import publish_due, rerender_outdated
from cms.content.models import Entry
from cms.content.rendering import render as real_render
from cms.content.saving import working_fields
from cms.core.db import current_session, transaction
from cms.core.events import _after, _within
from cms.core.jobs import Job, run_due
from cms.core.permissions import system_user
from cms.extensions import db
from cms.lib.clock import utcnow
from cms.lib.document import RENDERER_VERSION
from tests.clients import PageClient
from tests.factories import make_page, make_post, user
from tests.people import ED

BY = system_user()


def reread(entry_id: int) -> Entry:
    return current_session().get_one(Entry, entry_id, populate_existing=True)


def let_grow_old(entry_ids: list[int]) -> None:
    """Leave what an older renderer made in the rows."""
    with transaction() as session:
        old = {"body_html": "<p>old</p>", "body_text": "", "renderer_version": RENDERER_VERSION - 1}
        session.execute(update(Entry).where(Entry.id.in_(entry_ids)).values(**old, updated_at=Entry.updated_at))


def test_a_new_renderer_renders_anew_and_nobody_has_changed_anything(either: Flask) -> None:
    made = [make_post("Loaf").id, make_page("About").id, make_post("Draft", state="draft").id]
    before = {key: (reread(key).version, reread(key).updated_at, reread(key).revised_at) for key in made}
    let_grow_old(made)
    version, fields = reread(made[2]).version, working_fields(reread(made[2]))
    rerender_outdated()
    rerender_outdated()
    assert run_due() == 1
    for key in made:
        entry = reread(key)
        assert (entry.renderer_version, entry.body_text) == (RENDERER_VERSION, "Some words.")
        assert "Some words." in entry.body_html
        assert (entry.version, entry.updated_at, entry.revised_at) == before[key]
    # Whoever had the entry open meanwhile saves without a conflict.
    with transaction():
        edit_entry(reread(made[2]), fields.changed(title="Rye"), version=version, by=user(ED))
    rerender_outdated()
    assert run_due() == 0


def test_a_live_entry_that_waits_beside_a_draft_is_rendered_as_readers_see_it(either: Flask) -> None:
    key = make_post("Loaf", text="What readers see.").id
    with transaction():
        edit_entry(reread(key), working_fields(reread(key)).changed(body={"type": "doc", "content": []}), by=BY)
    let_grow_old([key])
    rerender_outdated()
    run_due()
    assert reread(key).body_text == "What readers see."
    assert reread(key).has_newer_draft


@pytest.mark.usefixtures("app")
def test_a_text_that_cannot_be_rendered_keeps_no_other_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = make_post("Bad").id, make_post("Good").id
    let_grow_old([bad, good])

    def render(entry: Entry) -> None:
        if entry.id == bad:
            entry.body_html = "half"
            raise RecursionError
        real_render(entry)

    monkeypatch.setattr("cms.content.jobs.render", render)
    rerender_outdated()
    assert run_due() == 1
    assert (reread(bad).body_html, reread(good).body_text) == ("<p>old</p>", "Some words.")
    rerender_outdated()
    assert run_due() == 0


@pytest.mark.usefixtures("app")
def test_many_outdated_entries_are_rendered_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_AT_ONCE", 3)
    made = [make_post(f"Loaf {number}").id for number in range(8)]
    let_grow_old(made)
    rerender_outdated()
    assert run_due() == 3
    assert {reread(key).renderer_version for key in made} == {RENDERER_VERSION}


def test_readers_see_what_was_rendered_anew(make_app: Callable[..., Flask]) -> None:
    app = make_app(CACHE_TYPE="shared")
    with app.app_context():
        key = make_post("Loaf").id
        let_grow_old([key])
        client = app.test_client()
        assert isinstance(client, PageClient)
        assert "<p>old</p>" in client.get("/posts/loaf/").text
        rerender_outdated()
        run_due()
        assert "Some words." in client.get("/posts/loaf/").text


def schedule(count: int) -> list[int]:
    """Make entries whose time has come a moment ago."""
    made = [
        make_post(f"Soon {number}", state="scheduled", at=utcnow() + timedelta(hours=1)).id for number in range(count)
    ]
    with transaction() as session:
        session.execute(update(Entry).where(Entry.id.in_(made)).values(published_at=utcnow() - timedelta(minutes=1)))
    return made


def test_what_is_due_is_published_once_however_many_look(either: Flask) -> None:
    made = schedule(6)
    told: list[int] = []
    gate = threading.Barrier(4)

    def hear(event: EntryPublished) -> None:
        told.append(event.entry_id)

    def look(_number: int) -> None:
        with either.app_context():
            gate.wait(30)
            publish_due()
            db.session.remove()

    _after[EntryPublished].append(hear)
    try:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(look, range(4)))
    finally:
        _after[EntryPublished].remove(hear)
    assert sorted(told) == sorted(made)
    assert {reread(key).state for key in made} == {"published"}


_LOOKER = """
import json, sys
from cms.content.events import EntryPublished
from cms.content.jobs import publish_due
from cms.core.events import after
from cms.factory import create_app
app, told = create_app(json.loads(sys.argv[1])), []
after(EntryPublished)(lambda event: told.append(event.entry_id))
with app.app_context():
    print("ready", flush=True)
    sys.stdin.readline()
    publish_due()
print(json.dumps(told))
"""


def test_two_processes_publish_what_is_due_once(either: Flask, tmp_path: Path) -> None:
    made = schedule(5)
    names = (
        "TESTING",
        "SECRET_KEY",
        "SECURITY_PASSWORD_SALT",
        "CMS_BASE_URL",
        "CMS_INSTANCE",
        "CMS_UPLOADS",
        "CMS_MAIL_URL",
    )
    chosen: dict[str, Any] = {name: either.config[name] for name in names}
    chosen |= {name: str(chosen[name]) for name in ("CMS_INSTANCE", "CMS_UPLOADS")}
    chosen["CMS_DATABASE_URL"] = either.config["SQLALCHEMY_DATABASE_URI"]
    command = [sys.executable, "-c", _LOOKER, json.dumps(chosen)]
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    lookers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ)
        for _ in range(2)
    ]
    for looker in lookers:
        assert looker.stdout is not None
        assert looker.stdout.readline() == "ready\n"
    for looker in lookers:
        assert looker.stdin is not None
        looker.stdin.write("go\n")
        looker.stdin.flush()
    told = [json.loads(looker.communicate(timeout=60)[0]) for looker in lookers]
    assert sorted(told[0] + told[1]) == sorted(made)
    assert {reread(key).state for key in made} == {"published"}


@pytest.mark.usefixtures("app")
def test_what_is_withdrawn_in_time_does_not_go_out() -> None:
    (key,) = schedule(1)
    with transaction():
        reread(key).binned_at = utcnow()
    publish_due()
    assert reread(key).state == "scheduled"


@pytest.mark.usefixtures("app")
def test_a_listener_that_fails_keeps_nothing_behind_it_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    first, *others = schedule(3)

    def fail(event: EntryPublished) -> None:
        if event.entry_id == first:
            raise ZeroDivisionError

    monkeypatch.setitem(_within, EntryPublished, [*_within[EntryPublished], fail])
    publish_due()
    assert reread(first).state == "scheduled"
    assert {reread(key).state for key in others} == {"published"}
    assert current_session().scalars(select(Job)).all() == []
