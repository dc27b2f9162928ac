"""How often the API may be asked: who is counted how, what answers say of it, and a Redis that fails."""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from typing import Any

import pytest
import redis
from flask import Flask
from werkzeug.test import TestResponse

from cms.api.rate_counters import Counters, LocalCounters, Window
from cms.api.rates import WRITE, limited
from cms.core.permissions import public_route
from cms.core.redis_link import site_prefix
from tests import needs
from tests.faults import faulty_way
from tests.functional.api.client import ApiClient
from tests.needs import needs as needs_service
from tests.people import ART, ED

KNOWN = "/problems/not_found"
_NUMBERS = itertools.cycle(range(1, 255))
HERE, THERE = {"REMOTE_ADDR": "192.0.2.1"}, {"REMOTE_ADDR": "192.0.2.2"}


@pytest.fixture
def small(make_app: Callable[..., Flask]) -> Flask:
    """An application that lets strangers ask six times an hour, and tokens twelve times."""
    return make_app(CMS_API_RATE="12 per hour", CMS_API_RATE_STRANGERS="6 per hour")


def left(answer: TestResponse) -> tuple[int, int, int | None]:
    """Return status, and what the headers say of the limit and what is left."""
    said = answer.headers.get("RateLimit-Remaining")
    return answer.status_code, int(answer.headers.get("RateLimit-Limit", 0)), None if said is None else int(said)


def token_of(app: Flask, person: Any) -> ApiClient:
    """Return a signed-in program; signing in is counted for an address that nothing else comes from."""
    client = ApiClient(app)
    client._client.environ_base["REMOTE_ADDR"] = f"198.51.100.{next(_NUMBERS)}"
    client.sign_in(person)
    client._client.environ_base.pop("REMOTE_ADDR")
    return client


def test_a_stranger_is_counted_by_address_and_told_what_is_left(small: Flask) -> None:
    client = ApiClient(small)
    answers = [client.get(KNOWN, environ_base=HERE) for _time in range(8)]
    assert [left(answer) for answer in answers] == [
        (200, 6, 5), (200, 6, 4), (200, 6, 3), (200, 6, 2), (200, 6, 1), (200, 6, 0), (429, 6, 0), (429, 6, 0),
    ]  # fmt: skip
    assert all(0 < int(answer.headers["RateLimit-Reset"]) <= 3600 for answer in answers)
    assert ["Retry-After" in answer.headers for answer in answers] == [False] * 6 + [True] * 2
    refused: Any = answers[6]
    assert refused.headers["Retry-After"] == refused.headers["RateLimit-Reset"]
    assert (refused.mimetype, refused.json["code"]) == ("application/problem+json", "too_many_requests")
    assert left(client.get(KNOWN, environ_base=THERE)) == (200, 6, 5)


def test_addresses_of_one_household_are_counted_as_one(small: Flask) -> None:
    client = ApiClient(small)
    for address, expected in [("2001:db8:0:1::1", 5), ("2001:db8:0:1:ffff::2", 4), ("2001:db8:0:2::1", 5)]:
        assert left(client.get(KNOWN, environ_base={"REMOTE_ADDR": address}))[2] == expected
    for address, expected in [("192.0.2.9", 5), ("::ffff:192.0.2.9", 4)]:
        assert left(client.get(KNOWN, environ_base={"REMOTE_ADDR": address}))[2] == expected


def test_a_token_is_counted_by_itself_wherever_it_comes_from(small: Flask) -> None:
    art, other, ed = token_of(small, ART), token_of(small, ART), token_of(small, ED)
    stranger = ApiClient(small)
    for _time in range(7):
        stranger.get(KNOWN, environ_base=HERE)
    assert [left(art.get(KNOWN, environ_base=place)) for place in (HERE, THERE)] == [(200, 12, 11), (200, 12, 10)]
    assert left(other.get(KNOWN, environ_base=HERE)) == (200, 12, 11)
    assert left(ed.get(KNOWN, environ_base=HERE)) == (200, 12, 11)
    assert stranger.get(KNOWN, environ_base=HERE).status_code == 429


def test_a_change_counts_as_several_reads(small: Flask) -> None:
    art = token_of(small, ART)
    assert left(art.post("/auth/logout/nowhere", check=False))[2] == 12 - WRITE
    assert left(art.delete("/nowhere", check=False))[2] == 12 - 2 * WRITE
    assert left(art.head(KNOWN))[2] == 12 - 2 * WRITE - 1
    assert art.patch("/nowhere", check=False).status_code == 429


