"""A COMMIT whose answer gets lost: it may be done or not, so nothing is done that only goes with one of the two."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from cms.cache import store
from cms.cache.untold import CLEAR_PAGES
from cms.content.models import Entry
from cms.core.db import after_commit, after_rollback, current_session, held_commit, in_transaction, transaction
from cms.core.db_errors import is_outcome_unknown
from cms.core.errors import OutcomeUnknown
from cms.core.jobs import enqueue, run_due
from cms.extensions import db
from cms.lib.clock import utcnow
from cms.media.actions.delete_media import delete_media
from cms.media.actions.erase_media import erase_media
from cms.media.files import open_original
from cms.media.jobs import GRACE, sweep
from cms.media.models import MediaFile
from cms.settings.models import Setting
from tests.clients import PageClient
from tests.factories import make_post, user
from tests.factories.media import PDF, make_media
from tests.faults import FaultyWay, faulty_way
from tests.functional.api.client import ApiClient
from tests.needs import needs
from tests.people import ED

pytestmark = needs("postgres")
KEY = {"Idempotency-Key": "only-once"}
#: Whether what was asked for is done, by what gets lost.
LOST = pytest.mark.parametrize(("lost", "done"), [("lose the answer", 1), ("lose the question", 0)])


@pytest.fixture
def way(postgres_url: str) -> Iterator[tuple[str, FaultyWay]]:
    """The address of a database over a faulty way, and the way."""
    with faulty_way(postgres_url) as found:
        yield found


@pytest.fixture
def site(make_app: Callable[..., Flask], way: tuple[str, FaultyWay]) -> Iterator[Flask]:
    """A site whose database is reached over that way."""
    app = make_app(CMS_DATABASE_URL=way[0], CACHE_TYPE="shared")
    with app.app_context():
        yield app


@pytest.fixture
def ed(site: Flask) -> ApiClient:
    """Ed's program, which has been seen just now."""
    client = ApiClient(site).sign_in(ED)
    client.get("/users/me")
    return client


def upload(client: ApiClient, headers: dict[str, str] | None = None) -> TestResponse:
    return client.post("/media", headers=headers or {}, data={"file": (io.BytesIO(PDF), "list.pdf")})


def write(client: ApiClient, headers: dict[str, str] | None = None) -> TestResponse:
    return client.post("/posts", headers=headers or {}, json={"title": "Rye"})


def count(what: Any) -> int:
    db.session.rollback()
    return current_session().scalar(select(func.count(what))) or 0


def files(app: Flask) -> list[Path]:
    return list(Path(app.config["CMS_UPLOADS"]).rglob("*.pdf"))


def content() -> list[bytes]:
    """Return what the media files hold."""
    found = []
    for media in current_session().scalars(select(MediaFile)):
        with open_original(media) as stream:
            found.append(stream.read())
    return found


def told_so(answer: TestResponse) -> bool:
    """Tell whether an answer says that nobody knows."""
    told: Any = answer.json
    assert "Nothing was changed" not in told["detail"], answer.text
    return (answer.status_code, told["code"], answer.headers["Retry-After"]) == (503, "outcome_unknown", "30")


@LOST
def test_a_file_stays_until_it_is_known_whether_it_has_a_row(
    site: Flask, ed: ApiClient, way: tuple[str, FaultyWay], lost: str, done: int
) -> None:
    way[1].become(lost)
    answer = upload(ed)
    assert told_so(answer)
    assert "Idempotency-Key" in (answer.json or {})["detail"]
    assert (way[1].tried, count(MediaFile.id), len(files(site))) == (1, done, 1)
    # What has a row is there for good; what has none goes with the sweep.
    assert sweep(now=utcnow() + GRACE + timedelta(hours=1)).removed == 1 - done
    assert len(files(site)) == done
    assert content() == [PDF] * done


