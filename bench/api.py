"""The API beside bare Flask: the same SQLite tables, the same fields of the same rows, by ORM and `jsonify`, one run.

The bare views ask nobody who they are, check nothing that is sent, and know one order and no cursors; like ours, they
count. Strangers are answered as readers are, from the store while nothing changes; with a token every answer is made.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Flask, jsonify, request
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, MetaData, Table, func, select
from sqlalchemy.orm import DeclarativeBase, relationship, selectinload

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
        query = query.options(selectinload(Row.authors), selectinload(Row.terms))
        total = plain.session.scalar(select(func.count()).select_from(table).where(*wanted))
        return jsonify(items=[values(row) for row in plain.session.scalars(query)], total=total, page=1, per_page=size)

    @app.get("/posts/<int:entry_id>")
    def post(entry_id: int) -> Any:
        row: Any = plain.session.get_one(Row, entry_id)
        return jsonify({**values(row), "body": row.body})

    return app


def asking(client: FlaskClient, path: str, headers: dict[str, str] | None = None) -> Task:
    """Return a task that reads an address twenty times."""

    def run() -> None:
        for _turn in range(20):
            answer = client.get(path, headers=headers)
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
        figures: dict[str, tuple[float, float, float]] = {}
        for name, path in (("list", "/posts?per_page=20"), ("read", "/posts/5000")):
            live = f"/api/v1{path}" + ("?view=live" if name == "read" else "&sort=-published")
            stranger, holder, other = medians(
                asking(ours, f"/api/v1{path}"), asking(ours, live, token), asking(bare, path), rounds=40
            )
            figures[name] = stranger / 20, holder / 20, other / 20
    print(f"{'':8}{'stranger ms':>14}{'token ms':>12}{'bare ms':>12}{'stranger x':>12}{'token x':>10}")
    for name, (stranger, holder, other) in figures.items():
        times = f"{stranger:14.2f}{holder:12.2f}{other:12.2f}"
        print(f"{name:8}{times}{other / stranger:12.2f}{other / holder:10.2f}")
    bars = {name: (stranger / other, BAR) for name, (stranger, _holder, other) in figures.items()}
    with_token = {f"{name}_token": f"{holder / other:.2f}" for name, (_stranger, holder, other) in figures.items()}
    verdict("bench-api", bars, **with_token)


if __name__ == "__main__":
    main()
