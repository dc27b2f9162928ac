"""Pages of other sites: none may use the API unless the settings name them, and never with what a browser keeps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.functional.api.client import ApiClient
from tests.people import ART

KNOWN = "/problems/not_found"
APP, OTHER = "https://app.example.org", "http://localhost:5173"
_ASKED = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "authorization, if-match, x-evil"}
STRANGE = [
    "null", "https://app.example.org.evil.example", "https://evilapp.example.org", "https://app.example.org:8443",
    "http://app.example.org", "https://example.org", "https://app.example.org/", "https://app.example.org evil",
    "https://appXexample.org", "HTTPS://APP.EXAMPLE.ORG", "https://app.example.org\t", "https://app.example.org,null",
    "*", "",
]  # fmt: skip


@pytest.fixture
def listed(make_app: Callable[..., Flask]) -> ApiClient:
    """A client of an application that names two other origins."""
    return ApiClient(make_app(CMS_API_ORIGINS=f"{APP},{OTHER},http://[::1]:8000"))


def said(answer: TestResponse) -> dict[str, str]:
    """Return what an answer says to browsers about pages of other sites."""
    return {name: value for name, value in answer.headers if name.startswith("Access-Control-")}


def test_nothing_is_open_by_default(stranger: ApiClient) -> None:
    for answer in (
        stranger.get(KNOWN, headers={"Origin": APP}),
        stranger.options(KNOWN, headers={"Origin": APP} | _ASKED),
    ):
        assert said(answer) == {}
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("origin", [APP, OTHER, "http://[::1]:8000"])
def test_a_page_that_is_named_may_read(listed: ApiClient, origin: str) -> None:
    answer = listed.get(KNOWN, headers={"Origin": origin})
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert {"ETag", "Link", "Location", "RateLimit-Remaining", "Retry-After", "X-Request-ID"} <= set(
        answer.headers["Access-Control-Expose-Headers"].split(", ")
    )
    assert "Origin" in answer.vary
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_a_page_that_is_named_may_read_that_nothing_is_there(listed: ApiClient, stranger: ApiClient) -> None:
    asked = listed.options("/nothing", headers={"Origin": APP} | _ASKED, check=False)
    assert (asked.status_code, asked.headers["Access-Control-Allow-Origin"]) == (204, APP)
    assert listed.get("/nothing", headers={"Origin": APP}, check=False).headers["Access-Control-Allow-Origin"] == APP
    assert listed.options("/nothing", check=False).status_code == 404
    assert stranger.options("/nothing", headers={"Origin": APP} | _ASKED, check=False).status_code == 404


@pytest.mark.parametrize("origin", STRANGE)
def test_a_page_that_only_looks_alike_may_not(listed: ApiClient, origin: str) -> None:
    for answer in (
        listed.get(KNOWN, headers={"Origin": origin}),
        listed.options(KNOWN, headers={"Origin": origin} | _ASKED),
    ):
        assert said(answer) == {}
        assert "Origin" in answer.vary
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_an_origin_is_no_pattern(make_app: Callable[..., Flask]) -> None:
    client = ApiClient(make_app(CMS_API_ORIGINS="http://[::1]:8000,https://a.b.example"))
    for origin in ("http://1:8000", "http://::8000", "https://aXb.example"):
        assert said(client.get(KNOWN, headers={"Origin": origin})) == {}


def test_who_names_no_origin_is_told_of_none(listed: ApiClient) -> None:
    answer = listed.get(KNOWN)
    assert said(answer) == {}
    assert "Origin" in answer.vary


def test_a_browser_that_asks_first_is_told_what_it_may_send(listed: ApiClient) -> None:
    answer = listed.options(KNOWN, headers={"Origin": APP} | _ASKED)
    assert (answer.status_code, answer.get_data()) == (204, b"")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    told = said(answer)
    assert told["Access-Control-Allow-Origin"] == APP
    assert told["Access-Control-Allow-Methods"] == "DELETE, GET, HEAD, PATCH, POST, PUT"
    assert told["Access-Control-Allow-Headers"] == "authorization, if-match"
    assert told["Access-Control-Max-Age"] == "600"
    assert "Access-Control-Allow-Credentials" not in told


def test_a_browser_is_not_let_into_a_private_network(listed: ApiClient) -> None:
    headers = {"Origin": APP, "Access-Control-Request-Private-Network": "true"} | _ASKED
    assert said(listed.options(KNOWN, headers=headers))["Access-Control-Allow-Private-Network"] == "false"


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("GET", "/nowhere", {}, 404),
        ("PUT", KNOWN, {}, 405),
        ("GET", KNOWN, {"headers": {"Authorization": "Bearer wrong"}}, 401),
        ("POST", "/auth/login", {"json": {}}, 422),
        ("POST", "/auth/login", {"data": b"x" * 70_000}, 413),
    ],
)
def test_errors_are_read_by_who_may_read(
    listed: ApiClient, method: str, path: str, options: dict[str, Any], status: int
) -> None:
    headers = {"Origin": APP, **options.pop("headers", {})}
    answer = listed.open(method, path, check=False, headers=headers, **options)
    assert answer.status_code == status
    assert answer.headers.getlist("Access-Control-Allow-Origin") == [APP]


def test_all_may_be_allowed_but_never_with_what_a_browser_keeps(make_app: Callable[..., Flask]) -> None:
    client = ApiClient(make_app(CMS_API_ORIGINS="*", CORS_SUPPORTS_CREDENTIALS=True))
    for origin in (APP, "null"):
        for answer in (
            client.get(KNOWN, headers={"Origin": origin}),
            client.options(KNOWN, headers={"Origin": origin} | _ASKED),
        ):
            assert answer.headers["Access-Control-Allow-Origin"] == "*"
            assert "Access-Control-Allow-Credentials" not in answer.headers
            assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
            assert "Origin" not in answer.vary


@pytest.mark.parametrize("path", ["/", "/login", "/apis", "/%2561pi/v1"])
@pytest.mark.parametrize("origins", [APP, "*"])
def test_the_site_itself_stays_closed(make_app: Callable[..., Flask], path: str, origins: str) -> None:
    client = make_app(CMS_API_ORIGINS=origins).test_client()
    for answer in (client.get(path, headers={"Origin": APP}), client.options(path, headers={"Origin": APP} | _ASKED)):
        assert said(answer) == {}
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_page_with_a_token_changes_what_its_person_may(make_app: Callable[..., Flask]) -> None:
    client = ApiClient(make_app(CMS_API_ORIGINS=APP)).sign_in(ART)
    headers = {"Origin": APP, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}
    answer = client.post("/auth/logout", headers=headers)
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == APP


def test_what_is_nowhere_has_no_methods(stranger: ApiClient) -> None:
    for path in ("/nowhere", "/api", "/api/", "/api/v2/posts"):
        assert stranger.options(path).status_code == 404
