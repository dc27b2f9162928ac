"""Real servers under many writers, and killed while they save."""

import contextlib
import json
import os
import random
import select
import signal
import sqlite3
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Timer

import pytest

from tests.sites import EMAIL, PASSWORD, Site, environment, flask

pytestmark = pytest.mark.long
WRITERS, SAVES, KILLS = 64, 10, 40


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An installation with one administrator."""
    made = environment(tmp_path) | {"CMS_ADMIN_EMAIL": EMAIL, "CMS_ADMIN_PASSWORD": PASSWORD, "CMS_WORKERS": "3"}
    assert flask(made, "setup").returncode == 0
    return made


@pytest.fixture
def site(environ: dict[str, str]) -> Iterator[Site]:
    """The running site."""
    running = Site(environ)
    yield running
    if running.process.poll() is None:
        running.end()


def document(text: str) -> str:
    return json.dumps({"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": text}]}]})


def rows(environ: dict[str, str], query: str) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(Path(environ["CMS_INSTANCE"]) / "masthead.db")) as database:
        return database.execute(query).fetchall()


def begin_post(site: Site, cookie: str, title: str) -> str:
    """Make a draft and return the address of its form."""
    fields, _ = site.form("/admin/posts/new/", "form#entry", cookie)
    fields.setlist("title", [title])
    fields.setlist("body_json", [document("begun")])
    answer = site.ask("POST", "/admin/posts/new/", cookie=cookie, form=fields)
    assert answer.status == 303, answer.text[:500]
    return "/" + answer.location.split("/", 3)[3] if "://" in answer.location else answer.location


def save(site: Site, cookie: str, path: str, text: str) -> int:
    """Open a form, save it with another text, and return the status."""
    fields, _ = site.form(path, "form#entry", cookie)
    fields.setlist("body_json", [document(text)])
    return site.ask("POST", path, cookie=cookie, form=fields).status


def test_many_writers_lose_nothing(site: Site, environ: dict[str, str]) -> None:
    cookie = site.sign_in()
    paths = [begin_post(site, cookie, f"Post {number}") for number in range(WRITERS)]
    together = Barrier(WRITERS)

    def write(number: int) -> list[int]:
        together.wait()
        return [save(site, cookie, paths[number], f"writer {number} save {turn}") for turn in range(SAVES)]

    with ThreadPoolExecutor(WRITERS) as writers:
        answers = [status for statuses in writers.map(write, range(WRITERS)) for status in statuses]
    assert Counter(answers) == {303: WRITERS * SAVES}
    kept = {str(text) for (text,) in rows(environ, "SELECT snapshot FROM revisions")}
    missing = [
        (number, turn)
        for number in range(WRITERS)
        for turn in range(SAVES)
        if not any(f'"writer {number} save {turn}"' in text for text in kept)
    ]
    assert missing == []
    final = rows(environ, "SELECT body_text FROM entries ORDER BY id")
    assert [text for (text,) in final] == [f"writer {number} save {SAVES - 1}" for number in range(WRITERS)]


def test_one_post_is_never_saved_over(site: Site, environ: dict[str, str]) -> None:
    """Of writers who opened the same version, one saves and the others are told."""
    cookie = site.sign_in()
    path = begin_post(site, cookie, "One post")
    together = Barrier(16)
    fields, _ = site.form(path, "form#entry", cookie)

    def write(number: int) -> int:
        mine = fields.copy()
        mine.setlist("body_json", [document(f"writer {number}")])
        together.wait()
        return site.ask("POST", path, cookie=cookie, form=mine).status

    with ThreadPoolExecutor(16) as writers:
        answers = sorted(writers.map(write, range(16)))
    assert answers == [303, *[409] * 15]


def workers(site: Site) -> list[int]:
    """Return the processes that answer requests: grandchildren of the supervisor."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(folder.name))
    return [pid for child in children.get(site.process.pid, []) for pid in children.get(child, [])]


def kill_workers(site: Site) -> None:
    """Kill the processes that answer requests, and wait until they are gone: no later request meets a dying one."""
    dying = []
    for pid in workers(site):
        with contextlib.suppress(ProcessLookupError):
            dying.append(os.pidfd_open(pid))
            signal.pidfd_send_signal(dying[-1], signal.SIGKILL)
    for process in dying:
        select.select([process], [], [], 60)
        os.close(process)


def test_killed_save_is_there_fully_or_not_at_all(site: Site, environ: dict[str, str]) -> None:
    cookie = site.sign_in()
    path = begin_post(site, cookie, "A post")
    chance = random.Random(7)
    answered = unanswered = 0
    last = "begun"
    for turn in range(KILLS):
        text = f"turn {turn}"
        timer = Timer(chance.uniform(0.0, 0.12), kill_workers, [site])
        fields, _ = site.form(path, "form#entry", cookie)
        fields.setlist("body_json", [document(text)])
        timer.start()
        try:
            status = site.ask("POST", path, cookie=cookie, form=fields).status
            assert status == 303
            answered += 1
            allowed = {text}
        except OSError:
            unanswered += 1
            allowed = {last, text}
        timer.join()
        ((body, number),) = rows(environ, "SELECT body_text, working_revision_number FROM entries")
        assert body in allowed
        ((newest, snapshot),) = rows(environ, "SELECT number, snapshot FROM revisions ORDER BY number DESC LIMIT 1")
        assert newest == number
        assert f'"{body}"' in str(snapshot)
        last = str(body)
    assert answered
    assert unanswered
    assert rows(environ, "PRAGMA integrity_check") == [("ok",)]
    # What was killed is back, and works.
    assert save(site, cookie, path, "after all that") == 303
