"""Compressed answers."""

import gzip
from pathlib import Path

import brotli
import pytest
import zstandard
from flask import Flask, Response, request, send_file
from flask.testing import FlaskClient

from cms.core.compression import init_compression

TEXT = "<p>Words and more words.</p>" * 100


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    (tmp_path / "site.css").write_text("a{color:red}" * 200)
    app = Flask("small", static_folder=str(tmp_path), static_url_path="/static")
    init_compression(app)

    @app.get("/page")
    def page() -> Response:
        response = Response(TEXT, headers={"Vary": "Cookie"})
        response.set_etag("abc")
        return response.make_conditional(request)

    @app.get("/short")
    def short() -> str:
        return "short"

    @app.get("/picture")
    def picture() -> Response:
        return Response(b"\x89PNG" * 1000, mimetype="image/png")

    @app.get("/problem")
    def problem() -> Response:
        return Response(TEXT, status=422, mimetype="application/problem+json")

    (tmp_path / "large.txt").write_text("words " * 300_000)

    @app.get("/large")
    def large() -> Response:
        return send_file(tmp_path / "large.txt")

    @app.get("/part")
    def part() -> Response:
        return send_file(tmp_path / "site.css", conditional=True)

    return app.test_client()


UNPACK = {"gzip": gzip.decompress, "br": brotli.decompress, "zstd": zstandard.decompress}


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, br", "br"),
        ("gzip, deflate, br;q=0.9, zstd;q=0.8", "gzip"),
        ("gzip;q=0.2, br;q=0.3", "br"),
        ("zstd;q=0, *", "br"),
        ("*;q=0.5, zstd;q=0.4, br;q=0", "gzip"),
        ("ZSTD", "zstd"),
        ("identity;q=0.5, gzip;q=0.5", "gzip"),
        ("identity;q=0, gzip;q=0.001", "gzip"),
    ],
)
def test_best_encoding_is_chosen(client: FlaskClient, accepted: str, chosen: str) -> None:
    answer = client.get("/page", headers={"Accept-Encoding": accepted})
    assert answer.headers["Content-Encoding"] == chosen
    assert UNPACK[chosen](answer.data).decode() == TEXT
    assert answer.headers["Content-Length"] == str(len(answer.data))
    assert answer.headers["ETag"] == 'W/"abc"'


@pytest.mark.parametrize(
    "accepted", ["", "identity", "br;q=0", "deflate", "identity, gzip;q=0.9", "*;q=0", "gzip;q=0, deflate"]
)
def test_nothing_is_forced_on_a_client(client: FlaskClient, accepted: str) -> None:
    answer = client.get("/page", headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in answer.headers
    assert answer.headers["ETag"] == '"abc"'
    assert answer.text == TEXT
    assert set(answer.vary) == {"Cookie", "Accept-Encoding"}


@pytest.mark.parametrize("encoding", UNPACK)
def test_an_error_for_a_program_is_compressed(client: FlaskClient, encoding: str) -> None:
    answer = client.get("/problem", headers={"Accept-Encoding": encoding})
    assert (answer.status_code, answer.headers["Content-Encoding"]) == (422, encoding)
    assert UNPACK[encoding](answer.data).decode() == TEXT


@pytest.mark.parametrize("path", ["/short", "/picture", "/large"])
def test_what_gains_nothing_is_left_alone(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Accept-Encoding": "br"}, buffered=True)
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers


def test_part_of_a_file_is_not_compressed(client: FlaskClient) -> None:
    for path in ("/part", "/static/site.css"):
        answer = client.get(path, headers={"Accept-Encoding": "br", "Range": "bytes=0-999"}, buffered=True)
        assert answer.status_code == 206
        assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("encoding", UNPACK)
def test_own_file_is_compressed_and_found_unchanged_later(client: FlaskClient, encoding: str) -> None:
    headers = {"Accept-Encoding": encoding}
    first, second = (client.get("/static/site.css", headers=headers, buffered=True) for _ in range(2))
    assert first.headers["Content-Encoding"] == encoding
    assert first.data == second.data
    assert UNPACK[encoding](first.data) == b"a{color:red}" * 200
    headers["If-None-Match"] = first.headers["ETag"]
    again = client.get("/static/site.css", headers=headers, buffered=True)
    assert (again.status_code, again.headers["ETag"]) == (304, first.headers["ETag"])


@pytest.mark.parametrize("encoding", [*UNPACK, "identity"])
def test_what_has_not_changed_is_named_as_it_was_told(client: FlaskClient, encoding: str) -> None:
    first = client.get("/page", headers={"Accept-Encoding": encoding})
    again = client.get("/page", headers={"Accept-Encoding": encoding, "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert set(again.vary) == {"Cookie", "Accept-Encoding"}


@pytest.mark.parametrize("encoding", [*UNPACK, "identity"])
@pytest.mark.parametrize("path", ["/page", "/short", "/picture", "/static/site.css"])
def test_head_tells_of_the_same_answer_without_its_body(client: FlaskClient, path: str, encoding: str) -> None:
    whole = client.get(path, headers={"Accept-Encoding": encoding}, buffered=True)
    answer = client.head(path, headers={"Accept-Encoding": encoding}, buffered=True)
    assert answer.data == b""
    told = ("Content-Encoding", "Content-Length", "Content-Type", "ETag", "Vary")
    assert [answer.headers.get(name) for name in told] == [whole.headers.get(name) for name in told]
