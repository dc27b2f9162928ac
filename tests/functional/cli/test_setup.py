"""`flask setup` on a site that is there already."""

from collections.abc import Callable

from flask import Flask

from tests.factories import make_post


def test_setup_forgets_cached_pages_since_the_database_may_be_another(make_app: Callable[..., Flask]) -> None:
    app = make_app(CACHE_TYPE="shared")
    with app.app_context():
        make_post("Loaf")
        client = app.test_client()
        assert [client.get("/posts/loaf/").headers["X-Cache"] for _ in range(2)] == ["miss", "hit"]
        done = app.test_cli_runner().invoke(args=["setup"])
        assert (done.exit_code, done.output.splitlines()[0]) == (0, "Everything is in place.")
        assert client.get("/posts/loaf/").headers["X-Cache"] == "miss"


def test_setup_goes_on_without_a_redis_and_says_so(make_app: Callable[..., Flask]) -> None:
    app = make_app(CACHE_TYPE="shared", CMS_REDIS_URL="redis://127.0.0.1:1/0")
    with app.app_context():
        done = app.test_cli_runner().invoke(args=["setup"])
    assert done.exit_code == 0
    assert "The page cache could not be emptied (RedisAway)" in done.stderr
