"""The page store in Redis: the same law, and a Redis that fails slows nothing for long and loses nothing."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
import redis
from flask import Flask

from cms.cache.redis_store import LONGEST_KEPT, RedisStore
from cms.cache.store import LONGEST_WRITE
from cms.cache.untold import CLEAR_PAGES
from cms.content.actions.edit_entry import edit_entry
from cms.content.actions.publish_entry import publish_entry
from cms.content.actions.unpublish_entry import unpublish_entry
from cms.content.models import Entry
from cms.content.saving import working_fields
from cms.core import redis_link
from cms.core.db import current_session, transaction
from cms.core.jobs import Job, run_due
from cms.core.jobs.queue import kinds
from cms.core.jobs.runner import backoff
from cms.core.permissions import system_user
from cms.core.redis_link import PATIENCE, RedisLink
from tests import needs
from tests.factories import make_post
from tests.faults import FaultyWay, faulty_way
from tests.needs import needs as needs_service

pytestmark = [needs_service("redis"), pytest.mark.xdist_group("redis"), pytest.mark.usefixtures("patient")]


@pytest.fixture
def url() -> str:
    """A real Redis."""
    return needs.get("redis")


@pytest.fixture
def prefix(url: str) -> Iterator[str]:
    """A place in it that nobody else uses."""
    name = f"masthead-test-{os.getpid()}-{time.monotonic_ns()}:"
    yield name
    with redis.Redis.from_url(url) as server:
        for key in server.scan_iter(f"{name}*"):
            server.delete(key)


@pytest.fixture
def store(url: str, prefix: str) -> RedisStore:
    """A new store."""
    return RedisStore(RedisLink(url), prefix=prefix)


def test_page_is_served_until_a_tag_is_stamped(store: RedisStore) -> None:
    store.save("a", b"page", start=store.start(), tags=["all-entries", "all-terms"])
    assert store.load("a") == b"page"
    store.stamp(["all-users"])
    assert store.load("a") == b"page"
    store.stamp(["all-entries"])
    assert store.load("a") is None


def test_a_slow_reader_cannot_store_an_old_page(store: RedisStore) -> None:
    start = store.start()
    store.stamp(["all-entries"])
    store.save("a", b"old", start=start, tags=["all-entries"])
    assert store.load("a") is None


def test_an_announced_change_hides_pages_until_it_is_stamped(store: RedisStore) -> None:
    store.save("a", b"page", start=store.start(), tags=["all-entries"])
    writer = store.announce(["all-entries"])
    assert store.load("a") is None
    store.stamp(["all-entries"], writer)
    store.save("a", b"new", start=store.start(), tags=["all-entries"])
    assert store.load("a") == b"new"


def test_a_writer_that_died_leaves_a_cold_page_and_then_a_stamp(
    store: RedisStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.save("a", b"old", start=store.start(), tags=["t"])
    store.announce(["t"])
    late = time.time() + LONGEST_WRITE + 1
    monkeypatch.setattr("cms.cache.redis_store.time.time", lambda: late)
    store.save("b", b"older", start=store.start(), tags=["t"])
    assert [store.load("a"), store.load("b")] == [None, None]
    store.save("b", b"new", start=store.start(), tags=["t"])
    assert store.load("b") == b"new"


def test_two_sites_may_share_a_redis(store: RedisStore, url: str, prefix: str) -> None:
    other = RedisStore(RedisLink(url), prefix=f"{prefix}other:")
    store.save("a", b"page", start=store.start(), tags=["t"])
    other.start()
    assert other.load("a") is None


def test_pages_end_when_redis_loses_its_stamps(store: RedisStore, url: str, prefix: str) -> None:
    store.save("a", b"page", start=store.start(), tags=["t"])
    with redis.Redis.from_url(url) as server:
        server.delete(f"{prefix}stamps")
    assert store.load("a") is None
    store.start()
    assert store.load("a") is None


def test_other_users_of_the_cache_keep_json(store: RedisStore) -> None:
    assert store.set("name", {"of": ["a", "user"]})
    assert store.get("name") == {"of": ["a", "user"]}
    store.clear()
    assert store.get("name") is None
    with pytest.raises(TypeError):
        store.set("a", object())


def test_the_store_ends(store: RedisStore, url: str, prefix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cms.cache.redis_store.MOST_BYTES", 1000)
    for number in range(30):
        store.save(f"page {number}", b"x" * 100, start=store.start(), tags=["t"])
    assert [store.load(f"page {number}") is not None for number in range(30)] == [False] * 20 + [True] * 10
    with redis.Redis.from_url(url) as server:
        assert (server.get(f"{prefix}bytes"), server.llen(f"{prefix}order")) == (b"1000", 10)
        server.delete(f"{prefix}order")
    # What Redis itself has thrown away is begun anew.
    store.save("a", b"y" * 100, start=store.start(), tags=["t"])
    store.save("b", b"y" * 2000, start=store.start(), tags=["t"])
    store.save("c", b"y" * 100, start=store.start(), tags=["t"])
    assert [store.load(key) is not None for key in "abc"] == [False, False, True]


@pytest.fixture
def faulty(url: str) -> Iterator[tuple[str, FaultyWay]]:
    """The same Redis over a way that can refuse and hang."""
    with faulty_way(url) as found:
        yield found


@pytest.mark.parametrize("fault", ["hang", "reset", "refuse"])
def test_a_failing_redis_stops_neither_reading_nor_saving_and_nothing_is_stale_after(
    make_app: Callable[..., Flask], faulty: tuple[str, FaultyWay], url: str, fault: str
) -> None:
    address, way = faulty
    key = {"SECURITY_PASSWORD_SALT": secrets.token_hex(32)}
    app = make_app(CACHE_TYPE="shared", CMS_REDIS_URL=address, **key)
    other = make_app(CACHE_TYPE="shared", CMS_REDIS_URL=url, **key)
    with app.app_context():
        make_post("Loaf")
        here, there = app.test_client(), other.test_client()
        assert [here.get("/posts/loaf/").headers["X-Cache"] for _ in range(2)] == ["miss", "hit"]
        assert there.get("/posts/loaf/").headers["X-Cache"] == "hit"
        way.become(fault)
        assert here.get("/posts/loaf/").status_code == 200
        with transaction() as session:
            entry = session.query(Entry).one()
            edit_entry(entry, working_fields(entry).changed(title="A better loaf"), by=system_user())
            publish_entry(entry, by=system_user())
        assert "A better loaf" in here.get("/posts/loaf/").text
        assert current_session().query(Job).filter_by(name="clear_pages").count() == 1
        way.become("pass")
        with other.app_context():
            run_due()
        assert "A better loaf" in there.get("/posts/loaf/").text


def test_a_change_is_told_to_a_slow_redis_though_its_request_has_waited(
    app: Flask, store: RedisStore, prefix: str, faulty: tuple[str, FaultyWay], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, way = faulty
    here = RedisStore(RedisLink(address), prefix=prefix)
    store.save("a", b"page", start=store.start(), tags=["all-entries"])
    monkeypatch.setattr(redis_link, "PATIENCE", PATIENCE)
    way.become("slow")
    with app.test_request_context():
        assert here.load("a") == b"page"
        assert here.load("a") is None
        writer = here.announce(["all-entries"])
        assert writer is not None
        assert store.load("a") is None
        here.stamp(["all-entries"], writer)
    assert store.load("a") is None
    store.save("a", b"new page", start=store.start(), tags=["all-entries"])
    assert (store.load("a"), here.load("a")) == (b"new page", b"new page")


def test_nobody_reads_where_nobody_can_write(store: RedisStore, url: str, prefix: str) -> None:
    """Such a Redis (full, a replica, its disk gone) could not be told that the page is old."""
    store.save("a", b"page", start=store.start(), tags=["t"])
    rights = ["+@read", "+@connection", "+eval"]
    name, password = f"reader-{secrets.token_hex(4)}", secrets.token_hex(8)
    with redis.Redis.from_url(url) as server:
        parts = urlsplit(url)
        reader = RedisLink(parts._replace(netloc=f"{name}:{password}@{parts.hostname}:{parts.port or 6379}").geturl())
        server.acl_setuser(name, enabled=True, passwords=[f"+{password}"], keys=["*"], commands=rights)
        try:
            assert reader.ask("return redis.call('HGET', KEYS[1], '#epoch')", [f"{prefix}stamps"], []) is not None
            assert RedisStore(reader, prefix=prefix).load("a") is None
        finally:
            reader._redis.close()
            server.acl_deluser(name)
    assert store.load("a") == b"page"


def test_after_an_outage_no_process_gives_out_what_another_could_not_withdraw(
    make_app: Callable[..., Flask], faulty: tuple[str, FaultyWay], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_link, "PAUSE", 0.0)
    address, way = faulty
    key = {"SECURITY_PASSWORD_SALT": secrets.token_hex(32)}
    here, there = (make_app(CACHE_TYPE="shared", CMS_REDIS_URL=address, **key) for _process in range(2))
    with here.app_context():
        make_post("Loaf")
        page = "/posts/loaf/"
        assert [app.test_client().get(page).headers["X-Cache"] for app in (here, there)] == ["miss", "hit"]
        way.become("refuse")
        assert there.test_client().get("/").status_code == 200
        with transaction() as session:
            unpublish_entry(session.query(Entry).one(), by=system_user())
        way.become("pass")
        # The process that knows has ended; one has noticed that Redis was away, one has just begun.
        begun = make_app(CACHE_TYPE="shared", CMS_REDIS_URL=url, **key)
        for app in (there, begun):
            with app.app_context():
                assert app.test_client().get(page).status_code == 404
    for app in (here, there, begun):
        link = redis_link.redis_link(app)
        assert link is not None
        link._redis.close()


def test_the_job_that_empties_the_store_is_soon_tried_again() -> None:
    kind = kinds[CLEAR_PAGES]
    waits = [backoff(attempts, kind.longest_wait).total_seconds() for attempts in range(1, kind.tries)]
    assert max(waits) <= 300
    assert sum(waits) >= LONGEST_KEPT
