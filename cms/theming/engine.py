"""Rendering with a theme: its environment, its words, its helpers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from gettext import NullTranslations
from typing import Any

from markupsafe import Markup

from cms.theming import bootstrap, translations
from cms.theming.contexts import SiteContext
from cms.theming.errors import ThemeError
from cms.theming.helpers import DateHelpers, iso, read_icon
from cms.theming.limits import metered
from cms.theming.loader import Theme, ThemeLoader
from cms.theming.sandbox import ThemeEnvironment

_log = logging.getLogger("cms.theming")
_dates: ContextVar[DateHelpers | None] = ContextVar("theme_dates", default=None)
_DATE_FILTERS = (
    "long_date", "short_date", "day", "month", "month_name", "month_year", "date_time", "number", "year"
)  # fmt: skip


def _date_filter(name: str) -> Callable[[Any], str]:
    def filtered(value: Any) -> str:
        return str(getattr(_dates.get(), name)(value))

    return filtered


@dataclass(frozen=True)
class Rendered:
    """What a rendering gave, and the template it came from."""

    text: str
    template: str


class ThemeEngine:
    """Renders the templates of one theme; made once a process and kept.

    A `strict` one raises ThemeError for a static file that is not there; else the page stands without it.
    """

    def __init__(self, theme: Theme, *, auto_reload: bool = False, strict: bool = False) -> None:
        self.strict = strict
        self.theme = theme
        self.static_path = f"/theme/{theme.name}"
        self.environment = ThemeEnvironment(ThemeLoader(theme), auto_reload=auto_reload)
        self.environment.add_translations(translations.gettext, translations.ngettext)
        for name in _DATE_FILTERS:
            self.environment.filters[name] = _date_filter(name)
        self.environment.filters["iso"] = iso
        helpers = (
            self.icon,
            self.static_url,
            bootstrap.render_pagination,
            bootstrap.render_field,
            bootstrap.render_form,
        )
        for helper in helpers:
            self.environment.add_helper(helper.__name__, helper)
        self._icons: dict[str, Markup] = {}
        self._words: Callable[[str], NullTranslations] = lru_cache(maxsize=16)(self._read_words)

    def _read_words(self, language: str) -> NullTranslations:
        return translations.load_translations(self.theme, language)

    def icon(self, name: str, flip: bool = False) -> Markup:
        """Return the icon `partials/icons/<name>.svg` as inline SVG; `flip` mirrors it from right to left."""
        if name not in self._icons:
            file = self.theme.find("partials", f"icons/{name}.svg")
            if file is None:
                raise ThemeError(f"The theme {self.theme.name} has no icon {name}.")
            self._icons[name] = read_icon(file)
        made = self._icons[name]
        if not flip:
            return made
        flipped = str(made).replace('class="icon"', 'class="icon icon-flip"', 1)
        return Markup(flipped)  # noqa: S704 -- a fixed class added to what read_icon found clean

    def static_url(self, name: str) -> str:
        """Return the path of a file of the theme's static folder; it changes whenever the file does."""
        try:
            return f"{self.static_path}/{self.theme.asset(name)}"
        except ThemeError as error:
            if self.strict:
                raise
            _log.error("%s", error)
            return f"{self.static_path}/{name}"

    def render(
        self, names: Sequence[str], *, site: SiteContext, now: datetime, context: Mapping[str, object]
    ) -> Rendered:
        """Render the first of the templates `names` that the theme, a parent or `default` has.

        `now` is the present in the site's zone. Raises jinja2's errors and ThemeError.
        """
        token = _dates.set(DateHelpers(site.language, now))
        translations.use_translations(self._words(site.language))
        try:
            template = self.environment.select_template(list(names))
            with metered():
                text = template.render(site=site, **context)
        finally:
            _dates.reset(token)
        return Rendered(text, template.name or names[0])
