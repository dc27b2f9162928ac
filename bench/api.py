"""The API beside bare Flask: the same SQLite tables, the same fields of the same rows, by ORM and `jsonify`, one run.

The bare views ask nobody who they are, check nothing that is sent, and know one order and no cursors; like ours, they
count, and load what they show and nothing else. Strangers are answered as readers are, from the store while nothing
changes; what they are the first to ask for is made, and so is every answer with a token.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import count, repeat
from typing import Any

from flask import Flask, jsonify, request
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, MetaData, Table, func, select
from sqlalchemy.orm import DeclarativeBase, load_only, relationship, selectinload

from bench.common import EMAIL, PASSWORD, Task, add_posts, installation, medians, verdict
from cms.extensions import db

POSTS = 10_000
FIELDS = (
    "id", "slug", "title", "state", "visibility", "language", "excerpt", "summary", "word_count", "published_at",
    "revised_at", "featured_media_id", "parent_id", "menu_order", "seo_title", "seo_description", "canonical_url",
    "noindex", "sticky", "comments_open", "version", "created_at", "updated_at", "binned_at",
)  # fmt: skip
#: Throughput of at least 0.8 of the bare view's is at most so much of its time.
BAR = 1 / 0.8


def bare_app(uri: str, engine: Engine) -> Flask:
    """Return an application that answers `/posts` and `/posts/<id>` with the same values and nothing else."""

    class Base(DeclarativeBase):
        metadata = MetaData()

    class AuthorRow(Base):
        __table__ = Table("entry_authors", Base.metadata, autoload_with=engine)

    class TermRow(Base):
        __table__ = Table("terms", Base.metadata, autoload_with=engine)

    class Row(Base):
        __table__ = Base.metadata.tables["entries"]
        authors = relationship(AuthorRow, order_by=AuthorRow.__table__.c.position)
        terms = relationship(TermRow, secondary=Table("entry_terms", Base.metadata, autoload_with=engine))

    app = Flask("bare")
    app.config.update(SQLALCHEMY_DATABASE_URI=uri)
    plain = SQLAlchemy(app, model_class=Base)
    table = Row.__table__
    *shown_columns, text_column = (getattr(Row, name) for name in (*FIELDS, "address", "body"))

    def values(row: Any) -> dict[str, Any]:
        shown = {name: getattr(row, name) for name in FIELDS}
        shown |= {name: str(value) for name, value in shown.items() if isinstance(value, datetime)}
        terms = {kind: [term.id for term in row.terms if term.kind == kind] for kind in ("category", "tag")}
        authors = [link.user_id for link in row.authors]
        url = f"http://localhost{row.address}"
        return {**shown, "url": url, "author_ids": authors, "category_ids": terms["category"], "tag_ids": terms["tag"]}

    @app.get("/posts")
    def posts() -> Any:
        size = int(request.args.get("per_page", 20))
        wanted = (table.c.kind == "post", table.c.state == "published", table.c.visibility == "public")
        query = select(Row).where(*wanted).order_by(table.c.published_at.desc(), table.c.id.desc()).limit(size)
        query = query.options(load_only(*shown_columns), selectinload(Row.authors), selectinload(Row.terms))
        total = plain.session.scalar(select(func.count()).select_from(table).where(*wanted))
        return jsonify(items=[values(row) for row in plain.session.scalars(query)], total=total, page=1, per_page=size)

    @app.get("/posts/<int:entry_id>")
    def post(entry_id: int) -> Any:
        row: Any = plain.session.get_one(Row, entry_id, options=[load_only(*shown_columns, text_column)])
        return jsonify({**values(row), "body": row.body})

    return app


def asking(client: FlaskClient, paths: Iterator[str], headers: dict[str, str] | None = None) -> Task:
    """Return a task that reads the next twenty addresses."""

    def run() -> None:
        for _turn in range(20):
            answer = client.get(next(paths), headers=headers)
            assert answer.status_code == 200, answer.text

    return Task(run)


def main() -> None:
    """Measure, tell, and judge."""
    with installation(CACHE_TYPE="shared") as app:
        add_posts(app, POSTS)
        with app.app_context():
            bare = bare_app(app.config["SQLALCHEMY_DATABASE_URI"], db.engine).test_client()
        ours = app.test_client(use_cookies=False)
        told: Any = ours.post("/api/v1/auth/login", json={"email": EMAIL, "password": PASSWORD}).json
        token = {"Authorization": f"Bearer {told['access_token']}"}
        figures = {
            name: medians(
                asking(ours, repeat(f"/api/v1{path}")),
                asking(ours, (f"/api/v1{new.format(number)}" for number in count(1))),
                asking(ours, repeat(f"/api/v1{live}"), token),
                asking(bare, repeat(path)),
                rounds=40,
            )
            for name, path, new, live in (
                # Filters that leave nothing out: the same rows under an address that nobody asked for before.
                (
                    "list",
                    "/posts?per_page=20",
                    "/posts?per_page=20&published_after=2000-01-01T00:00:00.{:06}Z",
                    "/posts?per_page=20&sort=-published_at",
                ),
                ("read", "/posts/5000", "/posts/{}", "/posts/5000?view=live"),
            )
        }
    bars, told = {}, {}
    print(f"{'':6}" + "".join(f"{head:>18}" for head in ("kept ms", "first ms", "token ms", "bare ms")))
    for name, times in figures.items():
        *ours_ms, bare_ms = (seconds / 20 for seconds in times)
        shown = "".join(f"{one:10.2f} ({bare_ms / one:4.2f}x)" for one in ours_ms)
        print(f"{name:6}{shown}{bare_ms:18.2f}")
        bars[name] = ours_ms[0] / bare_ms, BAR
        told |= {f"{name}_first": f"{ours_ms[1] / bare_ms:.2f}", f"{name}_token": f"{ours_ms[2] / bare_ms:.2f}"}
    verdict("bench-api", bars, **told)


if __name__ == "__main__":
    main()
