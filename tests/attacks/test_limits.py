"""More than a route has use for is refused in a sentence, unread, and nothing is half written (case 52)."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select

from cms.content.models import Entry
from cms.core.db import current_session
from cms.core.limits import LONGEST_ADDRESS, MOST_HEADERS, SMALL
from cms.media.models import MediaFile
from tests.clients import PageClient
from tests.factories import make_post
from tests.people import ADA, Person

As = Callable[[Person], PageClient]
KB, MB = 1024, 1024 * 1024
FORM = "application/x-www-form-urlencoded"


class Body(io.RawIOBase):
    """A body of so many bytes, that notes how many were read."""

    def __init__(self, size: int) -> None:
        self.left = size
        self.taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = min(self.left, len(buffer))
        buffer[:count] = b"x" * count
        self.left -= count
        self.taken += count
        return count


def send(client: PageClient, path: str, size: int, *, length: bool = True, kind: str = FORM) -> tuple[int, str, int]:
    """Send a body; return status, text, and how much of the body was read."""
    body = Body(size)
    sent = {"wsgi.input": body, "CONTENT_TYPE": kind} | ({"CONTENT_LENGTH": str(size)} if length else {})
    # A server says that it knows where a body without a length ends (chunked).
    sent |= {} if length else {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    answer = client.post(path, environ_overrides=sent)
    return answer.status_code, answer.get_data(as_text=True), body.taken


@pytest.mark.parametrize("path", ["/login", "/reset", "/invitation/x", "/", "/posts/loaf/", "/appearance", "/nowhere/"])
def test_where_nothing_long_is_written_64_kb_are_the_most(app: Flask, client: PageClient, path: str) -> None:
    make_post("Loaf")
    status, text, taken = send(client, path, SMALL + 1)
    assert (status, taken) == (413, 0)
    assert "at most 64 KB can be taken here" in text
    assert send(client, path, 99 * MB)[::2] == (413, 0)
    status, _text, taken = send(client, path, 9 * MB, length=False)
    assert status < 500
    assert taken < SMALL + 128 * KB
    assert send(client, path, SMALL)[0] != 413


def test_the_forms_of_the_back_office_have_room_for_a_long_text(make_app: Callable[..., Flask]) -> None:
    app = make_app(CMS_MAX_FORM_BYTES="1M")
    client = app.test_client()
    assert isinstance(client, PageClient)
    client.sign_in(ADA)
    token = client.csrf_token("/admin/posts/new/")
    fields = {"title": "Long", "body_markdown": "word " * 150_000, "csrf_token": token, "act": "save"}
    assert client.post("/admin/posts/new/", data={**fields, "visibility": "public"}).status_code == 303
    answer = client.post("/admin/posts/new/", data={**fields, "body_markdown": "x" * MB})
    assert answer.status_code == 413
    assert "at most 1 MB can be taken here. Nothing was changed." in answer.get_data(as_text=True)
    assert send(client, "/admin/posts/new/", 3 * MB, length=False)[0] in (400, 413)
    with app.app_context():
        assert current_session().scalar(select(func.count()).select_from(Entry)) == 1


def test_files_have_room_where_files_are_taken_and_nowhere_else(make_app: Callable[..., Flask]) -> None:
    app = make_app(CMS_MAX_FORM_BYTES="128K", CMS_MAX_UPLOAD_BYTES="2M")
    client = app.test_client()
    assert isinstance(client, PageClient)
    client.sign_in(ADA)
    noise = Image.frombytes("RGB", (400, 400), random.Random(1).randbytes(480_000))
    file = io.BytesIO()
    noise.save(file, "PNG")
    assert 128 * KB < len(file.getvalue()) < MB
    headers = {"X-CSRFToken": client.csrf_token("/admin/media/"), "Accept": "application/json"}

    def upload(path: str) -> int:
        sent = {"file": (io.BytesIO(file.getvalue()), "noise.png")}
        return client.post(path, data=sent, headers=headers, content_type="multipart/form-data").status_code

    assert upload("/admin/media/upload.json") == 200
    assert upload("/admin/profile/") == 413
    status, text, taken = send(client, "/admin/media/upload.json", 9 * MB, kind="multipart/form-data; boundary=x")
    assert (status, taken) == (413, 0)
    assert "3 MB" in text
    with app.app_context():
        assert current_session().scalar(select(func.count()).select_from(MediaFile)) == 1


def test_only_known_routes_take_files(app: Flask) -> None:
    stamps = {name: getattr(view, "__cms_takes__", None) for name, view in app.view_functions.items()}
    assert {name for name, stamp in stamps.items() if stamp == "files"} == {
        "admin_media.upload",
        "admin_media.upload_json",
    }
    assert all(stamp <= SMALL for stamp in stamps.values() if isinstance(stamp, int))


def test_many_fields_are_refused(app: Flask, client: PageClient, as_: As) -> None:
    part = b"--a\r\nContent-Disposition: form-data; name=x\r\n\r\n1\r\n"
    kind = "multipart/form-data; boundary=a"
    assert client.post("/login", data=part * 250 + b"--a--", content_type=kind).status_code == 413
    assert as_(ADA).post("/admin/posts/new/", data=part * 2500 + b"--a--", content_type=kind).status_code == 413


@pytest.mark.parametrize("path", ["/", "/nowhere/", "/login", "/admin/", "/feed.xml", "/theme/icon.svg"])
def test_addresses_and_headers_have_an_end(app: Flask, client: PageClient, as_: As, path: str) -> None:
    for asker in (client, as_(ADA)):
        long = asker.get(path, query_string={"next": "x" * LONGEST_ADDRESS})
        assert long.status_code == 414 or (asker is client and long.status_code == 302)
        assert long.status_code == 302 or "address is too long" in long.get_data(as_text=True)
        wide = asker.get(path, headers={f"X-{number}": "y" * 7000 for number in range(MOST_HEADERS // 7000 + 1)})
        assert wide.status_code == 431 or (asker is client and wide.status_code == 302)
        assert wide.status_code == 302 or "Deleting the cookies" in wide.get_data(as_text=True)
        assert asker.get(path, query_string={"next": "x" * 3000}, buffered=True).status_code in (200, 301, 302, 404)


def test_a_program_hears_it_as_json(app: Flask, as_: As) -> None:
    answer = as_(ADA).get("/admin/media/picker.json", query_string={"q": "x" * LONGEST_ADDRESS})
    assert answer.status_code == 414
    assert "too long" in answer.get_json()["error"]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"type":"doc","content":' + '[{"type":"blockquote","content":' * 5000 + "[]" + "}]" * 5000 + "}",
        json.dumps({"type": "doc", "content": [{"type": "paragraph", "attrs": {"x": "y" * 500_000}}]}),
        '{"type":"doc","type":"doc"}' * 2,
        "NaN",
        "1e999",
        "9" * 50_000,
        '"\\ud800"',
    ],
    ids=[
        "brackets",
        "quotes in quotes",
        "a long attribute",
        "two",
        "not a number",
        "endless",
        "digits",
        "half a letter",
    ],
)
def test_a_document_without_measure_is_refused_or_taken_whole(app: Flask, as_: As, text: str) -> None:
    sent = {"title": "Deep", "body_json": text, "act": "save", "visibility": "public"}
    answer = as_(ADA).submit("/admin/posts/new/", sent, form="form#entry")
    assert answer.status_code in (303, 422), answer.status
