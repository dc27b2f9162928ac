"""Manners: bodies and queries that mean one thing only, methods, compressed answers, and an id for each request."""

from __future__ import annotations

import gzip
import io
import json
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import brotli
import pytest
import zstandard
from flask import Flask
from werkzeug.test import TestResponse

from cms.api.parsing import DEEPEST, STRINGS, read_json
from cms.api.problems import Malformed
from cms.api.wrong_fields import MOST_TOLD
from cms.extensions import db
from cms.factory import create_app
from tests import databases
from tests.functional.api.client import ApiClient, not_there
from tests.people import ED

KNOWN = "/problems/not_found"
UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": zstandard.decompress,
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, shared_root: Any) -> Iterator[Flask]:
    """One application for all of these."""
    folder = tmp_path_factory.mktemp("manners")
    (folder / "instance").mkdir()
    shutil.copyfile(databases.sqlite_template(shared_root), folder / "instance" / "masthead.db")
    app = create_app(databases.settings(folder))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="module")
def ed(site: Flask) -> ApiClient:
    """Ed's program."""
    return ApiClient(site).sign_in(ED)


@pytest.fixture(scope="module")
def nobody(site: Flask) -> ApiClient:
    """A stranger's."""
    return ApiClient(site)


def told(answer: TestResponse) -> tuple[int, str]:
    """Return status and code of an error in the one shape that errors have."""
    assert answer.mimetype == "application/problem+json"
    said: Any = answer.json
    assert (said["status"], said["request_id"]) == (answer.status_code, answer.headers["X-Request-ID"])
    return answer.status_code, said["code"]


# -- bodies ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 10_000 + b"]" * 10_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b"[" * 10_000,
        b'{"name": NaN}',
        b'{"name": Infinity}',
        b'{"name": -Infinity}',
        b'{"name": 1e999}',
        b'{"name": ' + b"9" * 5_000 + b"}",
        b'{"name": "a", "name": "b"}',
        b'{"name": "a", "more": [{"x": 1, "\\u0078": 2}]}',
        b'{"name": "\xff"}',
        b'{"name": "\xc3"}',
        b'{"name": "\xed\xa0\x80"}',
        b'{"name": "\\ud800"}',
        b'{"name": "a\\u0000"}',
        b'\xef\xbb\xbf{"name": "a"}',
        '{"name": "a"}'.encode("utf-16"),
        '{"name": "a"}'.encode("utf-32-le"),
        b"",
        b" ",
        b"{} {}",
        b'{"name": "a"}, {}',
        b'{"name": "a",}',
        b"{'name': 'a'}",
        b'{name: "a"}',
        b'{"name": "a"} // no comment',
        b'{"name": "a\nb"}',
        b'{"name": 01}',
        b"undefined",
    ],
    ids=lambda body: repr(body[:30]),
)
def test_what_is_no_plain_json_is_refused(ed: ApiClient, body: bytes) -> None:
    assert told(ed.post("/tags", data=body, content_type="application/json")) == (400, "malformed")


@pytest.mark.parametrize("body", [b"null", b"[]", b'"text"', b"3", b"true", b'[{"name": "a"}]'])
def test_json_that_is_no_object_is_refused(ed: ApiClient, body: bytes) -> None:
    assert told(ed.post("/tags", data=body, content_type="application/json")) == (422, "invalid")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"name": "a",\n "description" "b"}', "line 2, column 16"),
        (b'{"name": "a", "more": [{"x": 1, "x": 2}]}', "names “x” twice"),
        (b'{"a\\ud800": 1, "a\\ud800": 2}', "names “a�” twice"),
        (b"\xff", "The body is not JSON."),
    ],
)
def test_what_is_wrong_with_the_json_is_told(ed: ApiClient, body: bytes, said: str) -> None:
    answer = ed.post("/tags", data=body, content_type="application/json")
    assert told(answer) == (400, "malformed")
    assert said in wrong(answer, "detail")


def wrong(answer: TestResponse, name: str = "errors") -> Any:
    """Return a part of an error."""
    said: Any = answer.json
    return said[name]


