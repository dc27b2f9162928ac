"""Addresses of the public site that no entry has: theme files, numbered pages."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from flask import request

from cms.core.errors import NotFound
from cms.theming.loader import Theme
from cms.theming.manifest import Value

_NUMBER = re.compile(r"[1-9][0-9]{0,6}")


def page_number() -> int:
    """Return the number in `?page=`, 1 if there is none; raises NotFound for anything that is no page number."""
    values = request.args.getlist("page")
    if not values:
        return 1
    if len(values) > 1 or not _NUMBER.fullmatch(values[0]):
        raise NotFound()
    return int(values[0])


def settings_stylesheet(theme: Theme, values: Mapping[str, Value]) -> str:
    """Return the theme's settings as CSS; empty if nothing differs from the theme's own."""
    return theme.manifest.stylesheet(values)


def settings_url(theme: Theme, values: Mapping[str, Value]) -> tuple[str, ...]:
    """Return the stylesheets beside the theme's own: the settings, if any differ, and the reader's light or dark."""
    css = settings_stylesheet(theme, values)
    digest = hashlib.sha256(css.encode()).hexdigest()[:10]
    chosen = (f"/theme/settings.css?v={digest}",) if css else ()
    return (*chosen, "/appearance.css")
