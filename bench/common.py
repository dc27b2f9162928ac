"""What the benchmarks share: an installation of their own, medians, and the closing line."""

import contextlib
import gc
import logging
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import flask_migrate
from flask import Flask
from sqlalchemy import insert

from cms.accounts.actions.create_user import create_user
from cms.accounts.models import User
from cms.accounts.passwords import hash_new_password
from cms.accounts.queries import get_role
from cms.accounts.roles import ADMIN, sync_roles
from cms.content.models import Entry, EntryAuthor
from cms.core.db import transaction
from cms.core.permissions import system_user
from cms.extensions import db
from cms.factory import create_app
from cms.lib.clock import utcnow

EMAIL, PASSWORD = "ada@example.com", "the ferry leaves at five"
_WORDS = (
    "harbour", "kettle", "tide", "ladder", "ferry", "morning", "walk", "lens", "shower", "knot",
    "gull", "map", "quay", "coffee", "rain", "bread", "boat", "lamp", "stone", "path",
)  # fmt: skip


@contextlib.contextmanager
def installation(**settings: Any) -> Iterator[Flask]:
    """Give an application on a fresh SQLite file in a temporary folder, with Ada as its administrator."""
    with tempfile.TemporaryDirectory(prefix="masthead-bench-") as folder:
        instance = Path(folder) / "instance"
        instance.mkdir()
        base = {
            "TESTING": True,
            "CMS_INSTANCE": str(instance),
            "CMS_UPLOADS": f"{folder}/uploads",
            "CMS_BASE_URL": "http://localhost",
            "SECRET_KEY": "a key for measuring and nothing else 0123",
            "SECURITY_PASSWORD_SALT": "some salt for measuring",
        }
        app = create_app(base | settings)
        # Measured as it runs: without what Flask does for tests alone.
        app.testing = False
        logging.getLogger("alembic").setLevel(logging.WARNING)
        with app.app_context():
            flask_migrate.upgrade()
            with transaction():
                sync_roles()
            password_hash = hash_new_password(PASSWORD, EMAIL)
            with transaction():
                admin = get_role(ADMIN)
                create_user(email=EMAIL, name="Ada", roles=[admin], password_hash=password_hash, by=system_user())
            db.session.remove()
        yield app
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def add_posts(app: Flask, count: int) -> None:
    """Add published posts until there are `count`, by plain inserts."""
    with app.app_context():
        author = db.session.query(User).filter_by(email=EMAIL).one().id
        present = db.session.query(Entry).count()
        now = utcnow()
        for start in range(present, count, 5000):
            numbers = range(start, min(start + 5000, count))
            with transaction() as session:
                session.execute(insert(Entry.__table__), [_row(number, now, author) for number in numbers])  # type: ignore[arg-type]  # a mapped class has a Table
                rows = [{"entry_id": number + 1, "user_id": author, "position": 0} for number in numbers]
                session.execute(insert(EntryAuthor.__table__), rows)  # type: ignore[arg-type]  # as above
        with db.engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
        db.session.remove()


def _row(number: int, now: Any, author: int) -> Mapping[str, Any]:
    title = " ".join(_WORDS[(number * step + step) % len(_WORDS)] for step in (1, 3, 7, 11)).capitalize()
    text = f"{title}. " * 12
    moment = now - timedelta(minutes=number)
    paragraph = {"type": "paragraph", "attrs": {"id": "p000000000"}, "content": [{"type": "text", "text": text}]}
    return {
        "id": number + 1,
        "kind": "post",
        "title": f"{title} {number}",
        "slug": f"post-{number}",
        "address": f"/posts/post-{number}/",
        "state": "published",
        "published_at": moment,
        "revised_at": moment,
        "created_at": moment,
        "updated_at": moment,
        "created_by_id": author,
        "updated_by_id": author,
        "body": {"type": "doc", "content": [paragraph]},
        "body_html": f"<p>{text}</p>",
        "body_text": text,
        "word_count": len(text.split()),
        "summary": text[:160],
        "live_revision_number": None,
        "working_revision_number": 0,
    }


@dataclass(frozen=True)
class Task:
    """Something to be timed, and what comes before each time and is not."""

    run: Callable[[], object]
    prepare: Callable[[], object] = bool


def medians(*tasks: Task, rounds: int, warm: int = 3) -> list[float]:
    """Return the median time of each task in milliseconds; the tasks take turns, so that noise meets all alike."""
    taken: list[list[float]] = [[] for _ in tasks]
    for number in range(rounds + warm):
        for task, times in zip(tasks, taken, strict=True):
            task.prepare()
            gc.collect()
            began = time.perf_counter()
            task.run()
            if number >= warm:
                times.append((time.perf_counter() - began) * 1000)
    return [statistics.median(times) for times in taken]


def verdict(name: str, bars: Mapping[str, tuple[float, float]], **more: object) -> NoReturn:
    """Print the closing line and exit: each figure is held against the bar beside it."""
    passed = all(value <= bar for value, bar in bars.values())
    figures = [f"{key}={value:.2f}/{bar:g}" for key, (value, bar) in bars.items()]
    figures += [f"{key}={value}" for key, value in more.items()]
    print(f"{name}: {'PASS' if passed else 'FAIL'} {' '.join(figures)}")
    sys.exit(0 if passed else 1)
