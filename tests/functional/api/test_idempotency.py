"""Sending something twice: it is done once and answered alike, on both databases, one after another or at once."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, func, insert, select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse
from werkzeug.wrappers import Response

from cms.api.idempotency import STAMP, idempotent
from cms.api.routes import answer
from cms.core.db import current_session, transaction
from cms.core.errors import Conflict, Invalid
from cms.core.idempotency import IdempotentRequest, forget_requests
from cms.core.permissions import public_route
from cms.core.stamps import stamp_of
from cms.extensions import csrf, db
from cms.lib.clock import utcnow
from cms.settings.models import Setting
from tests.functional.api.client import ApiClient
from tests.functional.api.tokens import program_of
from tests.needs import needs
from tests.people import ART, ED

NOTES = "/api/v1/notes"
REPLAYED = "Idempotency-Replayed"


@idempotent
def make_note() -> Response:
    """Make a row of `settings`, or fail on the way, as the body says."""
    sent: dict[str, Any] = request.get_json(silent=True) or dict(request.form)
    if sent.get("fail") == "before":
        raise Invalid(fields={"name": "This is wrong."})
    with transaction() as session:
        number = session.scalar(select(func.count(Setting.key)))
        session.add(Setting(key=f"note {number}", value=sent.get("name")))
        if sent.get("fail") == "within":
            raise Conflict
    if sent.get("fail") == "after":
        raise ZeroDivisionError
    if sent.get("fail") == "answered":
        return Response("no", status=409)
    return answer({"number": number, "name": sent.get("name")}, status=201, headers={"Location": f"/notes/{number}"})


@csrf.exempt
@public_route
def notes() -> Response:
    """Take requests for notes."""
    return make_note()  # type: ignore[no-any-return] # the decorator keeps the type of the view


def with_notes(app: Flask) -> Flask:
    app.add_url_rule(NOTES, "notes", notes, methods=["POST", "PUT"])
    return app


@pytest.fixture
def noted(make_app: Callable[..., Flask]) -> Flask:
    """An application that takes notes."""
    return with_notes(make_app())


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=needs("postgres"))])
def either(request: pytest.FixtureRequest, make_app: Callable[..., Flask]) -> Flask:
    """The same on each kind of database."""
    if request.param == "sqlite":
        return with_notes(make_app())
    return with_notes(make_app(CMS_DATABASE_URL=request.getfixturevalue("postgres_url")))


@pytest.fixture
def art(noted: Flask) -> ApiClient:
    """Art's program."""
    return ApiClient(noted).sign_in(ART)


def send(client: ApiClient, key: str | None, name: str = "milk", path: str = NOTES, **options: Any) -> TestResponse:
    """Ask for a note."""
    headers = {} if key is None else {"Idempotency-Key": key}
    body = {"json": {"name": name}} if not {"json", "data"} & options.keys() else {}
    return client.post(path, check=False, headers=headers, **body, **options)


def count(app: Flask) -> tuple[int, int]:
    """Return how many notes there are, and how many answers are kept."""
    with app.app_context():
        session = current_session()
        made = session.scalar(select(func.count(Setting.key)).where(Setting.key.like("note %")))
        return made or 0, session.scalar(select(func.count(IdempotentRequest.id))) or 0


def same(first: TestResponse, second: TestResponse) -> bool:
    """Tell whether an answer says what another one said."""
    told = ("Content-Type", "ETag", "Location", "Cache-Control", "Vary")
    headers = all(first.headers.get(name) == second.headers.get(name) for name in told)
    return headers and (first.status_code, first.get_data()) == (second.status_code, second.get_data())


def test_what_is_sent_twice_is_done_once_and_answered_alike(noted: Flask, art: ApiClient) -> None:
    first, second, third = (send(art, "key-1") for _time in range(3))
    assert first.status_code == 201
    assert same(first, second)
    assert same(first, third)
    assert [answered.headers.get(REPLAYED) for answered in (first, second, third)] == [None, "true", "true"]
    assert count(noted) == (1, 1)
    assert send(art, "key-2").get_data() != first.get_data()
    assert count(noted) == (2, 2)


def test_without_a_key_each_counts(noted: Flask, art: ApiClient) -> None:
    assert [send(art, None).status_code for _time in range(2)] == [201, 201]
    assert count(noted) == (2, 0)


