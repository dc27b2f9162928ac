"""For whoever watches the site: `/healthz` (the process is up) and `/readyz` (it can do its work)."""

from __future__ import annotations

import logging
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Response, current_app, jsonify
from sqlalchemy import text

from cms.core.permissions import public_route
from cms.extensions import cache, db, migrate
from cms.public.routes import blueprint

_log = logging.getLogger("cms.public")


@blueprint.get("/healthz")
@public_route
def healthz() -> Response:
    """Say that the process is up; nothing else is asked."""
    return _answer(Response("ok\n", content_type="text/plain; charset=utf-8"))


@blueprint.get("/readyz")
@public_route
def readyz() -> Response:
    """Say whether database, migrations, cache and disk work; 503 with the names of those that do not."""
    failed = [name for name, check in CHECKS.items() if not _works(name, check)]
    response = jsonify({"ready": not failed, "failed": failed})
    response.status_code = 503 if failed else 200
    return _answer(response)


def _answer(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def _works(name: str, check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception as error:  # noqa: BLE001 -- whatever a check raises, it says that this does not work
        # The log tells why; the answer is for everybody and tells names only.
        _log.warning("not ready: %s (%s: %s)", name, type(error).__name__, error)
        return False


def _database() -> bool:
    with db.engine.connect() as connection:
        return connection.execute(text("SELECT 1")).scalar() == 1


def _migrations() -> bool:
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.directory).resolve()))
    wanted = set(ScriptDirectory.from_config(config).get_heads())
    with db.engine.connect() as connection:
        return set(MigrationContext.configure(connection).get_current_heads()) == wanted


def _cache() -> bool:
    if current_app.config.get("CACHE_TYPE") in ("NullCache", "null", "flask_caching.backends.NullCache"):
        return True
    value = secrets.token_hex(4)
    cache.set("readyz", value, timeout=60)
    return cache.get("readyz") is not None


def _disk() -> bool:
    for folder in (current_app.config["CMS_INSTANCE"], current_app.config["CMS_UPLOADS"]):
        path = Path(folder)
        if not path.is_dir():
            path.mkdir(parents=True)
        with tempfile.TemporaryFile(dir=path) as file:
            file.write(b"ready")
    return True


CHECKS: dict[str, Callable[[], bool]] = {
    "database": _database,
    "migrations": _migrations,
    "cache": _cache,
    "disk": _disk,
}
