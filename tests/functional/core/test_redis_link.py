"""The link to Redis: what fails costs one short wait, and then nothing for a while."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from cms.core import redis_link as module
from cms.core.redis_link import ANSWER, CONNECT, PATIENCE, PAUSE, RedisAway, RedisLink, redis_link, site_prefix
from tests import needs
from tests.faults import SLOW, FaultyWay, clock_of, faulty_way
from tests.needs import needs as needs_service

pytestmark = [needs_service("redis"), pytest.mark.xdist_group("redis"), pytest.mark.usefixtures("patient")]
ECHO = "return ARGV[1]"


@pytest.fixture
def way() -> Iterator[FaultyWay]:
    """A way to a real Redis."""
    with faulty_way(needs.get("redis")) as (_url, found):
        yield found


@pytest.fixture
def link(way: FaultyWay) -> RedisLink:
    """A link over this way that has been used."""
    made = RedisLink(f"redis://127.0.0.1:{way.port}/15")
    assert made.ask(ECHO, [], ["here"]) == b"here"
    return made


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let so many seconds pass for the link."""
    return clock_of(module, monkeypatch)


def test_a_question_costs_a_third_of_a_second_at_most() -> None:
    # As imported: in these tests Redis is given more.
    assert PATIENCE + CONNECT + ANSWER <= 0.3
    options: Any = RedisLink("redis://127.0.0.1:1/0")._redis.get_connection_kwargs()
    assert (options["socket_connect_timeout"], options["socket_timeout"]) == (module.CONNECT, module.ANSWER)
    assert options["retry"].get_retries() == 0


@pytest.mark.parametrize("fault", ["hang", "reset", "refuse"])
def test_of_many_questions_one_pays_for_a_fault(link: RedisLink, way: FaultyWay, fault: str) -> None:
    way.become(fault)
    for _time in range(20):
        with pytest.raises(RedisAway):
            link.ask(ECHO, [], ["there"])
    # Nothing at all comes to a port that is closed; else what was said on the open connection, or a new one.
    assert way.tried <= 1


@pytest.mark.parametrize("fault", ["hang", "reset", "refuse"])
def test_it_is_asked_again_after_a_pause_and_found_back(
    link: RedisLink, way: FaultyWay, later: Callable[[float], None], fault: str
) -> None:
    way.become(fault)
    for _round in range(2):
        with pytest.raises(RedisAway):
            link.ask(ECHO, [], ["there"])
        later(PAUSE)
    way.become("pass")
    assert link.ask(ECHO, [], ["back"]) == b"back"
    assert link.ask(ECHO, [], ["again"]) == b"again"


def test_after_a_pause_one_finds_out_for_all(link: RedisLink, way: FaultyWay, later: Callable[[float], None]) -> None:
    way.become("hang")
    with pytest.raises(RedisAway):
        link.ask(ECHO, [], ["there"])
    later(PAUSE)
    asked, gate = itertools.count(), threading.Barrier(8)
    eval_it = link._redis.eval
    link._redis.eval = lambda *given: (next(asked), eval_it(*given))[1]  # type: ignore[method-assign] # counts alone

    def ask(_number: int) -> bool:
        gate.wait(30)
        with pytest.raises(RedisAway):
            link.ask(ECHO, [], ["there"])
        return True

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(8)))
    assert next(asked) == 1


def test_a_request_waits_for_a_slow_redis_once_and_then_says_only_what_it_must(
    app: Flask, link: RedisLink, way: FaultyWay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", PATIENCE)
    assert PATIENCE < SLOW
    way.become("slow")
    for _request in range(2):
        way.tried = 0
        with app.test_request_context():
            assert link.ask(ECHO, [], ["there"]) == b"there"
            for _time in range(5):
                with pytest.raises(RedisAway):
                    link.ask(ECHO, [], ["there"])
            assert way.tried == 1
            assert link.ask(ECHO, [], ["old"], needed=True) == b"old"
            assert way.tried == 2


def test_a_connection_that_redis_ended_meanwhile_is_made_anew(link: RedisLink, way: FaultyWay) -> None:
    way.become("reset")
    way.become("pass")
    assert link.ask(ECHO, [], ["again"]) == b"again"


def test_an_application_has_one_link_and_a_site_keys_of_its_own(make_app: Callable[..., Flask]) -> None:
    here, there = (
        make_app(CMS_REDIS_URL=needs.get("redis"), SECURITY_PASSWORD_SALT=f"salt of {n} 12345678") for n in "ab"
    )
    assert redis_link(here) is redis_link(here)
    assert redis_link(here) is not redis_link(there)
    assert site_prefix(here) != site_prefix(there)
    assert redis_link(make_app()) is None