def test_a_key_with_something_else_is_refused(noted: Flask, art: ApiClient) -> None:
    send(art, "key")
    others = [
        send(art, "key", "bread"),
        send(art, "key", path=f"{NOTES}?format=html"),
        send(art, "key", json={"name": "milk", "more": 1}),
        send(art, "key", data=b'{"name":"milk"}', content_type="application/json"),
        send(art, "key", data=b'{"name": "milk"}', content_type="text/plain"),
        art.put(NOTES, check=False, headers={"Idempotency-Key": "key"}, json={"name": "milk"}),
    ]
    assert {(other.status_code, (other.json or {})["code"]) for other in others} == {(422, "idempotency_key_reused")}
    assert count(noted) == (1, 1)
    assert send(art, "key").headers[REPLAYED] == "true"


def test_keys_belong_to_a_person_whichever_sign_in_they_come_from(noted: Flask, art: ApiClient) -> None:
    first = send(art, "key")
    assert same(first, send(ApiClient(noted).sign_in(ART), "key"))
    other = send(ApiClient(noted).sign_in(ED), "key")
    assert (other.status_code, other.headers.get(REPLAYED)) == (201, None)
    assert count(noted) == (2, 2)


def test_a_key_holds_for_the_token_it_came_with(noted: Flask) -> None:
    """Another token of the same person allows other things: it does not hear what this one was answered."""
    with noted.app_context():
        one, other = (program_of(noted, ART, "content:post:create") for _time in range(2))
    assert send(one, "key").status_code == 201
    refused = send(other, "key")
    assert (refused.status_code, (refused.json or {})["code"]) == (422, "idempotency_key_reused")
    assert send(one, "key").headers[REPLAYED] == "true"
    assert count(noted) == (1, 1)


def test_keys_of_strangers_mean_nothing(noted: Flask) -> None:
    stranger = ApiClient(noted)
    assert [send(stranger, key).status_code for key in ("key", "key", "no key at all")] == [201] * 3
    assert count(noted) == (3, 0)


@pytest.mark.parametrize("key", ["", "a b", "ä", "x" * 256, "a\tb", "\x7f"])
def test_what_is_no_key_is_refused(noted: Flask, art: ApiClient, key: str) -> None:
    refused = send(art, key)
    assert (refused.status_code, (refused.json or {})["code"]) == (400, "idempotency_key_malformed")
    assert count(noted) == (0, 0)


