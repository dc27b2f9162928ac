"""The back office beside a bare Flask-Admin ModelView: the same SQLite table, page size and run.

The bare view shows four columns, searches title and slug as ours does, and saves title and text. It checks no
permission, keeps no revision and commits by itself; what ours costs beyond it is the price of the house.
"""

import itertools
import json
from collections.abc import Iterator
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

from bench.common import EMAIL, PASSWORD, Task, add_posts, installation, medians, verdict
from cms.admin.posts import PostView
from cms.content.actions.create_entry import create_entry
from cms.content.fields import EntryFields
from cms.core.db import transaction
from cms.core.permissions import system_user
from cms.extensions import db
from tests.clients import form_values

FEW, MANY = 1_000, 100_000
QUERY = "harbour"


def bare_app(uri: str, engine: Engine) -> Flask:
    """Return an application with nothing but Flask-Admin over the table of entries."""

    class Base(DeclarativeBase):
        metadata = MetaData()

    class Row(Base):
        __table__ = Table("entries", Base.metadata, autoload_with=engine)

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


def opener(client: FlaskClient, path: str, words: str) -> Task:
    """Return a task that opens a page, which must hold the words."""

    def run() -> None:
        answer = client.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status}"
        assert answer.data

    assert words.encode() in client.get(path).data, f"{path} does not show {words!r}"
    return Task(run)


def begin_post(app: Flask) -> str:
    """Make a draft and return the address of its form."""
    with app.app_context():
        with transaction():
            post = create_entry("post", EntryFields(title="Low water"), by=system_user())
        return f"/admin/posts/{post.id}/"


def saver(client: FlaskClient, path: str, selector: str, field: str, texts: Iterator[str], status: int) -> Task:
    """Return a task that sends a form with another text each time; opening the form is not timed."""
    ready: dict[str, Any] = {}

    def prepare() -> None:
        ready["form"] = _form(client, path, selector)
        ready["form"].setlist(field, [next(texts)])

    def run() -> None:
        answer = client.post(path, data=ready["form"])
        assert answer.status_code == status, f"{path}: {answer.status}"

    return Task(run, prepare)


def our_texts(sentence: str) -> Iterator[str]:
    """Yield documents of twenty paragraphs, each time with other words."""
    for number in itertools.count():
        texts = (f"{sentence} {number} {part}" for part in range(20))
        blocks = [{"type": "paragraph", "content": [{"type": "text", "text": text}]} for text in texts]
        yield json.dumps({"type": "doc", "content": blocks})


def bare_texts(sentence: str) -> Iterator[str]:
    """Yield the same words as plain text."""
    for number in itertools.count():
        yield "\n\n".join(f"{sentence} {number} {part}" for part in range(20))


def main() -> None:
    """Measure, tell, and judge."""
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
        our_save = saver(ours, begin_post(app), "form#entry", "body_json", our_texts(text), 303)
        bare_save = saver(theirs, "/bare/rows/edit/?id=2", "form.admin-form", "body_text", bare_texts(text), 302)
        saved, bare_saved = medians(our_save, bare_save, rounds=30)
        figures["save"] = saved, bare_saved
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
