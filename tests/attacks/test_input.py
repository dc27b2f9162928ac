"""Whatever is sent: no fault of ours, no word of the database, no long wait, no forged log (cases 48–52; L4)."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import logging
import re
import time
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select

from cms.accounts.models import User
from cms.content.models import Entry
from cms.core.db import current_session, transaction
from cms.core.errors import Invalid
from cms.core.log_lines import formatter
from cms.core.permissions import public_route
from cms.lib.document import excerpt, from_html, from_markdown, to_html, to_markdown
from cms.lib.slugs import slugify
from cms.settings import values
from tests.attacks.payloads import FORMULAS, SLOW, SQL
from tests.clients import PageClient
from tests.factories import make_page, make_post, make_term, user
from tests.factories.media import make_media
from tests.people import ADA, ED, PASSWORD, SUE, Person

As = Callable[[Person], PageClient]
WORDS = (
    "sqlite",
    "psycopg",
    "sqlalchemy",
    "syntax error",
    "traceback",
    "operationalerror",
    "select count",
    "integrityerror",
)
#: Every parameter that reaches the database, with the page that reads it.
PARAMETERS = (
    ("/search", "q"), ("/search", "page"), ("/", "page"), ("/", "p"), ("/", "page_id"), ("/", "cat"),
    ("/archive/", "page"), ("/feed.xml", "page"), ("/tag/bread/", "page"), ("/author/ed/", "page"),
)  # fmt: skip
INSIDE = (
    ("/admin/posts/", "q"), ("/admin/posts/", "sort"), ("/admin/posts/", "state"), ("/admin/posts/", "author"),
    ("/admin/posts/", "term"), ("/admin/posts/", "visibility"), ("/admin/posts/", "after"), ("/admin/posts/", "before"),
    ("/admin/posts/", "count"), ("/admin/pages/", "q"), ("/admin/tags/", "q"), ("/admin/categories/suggest.json", "q"),
    ("/admin/tags/suggest.json", "q"), ("/admin/media/", "q"), ("/admin/media/", "kind"), ("/admin/media/", "after"),
    ("/admin/media/", "by"), ("/admin/media/picker.json", "ids"), ("/admin/media/picker.json", "cursor"),
    ("/admin/media/picker.json", "kind"), ("/admin/users/", "q"), ("/admin/users/", "role"), ("/admin/users/", "view"),
    ("/admin/users/", "after"), ("/admin/users/", "sort"), ("/admin/find.json", "q"), ("/admin/find/", "q"),
)  # fmt: skip
PATHS = (
    "/posts/{}/", "/{}/", "/category/{}/", "/tag/{}/", "/author/{}/", "/archive/{}/", "/archive/2026/{}/",
    "/preview/{}", "/media/{}/x.jpg", "/invitation/{}", "/reset/{}",
)  # fmt: skip
KEYS = (
    "/admin/posts/{}/", "/admin/pages/{}/", "/admin/tags/{}/", "/admin/media/{}/", "/admin/users/{}/",
    "/admin/roles/{}/", "/admin/posts/{}/delete/", "/admin/media/{}/delete/",
)  # fmt: skip
#: Seconds that the slowest answer may take; on an idle machine they take hundredths.
PATIENCE = 4


def sound(client: PageClient, path: str, **options: object) -> None:
    """Ask, and expect an answer in time that is no fault of ours and tells nothing of the inside."""
    began = time.process_time()
    answer = client.get(path, **options)
    told = answer.get_data(as_text=True).lower()
    assert answer.status_code < 500, (path, options)
    assert time.process_time() - began < PATIENCE, (path, options)
    sent = f"{path} {options}".lower()
    assert [word for word in WORDS if word in told and word not in sent] == [], (path, options)


@pytest.fixture
def furnished(app: Flask) -> None:
    """Something for each parameter to find."""
    bread = make_term("tag", "Bread")
    make_post("Loaf", terms=[bread])
    make_page("About")
    make_media()


@pytest.mark.usefixtures("furnished")
def test_the_database_hears_only_values(client: PageClient) -> None:
    people = current_session().scalar(select(func.count()).select_from(User))
    for number, payload in enumerate(SQL):
        # Each payload reaches half of the parameters, and each parameter half of the payloads.
        for path, name in PARAMETERS[number % 2 :: 2]:
            sound(client, path, query_string={name: payload})
        where = payload[:300].replace("%", "%25").replace("?", "%3F").replace("#", "%23")
        for path in PATHS[number % 3 :: 3]:
            sound(client, path.format(where))
    current_session().rollback()
    assert current_session().scalar(select(func.count()).select_from(User)) == people
    assert current_session().scalar(select(func.count()).select_from(Entry)) == 2


@pytest.mark.usefixtures("furnished")
def test_the_database_hears_only_values_in_the_back_office(as_: As) -> None:
    client = as_(ADA)
    for number, payload in enumerate(SQL):
        # Each payload reaches a third of the parameters, and each parameter a third of the payloads.
        for path, name in INSIDE[number % 3 :: 3]:
            sound(client, path, query_string={name: payload})
        where = payload[:300].replace("%", "%25").replace("?", "%3F").replace("#", "%23")
        for path in KEYS[number % 3 :: 3]:
            sound(client, path.format(where))
    assert client.get("/admin/posts/").status_code == 200


@pytest.mark.usefixtures("furnished")
def test_true_and_false_conditions_find_the_same(client: PageClient, as_: As) -> None:
    """If a condition reached the database, one of each pair would find more."""
    for true, false in (("' OR '1'='1", "' OR '1'='2"), ("%' OR 1=1--", "%' OR 1=2--"), ("1 OR 1=1", "1 OR 1=2")):
        for asker, path, name in (
            (client, "/search", "q"),
            (as_(ADA), "/admin/posts/", "q"),
            (as_(ADA), "/admin/users/", "q"),
        ):
            told = [asker.get(path, query_string={name: text}).get_data(as_text=True) for text in (true, false)]
            assert "Loaf" not in told[0] or "Loaf" in told[1], (path, true)


NUMBERS = (
    "0",
    "-1",
    "1e9",
    "9223372036854775807",
    "9223372036854775808",
    "1" * 400,
    "٣",
    "0x10",
    "",
    "NaN",
    "1.0",
    "+1",
)


@pytest.mark.usefixtures("furnished")
@pytest.mark.parametrize("number", NUMBERS)
def test_any_number_of_a_page_is_answered(client: PageClient, as_: As, number: str) -> None:
    for path in ("/", "/archive/", "/search", "/tag/bread/", "/author/ed/"):
        sound(client, path, query_string={"page": number, "q": "loaf"})
    asked = dict.fromkeys(("page", "page_size", "count", "author", "term"), number)
    for path in ("/admin/posts/", "/admin/users/", "/admin/media/"):
        sound(as_(ADA), path, query_string=asked)
        sound(as_(ADA), path, query_string={"after": number})


# -- patterns that never end -----------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(len(SLOW)))
def test_no_text_keeps_us_busy(app: Flask, client: PageClient, number: int) -> None:
    text = SLOW[number]

    def cost(act: Callable[[], object]) -> float:
        before = time.thread_time()
        act()
        return time.thread_time() - before

    def refuse(reader: Callable[[object], object]) -> None:
        with contextlib.suppress(Invalid):
            reader(text)

    document = from_markdown(text)
    spent = {
        "Markdown": cost(lambda: from_markdown(text)),
        "Markdown written": cost(lambda: to_markdown(document)),
        "HTML": cost(lambda: to_html(from_html(text))),
        "slug": cost(lambda: slugify(text)),
        "excerpt": cost(lambda: excerpt(document, 30)),
        "mail address": cost(lambda: refuse(values.mail_address)),
    }
    assert {name: seconds for name, seconds in spent.items() if seconds > 2} == {}


@pytest.mark.parametrize("number", [0, 2, 7, 10, 11, 15, 19, 22, 24])
def test_no_search_and_no_save_keeps_us_busy(app: Flask, client: PageClient, as_: As, number: int) -> None:
    text = SLOW[number]
    make_post("Slow", text=text[:2000])
    assert client.get("/search", query_string={"q": text[:800]}).status_code == 200
    token = as_(ED).csrf_token("/admin/posts/new/")
    fields = {"title": text[:500], "slug": text[:200], "tags": text[:2000], "body_markdown": text, "csrf_token": token}
    began = time.process_time()
    answer = as_(ED).post("/admin/posts/new/", data={**fields, "visibility": "public", "act": "save"})
    assert answer.status_code in (303, 422)
    assert time.process_time() - began < 6


# -- the log ---------------------------------------------------------------------------------------------------


@pytest.fixture(params=["json", "text"])
def log(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """What an operator reads, in each form that it is written in."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(formatter(request.param))
    root = logging.getLogger()
    root.addHandler(handler)
    level = logging.getLogger("cms").level
    logging.getLogger("cms").setLevel(logging.DEBUG)
    yield written
    logging.getLogger("cms").setLevel(level)
    root.removeHandler(handler)


