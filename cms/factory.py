"""The start-up, one named step a line."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask

from cms.config import load_settings
from cms.core.db import engine_options, transaction
from cms.core.gate import init_gate
from cms.core.permissions import system_user
from cms.core.telemetry import init_telemetry
from cms.extensions import Base, babel, csrf, db, migrate

ROOT = Path(__file__).resolve().parent.parent
PARTS = (
    "cms.core.compression:init_compression",
    "cms.core.storage:init_storage",
    "cms.settings.queries:init_settings",
    "cms.accounts.security:init_security",
    "cms.content:init_content",
    "cms.media:init_media",
    "cms.comments:init_comments",
    "cms.transfer:init_transfer",
    "cms.cache:init_cache",
    "cms.theming:init_theming",
    "cms.public:init_public",
    "cms.admin:init_admin",
    "cms.cli:init_cli",
)


def create_app(config: str | Mapping[str, Any] | None = None) -> Flask:
    """Make the application for an environment's name or a mapping of settings; opens no connection, writes nothing.

    Raises ConfigurationError, in one sentence, when the settings do not allow a start.
    """
    settings = load_settings(config, root=ROOT)
    app = Flask("cms", root_path=str(ROOT / "cms"), instance_path=str(settings["CMS_INSTANCE"]), static_folder=None)
    app.config.update(settings)
    init_telemetry(app)
    init_gate(app)
    init_database(app)
    init_i18n(app)
    csrf.init_app(app)
    for part in PARTS:
        module, name = part.split(":")
        try:
            found = getattr(importlib.import_module(module), name)
            found(app)
        except (ImportError, AttributeError):
            continue
    return app


def init_database(app: Flask) -> None:
    """Join the database and its migrations to the application; the models of every feature become known."""
    for feature in ("core.jobs", "settings", "accounts", "media", "content", "comments", "transfer"):
        importlib.import_module(f"cms.{feature}.models")
    options = engine_options(app.config["SQLALCHEMY_DATABASE_URI"])
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", options)
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"))
    app.shell_context_processor(shell_names)


def init_i18n(app: Flask) -> None:
    """Join translations; the language and zone are those of the signed-in person, else the site's."""
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", str(ROOT / "cms" / "translations"))
    babel.init_app(app)


def shell_names() -> dict[str, object]:
    """Return what `flask shell` has at hand: every model, the database and `transaction`."""
    models = {mapper.class_.__name__: mapper.class_ for mapper in Base.registry.mappers}
    return {**models, "db": db, "transaction": transaction, "system_user": system_user}
