"""What the packages do wrong out of the box does not happen here."""

from __future__ import annotations

import re
import runpy
import sqlite3
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_admin import BaseView
from flask_admin.contrib.fileadmin import BaseFileAdmin
from flask_admin.contrib.rediscli import RedisCli
from flask_admin.contrib.sqla import ModelView
from sqlalchemy import insert, select, update
from sqlalchemy.orm import DeclarativeBase

from cms.accounts.models import User
from cms.admin.base import ServiceModelView
from cms.cache.invalidation import page_store
from cms.content.models import Entry, Tag
from cms.content.models.entry import EntryAuthor
from cms.core.db import current_session, transaction
from cms.core.errors import NotFound
from cms.extensions import Base, db
from tests import databases
from tests.clients import PageClient
from tests.factories import make_post, user
from tests.people import ADA, ART, ED, Person

As = Callable[[Person], PageClient]
ROOT = Path(__file__).parents[2]
REFUSED = ("flask-uploads", "flask-restx", "bleach", "flask-talisman", "passlib", "flask-security", "lxml")


def views(app: Flask) -> Iterator[BaseView]:
    """Return every view of the back office."""
    for extension in app.extensions["admin"]:
        yield from extension._views


# -- Flask-Admin -----------------------------------------------------------------------------------------------


def test_no_file_browser_and_no_console_is_open(app: Flask) -> None:
    """Flask-Admin's FileAdmin leaves its folder by `..`, takes scripts and asks for no token."""
    assert [view for view in views(app) if isinstance(view, (BaseFileAdmin, RedisCli))] == []
    brought = re.compile(r"fileadmin|rediscli|FileAdmin|RedisCli")
    named = [path for path in (ROOT / "cms").rglob("*.py") if brought.search(path.read_text("utf-8"))]
    assert named == []


def test_no_view_commits_by_itself(app: Flask) -> None:
    """Flask-Admin's own create, update, delete and bulk delete each commit, and ask no policy."""
    for view in views(app):
        if not isinstance(view, ModelView):
            continue
        assert isinstance(view, ServiceModelView)
        assert view.session is db.session or view.session is db, view
        assert not view.fast_mass_delete
        for name in (
            "create_model",
            "update_model",
            "delete_model",
            "action_delete",
            "get_one",
            "ajax_update",
            "ajax_lookup",
        ):
            assert getattr(type(view), name).__module__.startswith("cms."), (view, name)
        for refused in (view.action_delete, view.details_view, view.ajax_lookup, view.ajax_update):
            with pytest.raises(NotFound):
                refused(["1"]) if refused == view.action_delete else refused()


def test_a_person_who_wrote_much_is_edited_as_quickly(app: Flask, as_: As, count_queries: Any) -> None:
    """A form made from all relations would load what the person wrote (61 s for 100,000 posts)."""

    def ask() -> tuple[int, int]:
        with count_queries() as asked:
            answer = as_(ADA).get(f"/admin/users/{user(ART).id}/")
        assert answer.status_code == 200
        return len(asked), len(answer.data)

    ask()
    few = ask()
    post = make_post("Loaf")
    with transaction() as session:
        made = [{"kind": "post", "title": f"Post {n}", "slug": f"p{n}", "address": f"/posts/p{n}/"} for n in range(300)]
        template = {column.name: getattr(post, column.key) for column in Entry.__table__.columns if column.name != "id"}
        ids = session.scalars(insert(Entry).returning(Entry.id), [template | row for row in made]).all()
        session.execute(insert(EntryAuthor), [{"entry_id": key, "user_id": user(ART).id, "position": 0} for key in ids])
    many = ask()
    assert many[0] == few[0]
    assert abs(many[1] - few[1]) < 200


def test_lists_count_nothing_skip_nothing_and_leave_bodies_alone(app: Flask, as_: As, count_queries: Any) -> None:
    for number in range(45):
        make_post(f"Post {number}")
    client = as_(ED)
    for path in ("/admin/posts/", "/admin/posts/?q=post", "/admin/pages/", "/admin/media/"):
        with count_queries() as asked:
            page = client.page(path)
        told = "\n".join(asked).lower()
        assert "count(" not in told, path
        assert "cast(" not in told, path
        assert not re.search(r"entries\.(body|body_html|body_text|password_hash)\b", told), path
        if path == "/admin/posts/":
            assert len(page.css("tbody .mh-row__title")) == 40
            # The next page begins after a row, not after so and so many.
            assert page.css('a[href*="after="]')
            assert not page.css('a[href*="page="]')


def test_a_record_is_there_once_it_is_told_to_be(app: Flask, as_: As) -> None:
    """Without flask-babel's set-up Flask-Admin answers 500 after the commit."""
    assert "babel" in app.extensions
    answer = as_(ED).submit("/admin/tags/new/", {"name": "Rye"})
    assert answer.status_code == 303
    assert current_session().scalars(select(Tag.name)).all() == ["Rye"]
    assert as_(ED).get(answer.headers["Location"]).status_code == 200


# -- Flask-Security --------------------------------------------------------------------------------------------


def test_what_is_not_finished_in_flask_security_is_off(app: Flask) -> None:
    """Passkeys with broken templates, codes that can be replayed, tokens nobody revokes: none of them has a route.

    Passkeys and codes are our own (`functional/accounts/test_passkeys.py`, `test_authenticator.py` …).
    """
    for name in (
        "TWO_FACTOR",
        "WEBAUTHN",
        "MULTI_FACTOR_RECOVERY_CODES",
        "UNIFIED_SIGNIN",
        "PASSWORDLESS",
        "OAUTH_ENABLE",
    ):
        assert not app.config.get(f"SECURITY_{name}"), name
    rules = {rule.rule for rule in app.url_map.iter_rules()}
    assert not [rule for rule in rules if re.match(r"/(tf|wan|us|mf|login/oauth)[-/]", rule)]
    ours = [rule for rule in app.url_map.iter_rules() if "passkey" in rule.rule or "second-step" in rule.rule]
    assert len(ours) >= 8
    assert {rule.endpoint.partition(".")[0] for rule in ours} == {"accounts"}
    assert app.config["SECURITY_RETURN_GENERIC_RESPONSES"]
    assert app.config["SECURITY_FRESHNESS"].total_seconds() <= 15 * 60


