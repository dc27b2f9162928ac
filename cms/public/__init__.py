"""The site as readers find it."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from datetime import UTC, datetime

from flask import Flask

from cms.cache.pages import register_horizon, register_version
from cms.core.headers import init_headers
from cms.media.variants import use_widths
from cms.public.errors import init_errors
from cms.public.frame import get_frame
from cms.public.routes import blueprint
from cms.public.seeing import init_seeing
from cms.theming.rendering import themes

_PARTS = (
    "posts", "terms", "authors", "archive", "search", "feeds", "sitemap", "health", "appearance", "assets", "preview",
    "reports", "wellknown", "home", "pages",
)  # fmt: skip


def init_public(app: Flask) -> None:
    """Join the routes, errors and headers of the public site to the application."""
    for part in _PARTS:
        importlib.import_module(f"cms.public.{part}")
    media = importlib.import_module("cms.public.media")
    app.register_blueprint(media.blueprint)
    app.register_blueprint(blueprint)
    init_errors(app)
    init_headers(app)
    init_seeing(app)
    use_widths(_image_widths)
    register_horizon(_next_new_year)
    register_version(_look)


def _image_widths() -> Iterable[int]:
    """Return the widths that the theme wants pictures in."""
    return get_frame().engine.theme.manifest.image_sizes


def _look() -> str:
    """Pages name files of the theme by their hash, so a page that outlived its theme would stand unstyled."""
    return themes().version()


def _next_new_year(now: datetime) -> datetime | None:
    """Pages leave the year out of dates of this year, so they are made anew in the next."""
    zone = get_frame().zone
    return datetime(now.astimezone(zone).year + 1, 1, 1, tzinfo=zone).astimezone(UTC)