def test_two_keys_are_none(noted: Flask, art: ApiClient) -> None:
    both = [("Authorization", f"Bearer {art.token}"), ("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    refused = noted.test_client().post(NOTES, json={"name": "milk"}, headers=both)
    assert (refused.status_code, count(noted)) == (400, (0, 0))


@pytest.mark.parametrize("key", ["x", "~" * 255, '"8e03978e-40d5-43dd-bc93-6894a57f9324"'])
def test_keys_are_visible_characters(noted: Flask, art: ApiClient, key: str) -> None:
    assert send(art, key).status_code == 201
    assert send(art, key).headers[REPLAYED] == "true"


@pytest.mark.parametrize(("fail", "status"), [("before", 422), ("within", 409), ("after", 500), ("answered", 409)])
def test_of_errors_nothing_is_kept(either: Flask, fail: str, status: int) -> None:
    client = ApiClient(either).sign_in(ART)
    for _time in range(2):
        failed = send(client, "key", json={"fail": fail})
        assert (failed.status_code, failed.headers.get(REPLAYED)) == (status, None)
    made, kept = count(either)
    assert kept == 0
    # Only a view that says so by its answer, without an error, has done something.
    assert made == (2 if fail == "answered" else 0)
    assert send(client, "key").status_code == 201
    assert count(either) == (made + 1, 1)


def test_answer_and_act_are_there_together_or_not_at_all(either: Flask) -> None:
    client = ApiClient(either).sign_in(ART)

    def fail(_session: Session) -> None:
        raise ZeroDivisionError

    event.listen(Session, "before_commit", fail)
    try:
        assert send(client, "key").status_code == 500
    finally:
        event.remove(Session, "before_commit", fail)
    assert count(either) == (0, 0)
    assert send(client, "key").status_code == 201
    assert count(either) == (1, 1)


def test_of_many_at_once_one_is_done_and_all_hear_of_it(either: Flask) -> None:
    client, gate = ApiClient(either).sign_in(ART), threading.Barrier(8)

    def ask(_number: int) -> TestResponse:
        one = ApiClient(either, client.token)
        gate.wait(30)
        return send(one, "key")

    for _round in range(3):
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(ask, range(8)))
        assert all(same(answers[0], other) for other in answers)
        assert {answered.status_code for answered in answers} == {201}
        assert count(either) == (1, 1)
    assert [answered.headers.get(REPLAYED) for answered in answers] == ["true"] * 8


@needs("postgres")
def test_who_waits_too_long_for_another_is_told_to_come_again(
    make_app: Callable[..., Flask], postgres_url: str
) -> None:
    app = with_notes(make_app(CMS_DATABASE_URL=postgres_url))
    client = ApiClient(app).sign_in(ART)
    send(client, "key")
    with app.app_context(), db.engine.connect() as other:
        kept = current_session().scalars(select(IdempotentRequest)).one()
        row = {column.name: getattr(kept, column.name) for column in IdempotentRequest.__table__.columns}
        with transaction() as session:
            session.delete(kept)
        # Somebody else is at it: the row is there, and its transaction open.
        other.execute(insert(IdempotentRequest).values(row))
        event.listen(db.engine, "begin", _hurry)
        try:
            waited = send(client, "key")
        finally:
            event.remove(db.engine, "begin", _hurry)
        other.rollback()
    assert (waited.status_code, (waited.json or {})["code"]) == (409, "idempotency_in_progress")
    assert waited.headers["Retry-After"] == "1"
    assert count(app) == (1, 0)
    assert send(client, "key").status_code == 201


def _hurry(connection: Any) -> None:
    connection.exec_driver_sql("SET LOCAL lock_timeout = '200ms'")


def test_an_answer_is_kept_for_a_day(noted: Flask, art: ApiClient) -> None:
    send(art, "key")
    with noted.app_context(), transaction() as session:
        kept = session.scalars(select(IdempotentRequest)).one()
        assert kept.expires_at - kept.created_at == timedelta(hours=24)
        session.execute(update(IdempotentRequest).values(expires_at=utcnow()))
    again = send(art, "key", "bread")
    assert (again.status_code, again.headers.get(REPLAYED)) == (201, None)
    assert count(noted) == (2, 1)
    with noted.app_context():
        with transaction() as session:
            session.execute(update(IdempotentRequest).values(expires_at=utcnow()))
        forget_requests()
    assert count(noted) == (2, 0)


def test_what_is_kept_names_no_key(noted: Flask, art: ApiClient) -> None:
    send(art, "a-key-that-nobody-reads")
    with noted.app_context():
        kept = current_session().scalars(select(IdempotentRequest)).one()
        assert "a-key-that-nobody-reads" not in " ".join(map(str, vars(kept).values()))


def upload(client: ApiClient, key: str, content: bytes = b"milk", filename: str = "list.txt") -> TestResponse:
    return send(client, key, data={"name": "list", "file": (io.BytesIO(content), filename)})


def test_files_are_told_by_what_is_in_them(noted: Flask, art: ApiClient) -> None:
    first = upload(art, "key")
    assert first.status_code == 201
    # Clients put other words between the parts each time.
    assert same(first, upload(art, "key"))
    for other in (upload(art, "key", b"bread"), upload(art, "key", filename="other.txt")):
        assert other.status_code == 422
    assert count(noted) == (1, 1)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b", None]),
            st.sampled_from(["milk", "bread"]),
            st.sampled_from([None, "before", "within", "after"]),
        ),
        max_size=8,
    )
)
def test_whatever_is_sent_in_whatever_order(
    noted: Flask, art: ApiClient, asked: list[tuple[str | None, str, str | None]]
) -> None:
    """Against a model: a key stands for the first request that was done with it, until the end of the example."""
    before, _kept = count(noted)
    with noted.app_context(), transaction() as session:
        session.execute(delete(IdempotentRequest))
    done, answers, made = {}, {}, 0
    for key, name, fail in asked:
        body = {"name": name, "fail": fail}
        got = send(art, key, json=body)
        if key in done:
            assert got.status_code == (201 if done[key] == body else 422)
            assert done[key] != body or same(answers[key], got)
        elif fail is not None:
            assert got.status_code >= 400
            # Without a key, what was done stays done when the answer fails.
            made += fail == "after" and key is None
        else:
            assert got.status_code == 201
            made += 1
            if key is not None:
                done[key], answers[key] = body, got
    assert count(noted) == (before + made, len(done))


