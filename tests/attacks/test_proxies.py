"""Who asks, by which scheme and of which host: only as many proxies as are trusted may say (cases 23, 24)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from flask import Flask, jsonify, request
from flask.testing import FlaskClient
from sqlalchemy import select

from cms.accounts.models import SignIn
from cms.core.permissions import public_route
from cms.extensions import db
from tests.clients import PageClient
from tests.people import ADA

Make = Callable[..., Flask]
PEER = "127.0.0.1"
MADE_UP = "203.0.113.9"
CLIENT, OUTER = "198.51.100.7", "192.0.2.1"


def behind(make_app: Make, count: int) -> FlaskClient:
    """Return a client of a site with so many trusted proxies, which tells at `/seen` what it takes a request for."""
    app = make_app(CMS_TRUSTED_PROXIES=count)

    @public_route
    def seen() -> object:
        return jsonify([request.remote_addr, request.scheme, request.host, request.script_root])

    app.add_url_rule("/seen", "seen", seen)
    return app.test_client()


@pytest.mark.parametrize(
    ("count", "header", "taken_for"),
    [
        (0, MADE_UP, PEER),
        (0, f"{MADE_UP}, {CLIENT}", PEER),
        (1, CLIENT, CLIENT),
        (1, f"{MADE_UP}, {CLIENT}", CLIENT),
        (1, f"{MADE_UP}, 127.0.0.1, {CLIENT}", CLIENT),
        (2, f"{CLIENT}, {OUTER}", CLIENT),
        (2, f"{MADE_UP}, {CLIENT}, {OUTER}", CLIENT),
        # Somebody came past the outer proxy: nobody trusted says who it is.
        (2, MADE_UP, PEER),
        (1, "", PEER),
        (1, f"{CLIENT}:51234", CLIENT),
        (1, "[2001:db8::7]:443", "2001:db8::7"),
        (1, "2001:db8::7", "2001:db8::7"),
        (1, "unknown", PEER),
        (1, "<script>alert(1)</script>", PEER),
        (1, "1" * 5000, PEER),
        (1, f"{CLIENT}, _hidden", PEER),
    ],
)
def test_only_trusted_proxies_say_who_asks(make_app: Make, count: int, header: str, taken_for: str) -> None:
    answer = behind(make_app, count).get("/seen", headers={"X-Forwarded-For": header})
    assert answer.get_json() == [taken_for, "http", "localhost", ""]


def test_two_headers_count_as_one_list(make_app: Make) -> None:
    headers = [("X-Forwarded-For", MADE_UP), ("X-Forwarded-For", CLIENT)]
    assert behind(make_app, 1).get("/seen", headers=headers).get_json()[0] == CLIENT


@pytest.mark.parametrize("count", [0, 1, 2])
@pytest.mark.parametrize(
    "headers",
    [
        {"Forwarded": f"for={MADE_UP};host=evil.example;proto=https"},
        {"X-Original-URL": "/admin/"},
        {"X-Rewrite-URL": "/admin/"},
        {"X-Forwarded-Prefix": "/evil"},
        {"X-Forwarded-Port": "1"},
        {"X-Script-Name": "/evil"},
        {"X-Real-IP": MADE_UP},
        {"True-Client-IP": MADE_UP, "CF-Connecting-IP": MADE_UP},
        {"X-Forwarded-Ssl": "on", "Front-End-Https": "on", "X-Url-Scheme": "https"},
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else str(value),
)
def test_other_headers_say_nothing_whoever_stands_in_front(make_app: Make, count: int, headers: dict[str, str]) -> None:
    assert behind(make_app, count).get("/seen", headers=headers).get_json() == [PEER, "http", "localhost", ""]


@pytest.mark.parametrize("count", [0, 1])
def test_a_proxy_may_tell_scheme_and_host_but_no_strange_host(make_app: Make, count: int) -> None:
    client = behind(make_app, count)
    scheme = client.get("/seen", headers={"X-Forwarded-Proto": "https"}).get_json()[1]
    assert scheme == ("https" if count else "http")
    assert client.get("/seen", headers={"X-Forwarded-Proto": "gopher"}).get_json()[1] == "http"
    inside = client.get("/seen", headers={"Host": "10.0.0.3:8000", "X-Forwarded-Host": "localhost"})
    assert inside.status_code == (200 if count else 400)
    strange = client.get("/seen", headers={"X-Forwarded-Host": "evil.example"})
    assert strange.status_code == (400 if count else 200)
    assert "evil" not in strange.get_data(as_text=True) + str(strange.headers)


def test_https_is_believed_from_the_proxy_alone(make_app: Make) -> None:
    """With it come what only https has: HSTS, and cookies that a browser takes over https alone."""
    for count, proto in product((0, 1), ("http", "https")):
        app = make_app(CMS_BASE_URL="https://chronicle.example", CMS_TRUSTED_PROXIES=count)
        headers = {"Host": "chronicle.example", "X-Forwarded-Proto": proto}
        answer = app.test_client().get("/login", base_url="http://chronicle.example", headers=headers)
        told = "Strict-Transport-Security" in answer.headers
        assert told == (count == 1 and proto == "https"), (count, proto)
        assert answer.headers["Set-Cookie"].startswith("__Host-masthead=")


def test_a_sign_in_is_noted_with_the_address_that_the_proxy_tells(make_app: Make) -> None:
    app = make_app(CMS_TRUSTED_PROXIES=1)
    client = app.test_client()
    assert isinstance(client, PageClient)
    client.environ_base["HTTP_X_FORWARDED_FOR"] = f"{MADE_UP}, {CLIENT}"
    client.sign_in(ADA)
    with app.app_context():
        assert set(db.session.scalars(select(SignIn.ip))) == {CLIENT}