def test_a_request_without_a_body_is_told_what_is_missing(ed: ApiClient) -> None:
    assert set(wrong(ed.post("/tags"))) == {"name"}
    assert set(wrong(ed.post("/posts/1/schedule"))) == {"at"}
    nothing = ed.patch("/tags/1")
    assert told(nothing) == (422, "invalid")
    assert wrong(nothing) == {"body": ["Send a body: one JSON object, as application/json."]}
    assert told(ed.post("/tags", content_type="text/plain")) == (415, "unsupported_media_type")


def test_what_can_only_be_read_is_told_apart_from_what_there_is_not(ed: ApiClient) -> None:
    read, unknown = ["This can only be read. Leave it out."], ["Unknown field."]
    for method, path in (("POST", "/tags"), ("PUT", "/tags/1"), ("PATCH", "/tags/1")):
        sent = {"name": "Told apart", "posts": 3, "url": "/", "nonsense": 1, "posts.more": 1}
        answer = ed.open(method, path, json=sent)
        assert wrong(answer) == {"posts": read, "url": read, "nonsense": unknown, "posts.more": unknown}
    several = ed.patch("/tags", json={"items": [{"id": 1, "posts": 3, "nonsense": 1}], "results": []})
    assert wrong(several) == {"items.0.posts": read, "items.0.nonsense": unknown, "results": read}
    assert wrong(ed.patch("/posts/1", json={"word_count": 3, "name": "a"})) == {"word_count": read, "name": unknown}
    assert wrong(ed.post("/posts/1/publish", json={"title": "a"})) == {"title": unknown}
    assert wrong(ed.get("/tags?posts=3")) == {"posts": unknown}


@pytest.mark.parametrize("value", ["soon", "2030-01-01T08:00:00", "2030-13-01T08:00:00Z"])
def test_a_moment_that_is_none_is_told_how_one_looks(ed: ApiClient, value: str) -> None:
    sentence = ["Send a date and time with its zone, like 2030-01-01T08:00:00Z."]
    assert wrong(ed.post("/posts/1/schedule", json={"at": value})) == {"at": sentence}
    assert wrong(ed.get(f"/posts?published_after={value}")) == {"published_after": sentence}


@pytest.mark.parametrize(
    "path", ["/posts?search=%00", "/pages?search=a%00", "/tags?search=%00", "/media?search=%00a", "/search?q=%00"]
)
def test_a_query_that_is_no_text_is_refused_by_name(ed: ApiClient, path: str) -> None:
    answer = ed.get(path)
    assert told(answer) == (422, "invalid")
    assert set(wrong(answer)) == {path.partition("?")[2].partition("=")[0]}


@pytest.mark.parametrize("value", ["", " ", '"', '""', "1", ","])
def test_if_match_that_names_no_version_changes_nothing(ed: ApiClient, value: str) -> None:
    made: Any = ed.post("/tags", json={"name": "Matched"}).json
    for method, path in (("PATCH", f"/tags/{made['id']}"), ("PATCH", "/users/me")):
        sent = {"name": "Changed"} if "tags" in path else {"biography": "Changed"}
        assert told(ed.open(method, path, json=sent, headers={"If-Match": value})) == (412, "old_version")


def test_brackets_in_a_text_are_not_counted() -> None:
    deep = "[" * 5 * DEEPEST
    assert read_json(json.dumps({"name": f'\\"{deep}'}).encode()) == {"name": f'\\"{deep}'}


def test_as_deep_as_is_said_and_no_deeper() -> None:
    assert read_json(b"[" * DEEPEST + b"]" * DEEPEST)
    with pytest.raises(Malformed, match=str(DEEPEST)):
        read_json(b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1))


@pytest.mark.parametrize(
    "kind",
    [
        None, "", "text/plain", "text/json", "application/xml", "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x", "application/json-patch+json", "application/jsonx",
        "application/octet-stream",
    ],
)  # fmt: skip
def test_a_body_of_another_kind_is_refused(ed: ApiClient, kind: str | None) -> None:
    assert told(ed.post("/tags", data=b'{"name": "a"}', content_type=kind)) == (415, "unsupported_media_type")


def test_a_body_that_is_compressed_is_refused(ed: ApiClient) -> None:
    options: dict[str, Any] = {"data": gzip.compress(b'{"name": "a"}'), "content_type": "application/json"}
    refused = ed.post("/tags", headers={"Content-Encoding": "gzip"}, **options)
    assert told(refused) == (415, "unsupported_media_type")


