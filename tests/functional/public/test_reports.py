"""`/csp-reports`: a line for the operator, and nothing that a browser said in its own words."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cms.core.log_lines import formatter
from cms.public import reports
from tests.clients import PageClient
from tests.factories import make_post

KIND = "application/csp-report"
TOKEN = "b8Vt0wq1Zs7Kx3Lm9Pn5"


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What an operator reads; each test has an allowance of its own."""
    monkeypatch.setattr(reports, "allowance", reports.Allowance(reports.MOST_LINES))
    written = io.StringIO()
    handler, logger = logging.StreamHandler(written), logging.getLogger("cms.reports")
    handler.setFormatter(formatter("text"))
    logger.addHandler(handler)
    yield written
    logger.removeHandler(handler)


def old_style(**more: Any) -> dict[str, Any]:
    return {
        "csp-report": {
            "document-uri": f"http://localhost/reset/{TOKEN}?mail=sue@example.com",
            "effective-directive": "script-src-elem",
            "blocked-uri": "https://cdn.evil.example/x.js?stolen=1",
            "script-sample": "the words of a draft",
            "line-number": 7,
            **more,
        }
    }


def new_style(**more: Any) -> list[dict[str, Any]]:
    body = {"documentURL": "http://localhost/posts/loaf/", "effectiveDirective": "img-src", "blockedURL": "inline"}
    return [{"type": "csp-violation", "url": "http://localhost/", "body": {**body, **more}}]


@pytest.mark.parametrize(
    ("sent", "kind", "line"),
    [
        (old_style(), KIND, "cdn.evil.example by script-src-elem on security.reset_password, line 7"),
        (new_style(), "application/reports+json", "inline by img-src on public.post, line 0"),
        (new_style(documentURL="http://localhost/no such/\r\n2026"), KIND, "inline by img-src on"),
        (old_style(**{"effective-directive": "x\r\nERROR forged"}), KIND, "by something on"),
        (old_style(**{"blocked-uri": "https://sue:secret@evil.example/"}), KIND, "evil.example by"),
        (old_style(**{"blocked-uri": "data", "line-number": "7"}), KIND, "data by script-src-elem on"),
        (old_style(**{"blocked-uri": "http://[evil"}), KIND, "something by script-src-elem on"),
    ],
)
def test_a_line_names_the_route_and_the_host_alone(
    client: PageClient, log: io.StringIO, sent: object, kind: str, line: str
) -> None:
    make_post("Loaf")
    answer = client.post("/csp-reports", data=json.dumps(sent), content_type=kind)
    assert (answer.status_code, answer.data) == (204, b"")
    told = log.getvalue()
    assert line in told
    assert len(told.splitlines()) == 1
    for secret in (TOKEN, "sue", "stolen", "draft", "forged", "secret", "2026\n"):
        assert secret not in told


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", KIND, 400),
        (b"{", KIND, 400),
        (b"[" * 16_000, KIND, 400),
        (b"\xff\xfe", KIND, 400),
        (b"x" * (reports.LARGEST + 1), KIND, 413),
        (b"{}", "text/plain", 415),
        (b"csp-report=x", "application/x-www-form-urlencoded", 415),
        (b"null", KIND, 204),
        (b'[null, 7, {}, {"body": 7}]', KIND, 204),
        (b'{"csp-report": {"document-uri": 7, "line-number": 1e99}}', KIND, 204),
    ],
)
def test_what_is_no_report_is_refused_or_says_little(
    client: PageClient, log: io.StringIO, body: bytes, kind: str, status: int
) -> None:
    assert client.post("/csp-reports", data=body, content_type=kind).status_code == status
    assert len(log.getvalue().splitlines()) <= 1


def test_a_flood_of_reports_fills_no_log(client: PageClient, log: io.StringIO) -> None:
    many = json.dumps(new_style() * 40)
    for _round in range(20):
        assert client.post("/csp-reports", data=many, content_type=KIND).status_code == 204
    assert len(log.getvalue().splitlines()) == reports.MOST_LINES


def test_the_allowance_comes_back_with_the_next_minute() -> None:
    allowance = reports.Allowance(2)
    assert [allowance.take(moment) for moment in (100, 101, 102, 159, 160, 161, 162)] == [
        True, True, False, False, True, True, False,
    ]  # fmt: skip


def test_reports_of_other_sites_are_not_taken(client: PageClient, log: io.StringIO) -> None:
    headers = {"Origin": "https://evil.example"}
    answer = client.post("/csp-reports", data=json.dumps(new_style()), content_type=KIND, headers=headers)
    assert answer.status_code == 403
    assert log.getvalue() == ""


def test_nothing_is_kept(client: PageClient, log: io.StringIO, count_queries: Callable[[], Any]) -> None:
    with count_queries() as asked:
        answer = client.post("/csp-reports", data=json.dumps(new_style()), content_type=KIND)
    assert answer.status_code == 204
    assert asked == []
    assert "Set-Cookie" not in answer.headers