@LOST
def test_a_file_that_is_sent_again_with_its_key_is_there_once(
    site: Flask, ed: ApiClient, way: tuple[str, FaultyWay], lost: str, done: int
) -> None:
    way[1].become(lost)
    assert told_so(upload(ed, KEY))
    second, third = upload(ed, KEY), upload(ed, KEY)
    assert (second.status_code, third.status_code) == (201, 201)
    assert (second.headers.get("Idempotency-Replayed") == "true", third.json) == (bool(done), second.json)
    assert (count(MediaFile.id), len(files(site))) == (1, 1 if done else 2)
    assert content() == [PDF]


@LOST
def test_a_post_that_is_sent_again_with_its_key_is_there_once(
    site: Flask, ed: ApiClient, way: tuple[str, FaultyWay], lost: str, done: int
) -> None:
    way[1].become(lost)
    assert told_so(write(ed, KEY))
    assert count(Entry.id) == done
    second = write(ed, KEY)
    assert (second.status_code, second.headers.get("Idempotency-Replayed") == "true") == (201, bool(done))
    assert count(Entry.id) == 1
    assert write(ed).status_code == 201


@LOST
def test_a_person_is_told_to_look_first(site: Flask, way: tuple[str, FaultyWay], lost: str, done: int) -> None:
    browser = site.test_client()
    assert isinstance(browser, PageClient)
    browser.sign_in(ED).get("/admin/tags/")
    token = browser.csrf_token("/admin/tags/new/")
    way[1].become(lost)
    answer = browser.post("/admin/tags/new/", data={"csrf_token": token, "name": "Rye"})
    assert (answer.status_code, answer.headers["Retry-After"], way[1].tried) == (503, "30", 1)
    assert "It may be saved or not" in answer.text
    assert "Look whether it is there" in answer.text
    assert "Nothing was changed" not in answer.text
    assert ("Rye" in browser.get("/admin/tags/").text) == bool(done)


@LOST
def test_a_person_is_not_told_that_a_file_was_not_taken(
    site: Flask, way: tuple[str, FaultyWay], lost: str, done: int
) -> None:
    browser = site.test_client()
    assert isinstance(browser, PageClient)
    browser.sign_in(ED)
    token = browser.csrf_token("/admin/media/")
    way[1].become(lost)
    sent = {"csrf_token": token, "file": (io.BytesIO(PDF), "list.pdf")}
    page = browser.post("/admin/media/upload/", data=sent, follow_redirects=True)
    assert way[1].tried == 1
    assert "list.pdf: The database was cut off" in page.text
    assert "was not taken" not in page.text
    assert (count(MediaFile.id), len(files(site))) == (done, 1)


def test_who_is_cut_off_between_the_commit_and_the_answer_is_told_to_look(
    site: Flask, ed: ApiClient, way: tuple[str, FaultyWay]
) -> None:
    def cut_off(_session: Session) -> None:
        way[1].become("refuse")

    event.listen(Session, "after_commit", cut_off)
    try:
        told = write(ed)
    finally:
        event.remove(Session, "after_commit", cut_off)
    # Who only reads is told as ever.
    read: Any = ed.get("/posts")
    way[1].become("pass")
    assert told_so(told)
    assert (read.status_code, read.json["code"]) == (503, "unavailable")
    assert count(Entry.id) == 1


@LOST
def test_several_changes_tell_of_the_one_that_nobody_knows(
    site: Flask, ed: ApiClient, way: tuple[str, FaultyWay], lost: str, done: int
) -> None:
    posts = [make_post("Loaf", state="draft").id, make_post("Rye", state="draft").id]
    way[1].become(lost)
    changes = [{"id": post_id, "title": "Oats"} for post_id in posts]
    results = ed.patch("/posts", json={"items": changes}).json["results"]
    assert [row["status"] for row in results] == [503, 200]
    assert results[0]["problem"]["code"] == "outcome_unknown"
    titles = [ed.get(f"/posts/{post_id}").json["title"] for post_id in posts]
    assert titles == ["Oats" if done else "Loaf", "Oats"]


