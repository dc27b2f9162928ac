"""Rendering a page of the running site with the theme that is chosen in the settings."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from flask import Flask, current_app
from jinja2 import TemplateError

from cms.theming.contexts import SiteContext
from cms.theming.engine import ThemeEngine
from cms.theming.errors import ThemeError
from cms.theming.loader import DEFAULT, find_theme
from cms.theming.manifest import Value

_log = logging.getLogger("cms.theming")
_EXTENSION = "masthead_themes"


@dataclass
class Themes:
    """The themes of an application: where they lie, the engines made so far, and what went wrong with which."""

    roots: tuple[Path, ...]
    auto_reload: bool = False
    engines: dict[str, ThemeEngine] = field(default_factory=dict)
    #: The last fault of each theme, in a sentence for whoever looks after the site.
    faults: dict[str, str] = field(default_factory=dict)
    _version: str = ""

    def version(self) -> str:
        """Return a name for all files of all themes as they are now; another one means that pages look different."""
        if self.auto_reload or not self._version:
            files = [file for root in self.roots if root.is_dir() for file in root.rglob("*") if file.is_file()]
            stats = [f"{file}:{file.stat().st_mtime_ns}:{file.stat().st_size}" for file in sorted(files)]
            self._version = hashlib.sha256("\n".join(stats).encode()).hexdigest()[:12]
        return self._version

    def engine(self, name: str) -> ThemeEngine:
        """Return the engine of the theme `name`; raises ThemeError if there is no such theme or it is faulty."""
        if name not in self.engines:
            theme = find_theme(name, self.roots)
            self.engines[name] = ThemeEngine(theme, auto_reload=self.auto_reload)
        return self.engines[name]


def init_theming(app: Flask) -> None:
    """Tell the application where themes lie: those shipped, and those of this installation."""
    shipped = Path(app.root_path).parent / "themes"
    roots = (shipped, Path(app.instance_path) / "themes")
    app.extensions[_EXTENSION] = Themes(roots, auto_reload=app.config.get("CMS_ENV") == "development")


def themes() -> Themes:
    """Return the themes of the current application."""
    found: Themes = current_app.extensions[_EXTENSION]
    return found


def engine_for(name: str) -> ThemeEngine:
    """Return the engine of the theme `name`, or of `default` (with a note in the log) if it cannot be used."""
    known = themes()
    try:
        return known.engine(name)
    except ThemeError as error:
        if name == DEFAULT:
            raise
        if known.faults.get(name) != str(error):
            known.faults[name] = str(error)
            _log.error("The theme %s cannot be used, default takes its place: %s", name, error)
        return known.engine(DEFAULT)


def theme_values(engine: ThemeEngine, chosen: Mapping[str, object]) -> dict[str, Value]:
    """Return the theme's settings with the values chosen for them."""
    return engine.theme.manifest.values(chosen)


def render_page(
    names: Sequence[str], *, theme: str, site: SiteContext, now: datetime, context: Mapping[str, object]
) -> str:
    """Render the first of the templates `names` with a theme.

    If the theme fails, the fault is noted for whoever looks after the site, and readers get the page in `default`.
    """
    engine = engine_for(theme)
    try:
        return engine.render(names, site=site, now=now, context=context).text
    except (TemplateError, ThemeError, ArithmeticError, LookupError, TypeError, ValueError, RecursionError) as error:
        if engine.theme.name == DEFAULT:
            raise
        fault = f"{type(error).__name__} in {getattr(error, 'name', None) or names[0]}: {error}"
        themes().faults[engine.theme.name] = fault
        _log.exception("The theme %s failed, default takes its place: %s", engine.theme.name, fault)
    return themes().engine(DEFAULT).render(names, site=site, now=now, context=context).text