#: What takes no key, and why.
WITHOUT = {
    "/auth/": "its answers hold secrets, and tries have to count",
    "/me/tokens": "its answer holds a secret",
    "/links/check": "makes nothing",
}


def test_whatever_makes_something_takes_a_key(noted: Flask) -> None:
    routes = [rule for rule in noted.url_map.iter_rules() if rule.endpoint.startswith("api_v1.")]
    makes = {rule.rule.removeprefix("/api/v1"): rule for rule in routes if "POST" in (rule.methods or ())}
    takes = {path for path, rule in makes.items() if stamp_of(noted.view_functions[rule.endpoint], "POST", STAMP)}
    assert {path for path in makes if path not in takes and not path.startswith(tuple(WITHOUT))} == set()
    assert {path for path in takes if path.startswith(tuple(WITHOUT))} == set()


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/posts", {"title": "Rye", "body": "Rye *bread*.", "body_format": "markdown"}),
        ("/pages", {"title": "About rye"}),
        ("/tags", {"name": "Rye"}),
        ("/categories", {"name": "Bread"}),
    ],
)
def test_things_are_made_once(either: Flask, path: str, sent: dict[str, Any]) -> None:
    client = ApiClient(either).sign_in(ED)
    key = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
    first, second = (client.post(path, json=sent, headers=key) for _time in range(2))
    assert (first.status_code, second.headers[REPLAYED]) == (201, "true")
    assert same(first, second)
    made: Any = first.json
    # The answer that was kept is what stands in the database, and its version is the one to go on with.
    read = client.get(f"{path}/{made['id']}")
    assert read.json == made
    changed = {"title": "More rye"} if "title" in sent else {"name": "More rye"}
    assert (
        client.patch(f"{path}/{made['id']}", json=changed, headers={"If-Match": second.headers["ETag"]}).status_code
        == 200
    )


def test_an_act_is_done_once(noted: Flask) -> None:
    client = ApiClient(noted).sign_in(ED)
    made: Any = client.post("/posts", json={"title": "Rye", "body": "Rye.", "body_format": "markdown"}).json
    address, key = f"/posts/{made['id']}/publish", {"Idempotency-Key": "publish"}
    first, second = (client.post(address, json={}, headers=key) for _time in range(2))
    assert (first.status_code, second.headers[REPLAYED]) == (200, "true")
    assert same(first, second)
    acts: Any = client.get(f"/posts/{made['id']}").json
    assert acts["version"] == (first.json or {})["version"]
    # Whoever asks for it of another version asks for something else.
    other = client.post(address, json={}, headers={**key, "If-Match": '"999"'})
    assert (other.status_code, (other.json or {})["code"]) == (422, "idempotency_key_reused")


def test_a_version_that_is_asked_for_goes_with_the_key(noted: Flask) -> None:
    client = ApiClient(noted).sign_in(ED)
    made: Any = client.post("/posts", json={"title": "Rye"})
    address, headers = f"/posts/{made.json['id']}/submit", {"Idempotency-Key": "submit", "If-Match": '"999"'}
    # An error is not kept: the same key does for the next try, with the version that was read by then.
    assert client.post(address, headers=headers).status_code == 412
    headers["If-Match"] = made.headers["ETag"]
    first, second = (client.post(address, headers=headers) for _time in range(2))
    assert (first.status_code, second.headers[REPLAYED]) == (200, "true")
    assert same(first, second)
    assert client.post(address, headers={"Idempotency-Key": "submit"}).status_code == 422


def test_a_file_is_uploaded_once(noted: Flask) -> None:
    client = ApiClient(noted).sign_in(ED)
    key = {"Idempotency-Key": "upload"}
    answers = [
        client.post("/media", headers=key, data={"file": (io.BytesIO(b"%PDF-1.4\n%%EOF\n"), "list.pdf")})
        for _time in range(2)
    ]
    assert [answered.status_code for answered in answers] == [201, 201]
    assert same(*answers)
    media: Any = client.get("/media").json
    assert media["total"] == 1
    assert (answers[0].json or {})["id"] == media["items"][0]["id"]
    # Of the second request nothing was taken in.
    assert len(list(Path(noted.config["CMS_UPLOADS"]).rglob("*.pdf"))) == 1