FORGED = (
    "x\r\n2026-01-01 INFO cms forged \x1b[31mred\x1b[0m\u2028\u2029\x85 forged",
    '", "level": "ERROR", "event": "forged", "x": "',
    '} \n{"time": "2026-01-01", "level": "ERROR", "event": "forged"}',
    " user_id=1 [aaaaaaaaaaaa] GET / | forged",
    "\u202egnp.forged\u2066 \u200b\ufeff forged",
    "\x00\x08\x7f\x9b31m forged",
)


@pytest.mark.parametrize("forged", FORGED)
def test_nobody_forges_a_line_of_the_log(make_app: Callable[..., Flask], log: io.StringIO, forged: str) -> None:
    app = make_app(PROPAGATE_EXCEPTIONS=False, CMS_LOG_REQUESTS=True)

    @public_route
    def broken(rest: str) -> str:
        raise RuntimeError(f"no {rest}")

    app.add_url_rule("/broken/<rest>", "broken", broken)
    client = app.test_client()
    path = f"/broken/{forged.translate({0: None, 0x2F: None})}".encode().decode("latin-1")
    answer = client.get("/", environ_overrides={"PATH_INFO": path})
    assert answer.status_code == 500
    for headers in ({"User-Agent": "\x1b[31m"}, {"X-Request-ID": "forged-by-a-client"}, {"Cookie": "a=\x1b[31m"}):
        client.get("/login", headers=headers)
    logging.getLogger("cms.tests").warning("said %s", forged, extra={"field": forged, "logger": "forged"})
    told = log.getvalue()
    assert "forged" in told
    assert "forged-by-a-client" not in told
    assert all(letter == "\n" or letter.isprintable() for letter in told)
    lines = told.splitlines()
    # The fault, three or four answers, and what was said: as many lines as events.
    assert len(lines) == 6
    for line in lines:
        if line.startswith("{"):
            found = json.loads(line)
            assert found["logger"].startswith("cms.")
            assert found["logger"] != "forged"
            assert found["level"] in ("INFO", "WARNING") or found["event"] == "a request failed"
            assert "user_id" not in found
        else:
            head, said = line.split(" | ")[:2]
            assert re.match(r"20\d\d-\d\d-\d\dT[\d:.]+Z (INFO|WARNING|ERROR) cms\.\w+", head)
            assert "user_id=" not in re.sub(r'"(\\.|[^"\\])*"', "", head)
            assert said.startswith(("answered", "a request failed", "said"))