@pytest.mark.parametrize("kind", ["application/json", "APPLICATION/JSON", "application/json; charset=utf-8"])
def test_json_is_json_however_it_is_written(ed: ApiClient, kind: str) -> None:
    made = ed.post("/tags", data=json.dumps({"name": f"Tag as {kind}"}), content_type=kind)
    assert made.status_code == 201


FIVE_MEGABYTES = b'{"name": "' + b"a" * 5 * 1024 * 1024 + b'"}'


@pytest.mark.parametrize("path", ["/tags", "/auth/login"])
def test_what_is_too_large_is_refused(ed: ApiClient, path: str) -> None:
    assert told(ed.post(path, data=FIVE_MEGABYTES, content_type="application/json")) == (413, "too_large")


@pytest.mark.parametrize("path", ["/tags", "/auth/login"])
def test_what_is_too_large_and_does_not_say_so_is_refused(ed: ApiClient, path: str) -> None:
    refused = ed.post(
        path,
        input_stream=io.BytesIO(FIVE_MEGABYTES),
        content_type="application/json",
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert told(refused) == (413, "too_large")


def test_long_texts_are_taken_where_texts_are_written(ed: ApiClient) -> None:
    long = "word " * 100_000
    made = ed.post("/posts", json={"title": "Long", "body": long, "body_format": "markdown"})
    assert made.status_code == 201
    larger = {"title": "Longer", "body": "word " * 4_000_000, "body_format": "markdown"}
    assert told(ed.post("/posts", json=larger)) == (413, "too_large")


def test_unknown_fields_are_named(ed: ApiClient) -> None:
    refused: Any = ed.post("/tags", json={"name": "Rye", "id": 1, "color": "brown"})
    assert told(refused) == (422, "invalid")
    assert sorted(refused.json["errors"]) == ["color", "id"]


# -- queries -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "name"),
    [
        (f"page={2**63}", "page"), (f"page={2**64}", "page"), (f"page={'9' * 5000}", "page"), ("page=0", "page"),
        ("page=-1", "page"), ("page=1.5", "page"), ("page=1e3", "page"), ("page=", "page"), ("page=x", "page"),
        ("page=%D9%A3", "page"), ("page=1_0", "page"), ("page=%201", "page"), ("page=+1", "page"),
        ("page=10001", "page"), (f"cursor={'x' * 641}", "cursor"),
        ("per_page=0", "per_page"), ("per_page=101", "per_page"), ("cursor=", "cursor"),
        ("total=perhaps", "total"), ("nothing=1", "nothing"),
        ("Page=1", "Page"), ("page[]=1", "page[]"), ("page=1&page=2", "page"), ("search=a&search=b", "search"),
        ("sort=password", "sort"), ("fields=id,password", "fields"), ("include=secrets", "include"),
        ("author.email=x", "author.email"), ("_method=DELETE", "_method"), ("access_token=x", "access_token"),
    ],
)  # fmt: skip
def test_a_query_that_cannot_be_meant_is_refused_by_name(nobody: ApiClient, query: str, name: str) -> None:
    refused: Any = nobody.get(f"/posts?{query}")
    assert told(refused) == (422, "invalid")
    assert list(refused.json["errors"]) == [name]


def test_a_list_that_is_too_long_is_refused_as_one(ed: ApiClient) -> None:
    for method, path, name, item in (
        ("PATCH", "/users/me", "links", {}), ("PATCH", "/users", "items", 0), ("PATCH", "/posts", "items", []),
        ("POST", "/me/tokens", "scopes", 1), ("POST", "/posts", "author_ids", "x"), ("POST", "/links/check", "urls", 1),
    ):  # fmt: skip
        refused: Any = ed.open(method, path, json={name: [item] * 3000}, check=False)
        assert (refused.status_code, [key for key in refused.json["errors"] if "." in key]) == (422, []), path
        assert name in refused.json["errors"]


def test_of_very_many_wrong_fields_some_are_told(ed: ApiClient) -> None:
    refused: Any = ed.patch("/users/me", json={f"name{number}": 1 for number in range(5000)}, check=False)
    assert (refused.status_code, len(refused.json["errors"])) == (422, MOST_TOLD)