def test_sign_in_pages_are_ours(app: Flask) -> None:
    for name in ("login_user", "forgot_password", "reset_password", "change_password", "verify"):
        template = app.jinja_env.get_or_select_template(f"security/{name}.html")
        assert str(template.filename).startswith(str(ROOT / "cms")), name


def test_migrations_know_the_types_they_use() -> None:
    """Flask-Security's AsaList needs an import that Alembic does not write: we have no such column."""
    for table in Base.metadata.tables.values():
        assert not [column for column in table.columns if type(column.type).__module__.startswith("flask_security")]
    assert "import cms.core.db" in (ROOT / "migrations" / "script.py.mako").read_text("utf-8")


def test_models_are_known_to_the_type_checker() -> None:
    assert issubclass(User, Base)
    assert issubclass(Base, DeclarativeBase)
    assert (ROOT / "typings" / "flask_admin").is_dir()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert project["tool"]["mypy"]["strict"] is True


# -- others ----------------------------------------------------------------------------------------------------


def test_no_refused_package_is_asked_for() -> None:
    for name in ("requirements.txt", "deploy/requirements-runtime.txt"):
        pinned = re.findall(r"^([\w.-]+)(?:\[.*\])?==", (ROOT / name).read_text("utf-8"), re.MULTILINE)
        assert {found.lower() for found in pinned} & set(REFUSED) == set(), name


def test_the_server_opens_no_control_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    for settings in ("deploy/gunicorn.conf.py", "cms/cli/gunicorn_conf.py"):
        known = runpy.run_path(str(ROOT / settings))
        assert known["control_socket_disable"] is True
        assert known["forwarded_allow_ips"] == ""
        assert known["secure_scheme_headers"] == {}


def test_pages_take_from_bootstrap_what_they_show(app: Flask, client: PageClient, as_: As) -> None:
    """The package ships 27 MB; no page of ours loads any of it, or anything from elsewhere."""
    assert not [rule.rule for rule in app.url_map.iter_rules() if "bootstrap" in rule.rule]
    for asker, path in ((client, "/"), (client, "/login"), (as_(ADA), "/admin/posts/new/")):
        text = asker.get(path).get_data(as_text=True)
        loaded = re.findall(r"<(?:script|link|img)[^>]*(?:src|href)=\"([^\"]+)\"", text)
        assert [found for found in loaded if not found.startswith(("/", "http://localhost/"))] == [], path


def test_the_template_of_all_tests_is_a_closed_database(shared_root: Path) -> None:
    """A copy of an open SQLite file may lack what stands in its log."""
    template = databases.sqlite_template(shared_root)
    assert not template.with_name("masthead.db-wal").exists()
    with closing(sqlite3.connect(f"file:{template}?mode=ro&immutable=1", uri=True)) as connection:
        assert connection.execute("SELECT COUNT(*) FROM users").fetchone()[0] == 5
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_nothing_asks_another_host() -> None:
    """There is one way out, and it is guarded; mail, the database and the store of pages go where the operator says."""
    asks = re.compile(
        r"^\s*(?:import|from)\s+"
        r"(urllib\.request|urllib3|http\.client|requests|httpx|aiohttp|ftplib|telnetlib|socket|smtplib|redis|authlib\.integrations)\b",
        re.M,
    )
    found = {
        path.relative_to(ROOT).as_posix(): set(asks.findall(text))
        for path in (ROOT / "cms").rglob("*.py")
        if asks.search(text := path.read_text("utf-8"))
    }
    door = {"cms/core/fetch.py", "cms/core/fetch_transport.py"}
    elsewhere = {path: modules for path, modules in found.items() if path not in door}
    allowed = {
        # The supervisor asks its own server whether it is up; the job runner names its machine.
        "cms/cli/serve.py": {"http.client", "socket"},
        "cms/core/jobs/runner.py": {"socket"},
        "cms/core/mail.py": {"smtplib"},
        "cms/core/redis_link.py": {"redis"},
        "cms/cli/setup.py": {"redis"},
        "cms/cli/checks_services.py": {"redis", "smtplib"},
    }
    assert {path: extra for path, modules in elsewhere.items() if (extra := modules - allowed.get(path, set()))} == {}


@pytest.mark.parametrize("backend", ["RedisCache", "NullCache", "SimpleCache", "FileSystemCache"])
def test_a_store_that_cannot_keep_the_law_keeps_no_page(make_app: Callable[..., Flask], backend: str) -> None:
    """Only ours knows what a page was made from; a Redis that is not there, too, leaves the site as it is."""
    app = make_app(CACHE_TYPE=backend, CACHE_REDIS_URL="redis://127.0.0.1:1/0")
    with app.app_context():
        make_post("Loaf")
        client = app.test_client()
        for _round in range(2):
            answer = client.get("/posts/loaf/")
            assert (answer.status_code, answer.headers.get("X-Cache")) == (200, None)
        assert page_store() is None
        with transaction() as session:
            session.execute(update(Entry).values(title="Rye"))
        assert "Rye" in client.get("/posts/loaf/").get_data(as_text=True)
