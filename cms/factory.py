"""The start-up, one named step a line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask

import cms.audit.models
import cms.transfer.models
import cms.transfer.records  # noqa: F401 -- tables and acts that nothing else asks for at the start
from cms.accounts.security import init_security
from cms.admin import init_admin
from cms.api import init_api
from cms.audit import init_audit
from cms.cache import init_cache
from cms.cli import init_cli
from cms.comments import init_comments
from cms.config import load_settings
from cms.content import init_content
from cms.core.compression import init_compression
from cms.core.cookies import init_cookies
from cms.core.db import engine_options, transaction
from cms.core.gate import init_gate
from cms.core.limits import init_limits
from cms.core.permissions import system_user
from cms.core.proxies import init_proxies
from cms.core.storage import init_storage
from cms.core.telemetry import init_telemetry
from cms.extensions import Base, babel, csrf, db, migrate
from cms.media import init_media
from cms.public import init_public
from cms.settings.queries import init_settings
from cms.theming import init_theming

ROOT = Path(__file__).resolve().parent.parent


def create_app(config: str | Mapping[str, Any] | None = None) -> Flask:
    """Make the application for an environment's name or a mapping of settings; opens no connection, writes nothing.

    Raises ConfigurationError, in one sentence, when the settings do not allow a start.
    """
    settings = load_settings(config, root=ROOT)
    app = Flask("cms", root_path=str(ROOT / "cms"), instance_path=str(settings["CMS_INSTANCE"]), static_folder=None)
    app.config.update(settings)
    init_telemetry(app)
    init_proxies(app)
    init_limits(app)
    init_cookies(app)
    init_gate(app)
    init_database(app)
    init_i18n(app)
    csrf.init_app(app)
    init_compression(app)
    init_storage(app)
    init_settings(app)
    init_security(app)
    init_content(app)
    init_media(app)
    init_comments(app)
    init_audit(app)
    init_cache(app)
    init_theming(app)
    init_public(app)
    init_admin(app)
    init_api(app)
    init_cli(app)
    return app


def init_database(app: Flask) -> None:
    """Join the database and its migrations to the application; the models of every feature are known by then."""
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