@pytest.mark.parametrize("ending", [b"", b"\\", b'\\"'])
def test_a_text_that_never_ends_is_looked_at_once(ending: bytes) -> None:
    body = b'{"email":"' + b'\\"' * 1000 + ending
    # Behind each of its quotes another could begin, and none of them ends either.
    assert STRINGS.findall(body) == [b'"email"', body[len('{"email":') :]]
    with pytest.raises(Malformed):
        read_json(body)


@pytest.mark.parametrize(
    ("query", "name"),
    [("page=501", "page"), ("per_page=100&page=101", "page"), ("cursor=x", "cursor"), ("page=1&cursor=x", "cursor")],
)
def test_a_place_that_a_list_has_not_is_not_there(nobody: ApiClient, query: str, name: str) -> None:
    assert not_there(nobody.get(f"/posts?{query}")) == {name}


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", f"{KNOWN}?x=1"), ("GET", "/openapi.json?x"), ("POST", "/tags?name=Rye"), ("DELETE", "/tags/1?force=1")],
)
def test_a_query_is_refused_where_none_is_taken(ed: ApiClient, method: str, path: str) -> None:
    body = {"json": {"name": "Rye with a query"}} if method == "POST" else {}
    assert told(ed.open(method, path, **body)) == (422, "invalid")


# -- addresses and methods ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/api", "/api/", "/api/v1/", "/api/v2/posts", "/posts/", f"{KNOWN}/", "/api//v1/posts",
        "//api/v1/posts", "/api/v1//posts", "/api/v1/./posts", "/posts/%00", "/posts/%zz", "/problems/%ff", "/posts/1/",
        "/Posts", "/posts.json", f"/posts/{2**31}", f"/posts/{2**63}", f"/posts/{'9' * 400}", "/posts/-1", "/posts/1.0",
        "/posts/one",
    ],
)  # fmt: skip
def test_an_address_has_one_spelling(nobody: ApiClient, path: str) -> None:
    read, sent = nobody.get(path, check=False), nobody.post(path, check=False, json={})
    assert told(read) == (404, "not_found")
    assert sent.status_code in (404, 405)
    assert [answer.headers.get("Location") for answer in (read, sent)] == [None, None]


OVERRIDES = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")


@pytest.mark.parametrize("header", OVERRIDES)
def test_the_method_is_the_one_that_was_used(ed: ApiClient, header: str) -> None:
    made: Any = ed.post("/tags", json={"name": f"By {header}"}).json
    address = f"/tags/{made['id']}"
    assert ed.get(address, headers={header: "DELETE"}).status_code == 200
    assert told(ed.post(address, check=False, headers={header: "DELETE"})) == (405, "method_not_allowed")
    assert told(ed.post(address, check=False, data={"_method": "DELETE"})) == (405, "method_not_allowed")
    assert ed.get(address).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "TRACE", "CONNECT", "PROPFIND"])
def test_other_methods_are_named(nobody: ApiClient, method: str) -> None:
    refused = nobody.open(method, KNOWN, check=False)
    assert told(refused) == (405, "method_not_allowed")
    assert {"GET", "HEAD", "OPTIONS"} == set(refused.headers["Allow"].split(", "))
    assert told(nobody.open(method, "/nowhere", check=False)) == (404, "not_found")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        (KNOWN, "GET, HEAD, OPTIONS"),
        ("/auth/login", "OPTIONS, POST"),
        ("/tags", "GET, HEAD, OPTIONS, PATCH, POST"),
        ("/tags/1", "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"),
        ("/posts/1", "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"),
        ("/posts/1/publish", "OPTIONS, POST"),
    ],
)
def test_whoever_asks_is_told_which_methods_there_are(nobody: ApiClient, path: str, allowed: str) -> None:
    answer = nobody.options(path)
    assert (answer.status_code, answer.get_data(), answer.headers["Allow"]) == (204, b"", allowed)


#: What differs from one answer to the next.
_OWN = {"X-Request-ID", "X-Cache", "Date"}


@pytest.mark.parametrize("encoding", ["identity", "gzip", "br", "zstd"])
@pytest.mark.parametrize("path", [KNOWN, "/openapi.json", "/posts", "/tags", "/posts/4711", "/me/tokens"])
def test_head_is_get_without_its_body(nobody: ApiClient, path: str, encoding: str) -> None:
    asked: dict[str, Any] = {"headers": {"Accept-Encoding": encoding}, "check": False}
    whole, head = nobody.get(path, **asked), nobody.head(path, **asked)
    assert head.get_data() == b""
    assert head.status_code == whole.status_code
    if whole.status_code < 300:
        assert {name: value for name, value in head.headers if name not in _OWN} == {
            name: value for name, value in whole.headers if name not in _OWN
        }


