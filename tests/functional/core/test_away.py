"""While the database is away, whoever asks is told to try again, and nothing has to be started anew afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import make_url

from cms.core.db import engine_options
from cms.extensions import db
from tests import databases, needs
from tests.clients import PageClient
from tests.functional.api.client import ApiClient
from tests.people import ADA

PATHS = ("/", "/login", "/admin/", "/admin/posts/", "/feed.xml", "/posts/", "/account/")
CALLS = ("/posts", "/posts/1", "/users/me", "/search?q=loaf")


@contextmanager
def away(url: str) -> Iterator[None]:
    """Have PostgreSQL end all connections to a database, and take no new ones."""
    server, name = needs.get("postgres"), make_url(url).database
    databases.admin(server, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    sessions = f"FROM pg_stat_activity WHERE datname = '{name}'"
    databases.admin(server, f"SELECT pg_terminate_backend(pid) {sessions}")
    try:
        yield
    finally:
        databases.admin(server, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


@needs.needs("postgres")
def test_who_asks_while_the_database_is_away_is_told_to_come_again(
    make_app: Callable[..., Flask], postgres_url: str
) -> None:
    app = make_app(CMS_DATABASE_URL=postgres_url)
    browser, program = PageClient(app), ApiClient(app)
    browser.sign_in(ADA)
    program.sign_in(ADA)
    before = [browser.get(path).status_code for path in PATHS] + [program.get(path).status_code for path in CALLS]
    with away(postgres_url):
        for path in PATHS:
            # What readers were shown before may be shown on.
            page = browser.get(path)
            assert page.status_code == 503 or page.headers.get("X-Cache") == "hit", (path, page.status)
            assert page.status_code == 200 or page.headers["Retry-After"] == "30"
        for path in CALLS:
            answer = program.get(path)
            assert (answer.status_code, answer.json["code"]) == (503, "unavailable")
            assert answer.headers["Retry-After"] == "30"
    after = [browser.get(path).status_code for path in PATHS] + [program.get(path).status_code for path in CALLS]
    assert after == before


def test_who_finds_no_connection_free_is_told_to_come_again(make_app: Callable[..., Flask]) -> None:
    few = {**engine_options("sqlite://"), "pool_size": 1, "max_overflow": 0, "pool_timeout": 0.05}
    app = make_app(SQLALCHEMY_ENGINE_OPTIONS=few)
    with app.app_context(), db.engine.connect():
        assert ApiClient(app).get("/posts").json["code"] == "unavailable"
        assert PageClient(app).get("/").status_code == 503
    assert ApiClient(app).get("/posts").status_code == 200
