"""The log: what a line says, and the number that joins it to an answer."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from gunicorn.config import Config

from cms.cli.gunicorn_log import Logger as GunicornLogger
from cms.core.log_lines import ErrorStream, formatter
from cms.core.permissions import public_route
from tests.clients import PageClient
from tests.factories import user
from tests.people import ADA, Person

As = Callable[[Person], PageClient]
Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Return what was logged, line by line."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(formatter("json"))
    logging.getLogger("cms").addHandler(handler)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logging.getLogger("cms").removeHandler(handler)


def test_a_line_says_when_who_and_where(app: Flask, as_: As, lines: Lines) -> None:
    ada = as_(ADA)
    app.config["CMS_LOG_REQUESTS"] = True
    answer = ada.get("/admin/?q=secret")
    (line,) = lines()
    assert line["time"].endswith("Z")
    assert line["ms"] >= 0
    expected = {
        "level": "INFO", "logger": "cms.requests", "event": "answered", "status": 200, "method": "GET",
        "path": "/admin/", "user_id": user(ADA).id, "request_id": answer.headers["X-Request-ID"],
    }  # fmt: skip
    assert {key: line[key] for key in expected} == expected
    assert set(line) == set(expected) | {"time", "ms"}


def test_a_line_costs_no_query(app: Flask, as_: As, lines: Lines, count_queries: Any) -> None:
    ada, counts = as_(ADA), []
    for logged in (False, True, True):
        app.config["CMS_LOG_REQUESTS"] = logged
        with count_queries() as asked:
            ada.get("/admin/")
        counts.append(len(asked))
    assert counts[1] == counts[2] <= counts[0]


def test_requests_are_logged_only_where_it_is_wished(app: Flask, client: PageClient, lines: Lines) -> None:
    client.get("/")
    assert lines() == []


def test_a_fault_is_one_line_with_its_trace_and_without_values(make_app: Callable[..., Flask], lines: Lines) -> None:
    app = make_app(PROPAGATE_EXCEPTIONS=False)

    @public_route
    def broken() -> str:
        hidden = "a value that only the function knew"
        raise RuntimeError(f"password=hunter2 of ada@example.com, {len(hidden)} letters")

    app.add_url_rule("/broken", "broken", broken)
    answer = app.test_client().get("/broken?token=hunter2")
    (line,) = lines()
    assert line["event"] == "a request failed"
    assert line["request_id"] in answer.text
    assert "RuntimeError" in line["trace"]
    assert "in broken" in line["trace"]
    for kept in ("hunter2", "ada@example.com", "only the function knew 35"):
        assert kept not in json.dumps(line)
    assert "RuntimeError" not in answer.text


@pytest.mark.parametrize("given", ["4bf92f3577b34da6", "0af76519-16cd-43dd-8448-eb211c80319c", "a" * 64])
def test_a_trusted_proxy_gives_the_number(make_app: Callable[..., Flask], given: str) -> None:
    for proxies, taken in ((0, False), (1, True)):
        client = make_app(CMS_TRUSTED_PROXIES=proxies).test_client()
        answer = client.get("/healthz", headers={"X-Request-ID": given})
        assert (answer.headers["X-Request-ID"] == given) is taken


@pytest.mark.parametrize(
    "given", ["", "short", "a" * 65, "with space", "a;b=c;d=e", "ä" * 10, "x\ty-12345", "../../../etc"]
)
def test_no_other_number_is_taken(make_app: Callable[..., Flask], given: str) -> None:
    client = make_app(CMS_TRUSTED_PROXIES=1).test_client()
    answer = client.get("/healthz", headers={"X-Request-ID": given})
    assert answer.headers["X-Request-ID"] != given
    assert len(answer.headers["X-Request-ID"]) == 12


def test_each_answer_has_its_own_number(client: PageClient) -> None:
    numbers = {client.get("/healthz").headers["X-Request-ID"] for _ in range(5)}
    assert len(numbers) == 5


@pytest.mark.parametrize(("settings", "kind"), [({}, "text"), ({"CMS_LOG_FORMAT": "json"}, "json")])
def test_the_form_is_chosen_and_there_is_one_log(
    make_app: Callable[..., Flask], settings: dict[str, str], kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    make_app()
    make_app(**settings)
    assert sum(isinstance(handler, ErrorStream) for handler in logging.getLogger().handlers) == 1
    for name in ("cms.tests", "some.library"):
        logging.getLogger(name).warning("said once")
    told = capsys.readouterr().err.splitlines()
    assert [line.startswith("{") for line in told] == [kind == "json"] * 2
    assert all("said once" in line for line in told)


def test_the_log_of_acts_names_people(app: Flask, lines: Lines) -> None:
    for name in ("cms.audit", "cms.mail"):
        logging.getLogger(name).warning("to %s", ADA.email, extra={"email": ADA.email})
    assert [(line["event"], line["email"]) for line in lines()] == [
        (f"to {ADA.email}", ADA.email),
        ("to a…@example.com", "a…@example.com"),
    ]


@pytest.mark.parametrize("kind", ["json", "text"])
def test_the_server_writes_the_same_lines(
    kind: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CMS_LOG_FORMAT", kind)
    config = Config()
    config.set("accesslog", None)
    log = GunicornLogger(config)
    log.warning("Worker (pid:%s) was sent %s", 7, "SIG\nKILL")
    for handler in list(log.error_log.handlers):
        log.error_log.removeHandler(handler)
    (line,) = capsys.readouterr().err.splitlines()
    assert "gunicorn.error" in line
    assert line.startswith("{" if kind == "json" else "20")