# -- compressed answers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", UNPACK)
def test_what_was_read_compressed_is_known_again(nobody: ApiClient, encoding: str) -> None:
    plain = nobody.get("/openapi.json")
    answer = nobody.get("/openapi.json", check=False, headers={"Accept-Encoding": encoding})
    assert answer.headers["Content-Encoding"] == encoding
    assert UNPACK[encoding](answer.get_data()) == plain.get_data()
    assert answer.headers["ETag"] == f"W/{plain.headers['ETag']}"
    assert "Accept-Encoding" in answer.vary
    asked = {"Accept-Encoding": encoding, "If-None-Match": answer.headers["ETag"]}
    again = nobody.get("/openapi.json", headers=asked)
    assert (again.status_code, again.get_data(), again.headers["ETag"]) == (304, b"", answer.headers["ETag"])


@pytest.mark.parametrize("encoding", UNPACK)
def test_errors_are_compressed_too(ed: ApiClient, encoding: str) -> None:
    fields = {f"field {number}": 1 for number in range(60)}
    refused = ed.post("/tags", check=False, json=fields, headers={"Accept-Encoding": encoding})
    assert (refused.status_code, refused.headers["Content-Encoding"]) == (422, encoding)
    said = json.loads(UNPACK[encoding](refused.get_data()))
    assert set(fields) <= set(said["errors"])


@pytest.mark.parametrize("encoding", UNPACK)
def test_who_read_it_compressed_may_change_it(ed: ApiClient, encoding: str) -> None:
    made: Any = ed.post("/tags", json={"name": f"Read by {encoding}", "description": "word " * 200}).json
    address = f"/tags/{made['id']}"
    read = ed.get(address, check=False, headers={"Accept-Encoding": encoding})
    assert read.headers["ETag"].startswith("W/")
    changes = [ed.patch(address, json={"name": name}, headers={"If-Match": read.headers["ETag"]}) for name in "ab"]
    assert [change.status_code for change in changes] == [200, 412]


# -- one id for each request -------------------------------------------------------------------------------------


def test_every_answer_names_its_request(ed: ApiClient, nobody: ApiClient) -> None:
    etag = nobody.get(KNOWN).headers["ETag"]
    answers = [
        nobody.get(KNOWN),
        nobody.get(KNOWN, headers={"If-None-Match": etag}),
        nobody.head(KNOWN),
        nobody.options(KNOWN),
        nobody.get("/nowhere", check=False),
        nobody.get("/me/tokens"),
        nobody.get(KNOWN, headers={"Authorization": "Bearer wrong"}),
        nobody.delete(KNOWN, check=False),
        nobody.get("/posts?page=0"),
        nobody.post("/auth/login", data=FIVE_MEGABYTES, content_type="application/json"),
        nobody.get("/posts", check=False, base_url="http://evil.example"),
        ed.post("/tags", json={"name": "Named"}),
    ]
    assert [answer.status_code for answer in answers] == [200, 304, 200, 204, 404, 401, 401, 405, 422, 413, 400, 201]
    names = [answer.headers["X-Request-ID"] for answer in answers]
    assert len(set(names)) == len(names)


def test_nobody_chooses_the_name_of_a_request(nobody: ApiClient, make_app: Callable[..., Flask]) -> None:
    mine = {"X-Request-ID": "chosen-by-me-1234"}
    assert nobody.get(KNOWN, headers=mine).headers["X-Request-ID"] != mine["X-Request-ID"]
    behind = ApiClient(make_app(CMS_TRUSTED_PROXIES=1))
    assert behind.get(KNOWN, headers=mine).headers["X-Request-ID"] == mine["X-Request-ID"]


def test_errors_are_problems_whatever_is_accepted(nobody: ApiClient) -> None:
    for accepted in ("text/html", "application/xml", "image/png;q=1, */*;q=0"):
        assert told(nobody.get("/nowhere", check=False, headers={"Accept": accepted})) == (404, "not_found")