def test_wrong_tokens_are_counted_as_strangers(small: Flask) -> None:
    client = ApiClient(small, token="mhp_" + "x" * 40)
    answers = [client.get(KNOWN, environ_base=HERE) for _time in range(7)]
    assert [left(answer)[:2] for answer in answers] == [(401, 6)] * 6 + [(429, 6)]
    stranger = ApiClient(small)
    assert stranger.get(KNOWN, environ_base=HERE).status_code == 429


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("GET", "/nowhere", {}, 404),
        ("GET", "/api", {}, 404),
        ("DELETE", KNOWN, {}, 405),
        ("TRACE", KNOWN, {}, 405),
        ("GET", f"{KNOWN}?{'x' * 9000}", {}, 414),
        ("POST", "/auth/login", {"data": b"x" * 70_000}, 413),
        ("POST", "/auth/login", {"data": b"{}"}, 415),
        ("POST", "/auth/login", {"json": {"wrong": 1}}, 422),
    ],
)
def test_errors_say_what_is_left_too(
    make_app: Callable[..., Flask], method: str, path: str, options: dict[str, Any], status: int
) -> None:
    client = ApiClient(make_app(CMS_API_RATE_STRANGERS="100 per day"))
    answer = client.open(method, path, check=False, **options)
    assert answer.status_code == status
    assert left(answer)[2] == 100 - (1 if method == "GET" else WRITE)


def test_asking_which_methods_there_are_is_free(small: Flask) -> None:
    client = ApiClient(small)
    for _time in range(8):
        assert client.options(KNOWN, environ_base=HERE).status_code == 204
    assert left(client.get(KNOWN, environ_base=HERE)) == (200, 6, 5)


def test_only_the_api_is_counted(small: Flask) -> None:
    client = small.test_client()
    for _time in range(6):
        answer = client.get("/login", environ_base=HERE)
        assert left(answer) == (200, 0, None)


def test_applications_share_no_counters(make_app: Callable[..., Flask]) -> None:
    for _time in range(2):
        client = ApiClient(make_app(CMS_API_RATE_STRANGERS="1 per day"))
        assert [client.get(KNOWN).status_code for _round in range(2)] == [200, 429]


@pytest.mark.parametrize("settings", [{}, {"CMS_API_RATE": "off", "CMS_API_RATE_STRANGERS": "off"}])
def test_what_is_off_counts_nothing(make_app: Callable[..., Flask], settings: dict[str, str]) -> None:
    app = make_app(**settings)
    assert left(ApiClient(app).get(KNOWN)) == (200, 0, None)
    assert "limiter" not in app.extensions


def test_either_limit_may_be_off(make_app: Callable[..., Flask]) -> None:
    app = make_app(CMS_API_RATE_STRANGERS="off", CMS_API_RATE="3 per day")
    client = ApiClient(app).sign_in(ART)
    assert left(client.get(KNOWN)) == (200, 3, 2)
    assert left(ApiClient(app).get(KNOWN)) == (200, 0, None)


def test_of_many_at_once_no_more_pass_than_may(make_app: Callable[..., Flask]) -> None:
    app = make_app(CMS_API_RATE_STRANGERS="10 per hour")

    def ask(_number: int) -> int:
        return ApiClient(app).get(KNOWN).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(ask, range(24)))
    assert sorted(statuses) == [200] * 10 + [429] * 14


@pytest.fixture
def with_routes(make_app: Callable[..., Flask]) -> Flask:
    """An application with two routes that may be asked less often than others."""
    app = make_app(CMS_API_RATE="50 per hour", CMS_API_RATE_STRANGERS="40 per hour")
    for name, strangers_only in (("seldom", False), ("strangers", True)):
        view = public_route(limited("2 per hour", strangers_only=strangers_only)(lambda: "found"))
        app.add_url_rule(f"/api/v1/{name}", name, view)
    return app


def test_one_route_may_be_asked_less_often(with_routes: Flask) -> None:
    client = ApiClient(with_routes)
    answers = [client.get("/seldom", check=False) for _time in range(3)]
    assert [left(answer) for answer in answers] == [(200, 2, 1), (200, 2, 0), (429, 2, 0)]
    assert left(client.get("/strangers", check=False)) == (200, 2, 1)
    assert left(client.get(KNOWN)) == (200, 40, 35)


