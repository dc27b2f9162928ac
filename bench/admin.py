"""The back office beside a bare Flask-Admin ModelView: the same SQLite table, page size and run.

The bare view shows four columns, searches title and slug as ours does, and saves title and text. It checks no
permission, keeps no revision and commits by itself; what ours costs beyond it is the price of the house.
"""

import itertools
import json
from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from flask_admin import Admin
from flask_admin.contrib.sqla import ModelView
from flask_babel import Babel
from flask_sqlalchemy import SQLAlchemy
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import Engine, MetaData, Table
from sqlalchemy.orm import DeclarativeBase
from wtforms import TextAreaField

from bench.common import EMAIL, PASSWORD, add_posts, installation, medians, verdict
from cms.admin.posts import PostView
from cms.extensions import db
from tests.clients import form_values

FEW, MANY = 1_000, 100_000
QUERY = "harbour"


def bare_app(uri: str, engine: Engine) -> Flask:
    """Return an application with nothing but Flask-Admin over the table of entries."""

    class Base(DeclarativeBase):
        metadata = MetaData()

    class Row(Base):
        __table__ = Table("entries", Base.metadata, autoload_with=engine, resolve_fks=False)

    class RowView(ModelView):
        page_size = PostView.page_size
        column_list = ("title", "state", "published_at", "updated_at")
        column_searchable_list = ("title", "slug")
        column_default_sort = ("updated_at", True)
        form_columns = ("title", "body_text")
        form_overrides = {"body_text": TextAreaField}  # noqa: RUF012 -- a class attribute of Flask-Admin's kind

    app = Flask("bare")
    app.config.update(SECRET_KEY="bare", SQLALCHEMY_DATABASE_URI=uri)
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"connect_args": {"timeout": 15}}
    plain = SQLAlchemy(app, model_class=Base)
    Babel(app)
    admin = Admin(app, name="Bare", url="/bare")
    admin.add_view(RowView(Row, plain, endpoint="row", url="rows"))
    return app


def signed_in(app: Flask) -> FlaskClient:
    """Return Ada's client."""
    client = app.test_client()
    form = _form(client, "/login", "form[method=post]")
    answer = client.post("/login", data={**form, "email": EMAIL, "password": PASSWORD})
    assert answer.status_code == 302, answer.status
    return client


def _form(client: FlaskClient, path: str, selector: str) -> Any:
    page = LexborHTMLParser(client.get(path).get_data(as_text=True))
    form = page.css_first(selector)
    assert form is not None, f"no form {selector} at {path}"
    return form_values(form)


def opener(client: FlaskClient, path: str, words: str) -> Callable[[], object]:
    """Return a task that opens a page, which must hold the words."""

    def task() -> object:
        answer = client.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status}"
        return answer.data

    assert words.encode() in client.get(path).data, f"{path} does not show {words!r}"
    return task


def our_saver(client: FlaskClient, path: str, text: str) -> Callable[[], object]:
    """Return a task that saves a post with another text; opening its form again is part of no measurement."""
    turn = itertools.count()
    form = _form(client, path, "form#entry")

    def save() -> object:
        number = next(turn)
        paragraphs = [
            {"type": "paragraph", "content": [{"type": "text", "text": f"{text} {number} {part}"}]}
            for part in range(20)
        ]
        form.setlist("body_json", [json.dumps({"type": "doc", "content": paragraphs})])
        answer = client.post(path, data=form)
        assert answer.status_code == 303, answer.status
        # Each save raises the version by one; what the page would say is said here.
        form.setlist("version", [str(int(form["version"]) + 1)])
        return answer.data

    return save


def bare_saver(client: FlaskClient, text: str) -> Callable[[], object]:
    """Return a task that saves a row of the bare view."""
    path = "/bare/rows/edit/?id=2"
    turn = itertools.count()
    form = _form(client, path, "form.admin-form")

    def save() -> object:
        form.setlist("body_text", [f"{text} {next(turn)} " * 20])
        answer = client.post(path, data=form)
        assert answer.status_code == 302, answer.status
        return answer.data

    return save


def main() -> None:
    """Measure, tell, and judge."""
    # Without pauses between requests of one person, limits meant for people would be in the way.
    with installation() as app:
        add_posts(app, FEW)
        with app.app_context():
            bare = bare_app(app.config["SQLALCHEMY_DATABASE_URI"], db.engine)
        ours, theirs = signed_in(app), bare.test_client()
        figures: dict[str, tuple[float, float]] = {}
        for count, rounds in ((FEW, 40), (MANY, 25)):
            add_posts(app, count)
            figures[f"list {count}"] = _pair(ours, theirs, "/admin/posts/", "/bare/rows/", rounds)
            search = (f"/admin/posts/?q={QUERY}", f"/bare/rows/?search={QUERY}")
            figures[f"search {count}"] = _pair(ours, theirs, *search, rounds)
        text = "Low water was at six, and by seven the whole harbour was standing on its feet."
        save, bare_save = medians(our_saver(ours, text), bare_saver(theirs, text), rounds=30)
        figures["save"] = save, bare_save
        with bare.app_context():
            bare.extensions["sqlalchemy"].engine.dispose()
    ratios = {name: mine / other for name, (mine, other) in figures.items()}
    print(f"{'':16}{'ours ms':>10}{'bare ms':>10}{'ratio':>8}")
    for name, (mine, other) in figures.items():
        print(f"{name:16}{mine:10.2f}{other:10.2f}{ratios[name]:8.2f}")
    verdict(
        "bench-admin",
        {
            "list_1000": (ratios[f"list {FEW}"], 2),
            "list_100000": (ratios[f"list {MANY}"], 1.5),
            "search": (max(ratios[f"search {FEW}"], ratios[f"search {MANY}"]), 1.5),
            "save": (ratios["save"], 4),
        },
    )


def _pair(ours: FlaskClient, theirs: FlaskClient, path: str, bare_path: str, rounds: int) -> tuple[float, float]:
    mine, other = medians(opener(ours, path, "harbour"), opener(theirs, bare_path, "harbour"), rounds=rounds)
    return mine, other


if __name__ == "__main__":
    main()