@LOST
def test_nothing_follows_a_commit_of_which_nobody_knows(
    site: Flask, way: tuple[str, FaultyWay], lost: str, done: int
) -> None:
    called: list[str] = []

    def act() -> None:
        with transaction() as session:
            after_commit(lambda: called.append("kept"))
            after_rollback(lambda: called.append("given up"))
            session.add(Setting(key=f"lost {len(called)}", value=1))
            way[1].become(lost)

    with pytest.raises(OutcomeUnknown):
        act()
    assert (in_transaction(), called, count(Setting.key)) == (False, [], done)
    called.append("held")
    with pytest.raises(OutcomeUnknown), held_commit(lambda: None):
        act()
    assert (in_transaction(), called, count(Setting.key)) == (False, ["held"], 2 * done)
    # The next one has nothing to do with it.
    with transaction():
        after_commit(lambda: called.append("next"))
    assert called == ["held", "next"]


@LOST
def test_work_is_there_with_what_causes_it(site: Flask, way: tuple[str, FaultyWay], lost: str, done: int) -> None:
    def act() -> None:
        with transaction() as session:
            session.add(Setting(key="lost", value=1))
            enqueue(CLEAR_PAGES)
            way[1].become(lost)

    with pytest.raises(OutcomeUnknown):
        act()
    assert (count(Setting.key), run_due()) == (done, done)


@LOST
def test_a_file_that_may_be_erased_goes_with_its_row_or_stays_with_it(
    site: Flask, way: tuple[str, FaultyWay], lost: str, done: int
) -> None:
    media_id = make_media("list.pdf", PDF).id
    with transaction() as session:
        delete_media(session.get_one(MediaFile, media_id), by=user(ED))

    def erase() -> None:
        with transaction() as session:
            erase_media(session.get_one(MediaFile, media_id), by=user(ED))
            way[1].become(lost)

    with pytest.raises(OutcomeUnknown):
        erase()
    assert (count(MediaFile.id), len(files(site))) == (1 - done, 1)
    sweep(now=utcnow() + GRACE + timedelta(hours=1))
    assert len(files(site)) == 1 - done


@LOST
def test_readers_are_shown_what_is_there_and_nothing_is_kept_meanwhile(
    site: Flask, way: tuple[str, FaultyWay], lost: str, done: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_post("Loaf")
    reader = site.test_client()
    assert [reader.get("/posts/loaf/").headers["X-Cache"] for _time in range(2)] == ["miss", "hit"]

    def change() -> None:
        with transaction() as session:
            session.scalars(select(Entry).where(Entry.title == "Loaf")).one().title = "Oats"
            way[1].become(lost)

    with pytest.raises(OutcomeUnknown):
        change()
    # What ends next in the same thread does not end this: the server may be about to commit.
    assert count(Entry.id) == 1
    pages = [reader.get("/posts/loaf/") for _time in range(3)]
    assert [page.headers["X-Cache"] for page in pages] == ["miss"] * 3
    assert ("Oats" in pages[-1].text) == bool(done)
    monkeypatch.setattr(store, "LONGEST_WRITE", 0)
    reader.get("/posts/loaf/")
    assert [reader.get("/posts/loaf/").headers["X-Cache"] for _time in range(2)] == ["miss", "hit"]


def test_an_answer_that_says_no_is_one() -> None:
    def error(statement: str | None, sqlstate: str | None, *, ended: bool) -> OperationalError:
        original = Exception("no")
        original.sqlstate = sqlstate  # type: ignore[attr-defined]  # as psycopg has it
        return OperationalError(statement, None, original, connection_invalidated=ended)

    assert is_outcome_unknown(error(None, None, ended=True))
    assert is_outcome_unknown(error(None, "08007", ended=False))
    assert is_outcome_unknown(KeyboardInterrupt())
    assert not is_outcome_unknown(error(None, "40001", ended=False))
    assert not is_outcome_unknown(error("INSERT INTO jobs", None, ended=True))
    assert not is_outcome_unknown(ZeroDivisionError())