def test_the_log_keeps_no_secret(app: Flask, client: PageClient, log: io.StringIO) -> None:
    app.config["CMS_LOG_REQUESTS"] = True
    secret = "a-password-that-nobody-may-read"
    for path, fields in (
        ("/login", {"email": ADA.email, "password": secret}),
        ("/login", {"email": secret, "password": PASSWORD}),
        ("/reset", {"email": f"{secret}@example.com"}),
    ):
        client.submit(path, fields)
    client.sign_in(ADA)
    client.submit("/change", {"password": PASSWORD, "new_password": secret, "new_password_confirm": secret})
    cookie = client.get_cookie("masthead")
    assert cookie is not None
    client.get(f"/reset/{secret}")
    client.get(f"/invitation/{secret}")
    client.get(f"/login?next=/&password={secret}")
    logging.getLogger("cms.tests").warning(
        "password=%s Authorization: Bearer %s",
        secret,
        cookie.value,
        extra={"api_token": secret, "of": {"cookie": secret}},
    )
    told = log.getvalue()
    assert "/reset/redacted" in told
    for kept in (secret, PASSWORD, cookie.value, user(ADA).fs_uniquifier, ADA.email):
        assert kept not in told


# -- bodies ----------------------------------------------------------------------------------------------------

BODIES = (
    (b"", "application/x-www-form-urlencoded", {}),
    (b"%", "application/x-www-form-urlencoded", {}),
    (b"a=%ff%fe&%00=%00", "application/x-www-form-urlencoded", {}),
    (b"&" * 100_000, "application/x-www-form-urlencoded", {}),
    (b"a=1&" * 50_000, "application/x-www-form-urlencoded", {}),
    (b"=" * 100_000, "application/x-www-form-urlencoded", {}),
    (b"x" * 200_000, "multipart/form-data", {}),
    (b"x" * 1000, "multipart/form-data; boundary=", {}),
    (b"--a\r\n" * 20_000, "multipart/form-data; boundary=a", {}),
    (
        b"--a\r\nContent-Disposition: form-data; name=x\r\n\r\n1\r\n" * 3000 + b"--a--",
        "multipart/form-data; boundary=a",
        {},
    ),
    (b"--a\r\nContent-Disposition: form-data; name=" + b"x" * 100_000, "multipart/form-data; boundary=a", {}),
    (b"--a\r\n" + b"X: y\r\n" * 20_000, "multipart/form-data; boundary=a", {}),
    (b"--" + b"a" * 70_000, "multipart/form-data; boundary=" + "a" * 7000, {}),
    (b"[" * 100_000, "application/json", {}),
    (b'{"a":' * 50_000, "application/json", {}),
    (b"\xff\xfe\x00", "text/plain; charset=utf-16", {}),
    (gzip.compress(b"0" * 10_000_000), "application/x-www-form-urlencoded", {"Content-Encoding": "gzip"}),
    (b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", "application/xml", {}),
)


@pytest.mark.parametrize("number", range(len(BODIES)))
def test_any_body_is_refused_in_time(app: Flask, as_: As, number: int) -> None:
    body, kind, headers = BODIES[number]
    for person, path in ((ADA, "/admin/posts/new/"), (ADA, "/admin/media/upload.json"), (SUE, "/login"), (SUE, "/")):
        began = time.process_time()
        answer = as_(person).post(path, data=body, content_type=kind, headers=headers)
        assert 200 <= answer.status_code < 500, path
        assert answer.status_code >= 302 or path == "/", path
        assert time.process_time() - began < 3, path


def test_more_than_is_taken_is_not_even_read(make_app: Callable[..., Flask]) -> None:
    app = make_app(CMS_MAX_UPLOAD_BYTES="1M")
    client = app.test_client()
    assert isinstance(client, PageClient)
    client.sign_in(ADA)

    class Endless(io.RawIOBase):
        """A body without end, that notes how much of it was read."""

        taken = 0

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]  # as the base class has it
            self.taken += len(buffer)
            assert self.taken < 8 * 1024 * 1024, "read on and on"
            return len(buffer)

    for length in ("99000000000", str(3 * 1024 * 1024)):
        for path in ("/admin/media/upload.json", "/admin/posts/new/", "/login"):
            body = Endless()
            sent = {"wsgi.input": body, "CONTENT_LENGTH": length, "CONTENT_TYPE": "application/x-www-form-urlencoded"}
            answer = client.post(path, environ_overrides=sent)
            assert answer.status_code in (400, 413), (path, answer.status)
            assert body.taken < 4 * 1024 * 1024


def test_many_cookies_and_headers_are_borne(app: Flask, client: PageClient) -> None:
    make_post("Loaf")
    cookies = "; ".join(f"c{number}={'x' * 20}" for number in range(700))
    headers = {"Cookie": cookies, **{f"X-{number}": "y" for number in range(2000)}}
    for path in ("/", "/posts/loaf/", "/login", "/admin/"):
        assert client.get(path, headers=headers).status_code in (200, 302), path


# -- cells of a spreadsheet ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/admin/posts/export/csv/", "/admin/users/export/csv/", "/admin/posts/?export=csv"])
def test_nothing_leaves_as_a_spreadsheet(app: Flask, as_: As, path: str) -> None:
    """Flask-Admin's own export has no route; ours name their columns (functional/admin/test_entry_export.py)."""
    with transaction():
        user(SUE).name = FORMULAS[0]
    answer = as_(ADA).get(path)
    assert answer.status_code == 404 or answer.mimetype == "text/html"
    assert answer.mimetype != "text/csv"
