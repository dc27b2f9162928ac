"""Compressed answers."""

import gzip
from pathlib import Path

import brotli
import pytest
from flask import Flask, Response, send_file
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
        return response

    @app.get("/short")
    def short() -> str:
        return "short"

    @app.get("/picture")
    def picture() -> Response:
        return Response(b"\x89PNG" * 1000, mimetype="image/png")

    (tmp_path / "large.txt").write_text("words " * 300_000)

    @app.get("/large")
    def large() -> Response:
        return send_file(tmp_path / "large.txt")

    @app.get("/part")
    def part() -> Response:
        return send_file(tmp_path / "site.css", conditional=True)

    return app.test_client()


def test_best_encoding_is_chosen(client: FlaskClient) -> None:
    answer = client.get("/page", headers={"Accept-Encoding": "gzip, deflate, br;q=0.9, zstd"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.data).decode() == TEXT
    answer = client.get("/page", headers={"Accept-Encoding": "gzip, br"})
    assert answer.headers["Content-Encoding"] == "br"
    assert brotli.decompress(answer.data).decode() == TEXT
    assert answer.headers["Content-Length"] == str(len(answer.data))
    assert answer.headers["ETag"] == 'W/"abc"'


@pytest.mark.parametrize("accepted", ["", "identity", "br;q=0", "zstd"])
def test_nothing_is_forced_on_a_client(client: FlaskClient, accepted: str) -> None:
    answer = client.get("/page", headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in answer.headers
    assert answer.text == TEXT
    assert set(answer.vary) == {"Cookie", "Accept-Encoding"}


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


def test_own_file_is_compressed_and_found_unchanged_later(client: FlaskClient) -> None:
    headers = {"Accept-Encoding": "br"}
    first, second = (client.get("/static/site.css", headers=headers, buffered=True) for _ in range(2))
    assert first.headers["Content-Encoding"] == "br"
    assert first.data == second.data
    assert brotli.decompress(first.data) == b"a{color:red}" * 200
    headers["If-None-Match"] = first.headers["ETag"]
    assert client.get("/static/site.css", headers=headers, buffered=True).status_code == 304


def test_head_answers_without_a_body(client: FlaskClient) -> None:
    answer = client.head("/page", headers={"Accept-Encoding": "br"})
    assert answer.data == b""
    assert "Content-Encoding" not in answer.headers