def test_one_route_may_be_asked_less_often_by_strangers(with_routes: Flask) -> None:
    art, stranger = token_of(with_routes, ART), ApiClient(with_routes)
    assert [art.get("/strangers", check=False).status_code for _time in range(4)] == [200] * 4
    assert [stranger.get("/strangers", check=False).status_code for _time in range(3)] == [200, 200, 429]


def test_a_window_ends_and_another_begins() -> None:
    counters = LocalCounters()
    assert counters.add("a", 60, 1, now=100.0) == Window(1, 160.0)
    assert counters.add("a", 60, 5, now=159.9) == Window(6, 160.0)
    assert counters.add("a", 60, 1, now=160.0) == Window(1, 220.0)
    assert counters.add("b", 60, 1, now=160.0) == Window(1, 220.0)


def test_counters_of_one_process_stay_few() -> None:
    counters = LocalCounters(most=3)
    for number in range(3):
        counters.add(f"old {number}", 10, 1, now=0.0)
    counters.add("new", 60, 1, now=20.0)
    assert counters.add("new", 60, 1, now=21.0).count == 2
    for number in range(20):
        counters.add(f"many {number}", 60, 1, now=22.0)
    assert len(counters._windows) <= 3


# -- in Redis ----------------------------------------------------------------------------------------------------


@pytest.fixture
def site() -> dict[str, str]:
    """Settings of a site that nobody else has keys of."""
    return {"SECURITY_PASSWORD_SALT": secrets.token_hex(32), "CMS_API_RATE_STRANGERS": "5 per hour"}


@pytest.fixture
def kept(site: dict[str, str]) -> Iterator[Callable[[], dict[str, int]]]:
    """Tell which counters Redis keeps for this site, and for how many seconds more; they are removed at the end."""
    app = Flask("keys")
    app.config["SECURITY_PASSWORD_SALT"] = site["SECURITY_PASSWORD_SALT"]
    with closing(redis.Redis.from_url(needs.get("redis"))) as server:
        keys = partial(server.scan_iter, f"{site_prefix(app)}*")
        yield lambda: {key.decode(): server.ttl(key) for key in keys() if b":rates:" in key}
        for key in keys():
            server.delete(key)


@needs_service("redis")
@pytest.mark.xdist_group("redis")
@pytest.mark.usefixtures("patient")
def test_machines_count_together(
    make_app: Callable[..., Flask], site: dict[str, str], kept: Callable[[], dict[str, int]]
) -> None:
    here, there = (ApiClient(make_app(CMS_REDIS_URL=needs.get("redis"), **site)) for _machine in range(2))
    answers = [client.get(KNOWN) for client in (here, there) * 3]
    assert [left(answer)[2] for answer in answers] == [4, 3, 2, 1, 0, 0]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert 3590 < int(answers[-1].headers["Retry-After"]) <= 3600
    assert len(kept()) == 1
    assert all(3590 < seconds <= 3600 for seconds in kept().values())
    assert not any("127.0.0.1" in key for key in kept())


@needs_service("redis")
@pytest.mark.xdist_group("redis")
@pytest.mark.usefixtures("kept", "patient")
@pytest.mark.parametrize("fault", ["hang", "reset", "refuse"])
def test_a_redis_that_fails_holds_up_one_request_shortly_and_refuses_none(
    make_app: Callable[..., Flask], site: dict[str, str], fault: str
) -> None:
    with faulty_way(needs.get("redis")) as (url, way):
        app = make_app(CMS_REDIS_URL=url, CACHE_TYPE="shared", **site)
        client = ApiClient(app)
        assert left(client.get(KNOWN)) == (200, 5, 4)
        way.become(fault)
        began = time.monotonic()
        answers = [client.get(KNOWN) for _time in range(6)]
        # Many times what it should take, for machines that are busy; asking each time anew would take longer.
        assert time.monotonic() - began < 6
        assert way.tried <= 1
        # This process counts for itself, and keeps the limit.
        assert [left(answer) for answer in answers] == [
            (200, 5, 4), (200, 5, 3), (200, 5, 2), (200, 5, 1), (200, 5, 0), (429, 5, 0),
        ]  # fmt: skip


def test_the_storage_promises_no_more_than_it_does() -> None:
    counters = Counters()
    assert counters.check()
    for act in (counters.reset, partial(counters.clear, "key")):
        with pytest.raises(NotImplementedError):
            act()
