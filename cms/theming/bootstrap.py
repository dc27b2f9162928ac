"""Bootstrap-Flask's macros for themes.

The macros count on names that are undefined and on a request, which a theme's own environment has not; so they are
rendered in an ordinary environment of ours, and themes get them as functions under the names they are known by.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup
from wtforms import Field, Form, HiddenField

from cms.theming.contexts import Pagination

_DEFAULTS = {
    "BOOTSTRAP_BTN_STYLE": "primary",
    "BOOTSTRAP_BTN_SIZE": "md",
    "BOOTSTRAP_FORM_GROUP_CLASSES": "mb-3",
    "BOOTSTRAP_FORM_INLINE_CLASSES": "row row-cols-lg-auto g-3 align-items-center",
}
_FEEDBACK = re.compile(r'<div class="invalid-feedback d-block">')


@lru_cache(maxsize=1)
def _environment() -> Environment:
    package = find_spec("flask_bootstrap")
    shipped = Path(str(package.origin)).parent / "templates" if package else Path()
    folders = [Path(__file__).parent / "templates", shipped]
    made = Environment(loader=FileSystemLoader(folders), autoescape=True, extensions=["jinja2.ext.do"])
    made.globals |= {
        "config": _DEFAULTS,
        "bootstrap_is_hidden_field": lambda field: isinstance(field, HiddenField),
    }
    return made


def _macro(template: str, name: str) -> Any:
    return getattr(_environment().get_template(template).module, name)


@dataclass(frozen=True)
class _Pages:
    """A Pagination as the macros know it (Flask-SQLAlchemy's names)."""

    pagination: Pagination

    @property
    def page(self) -> int:
        return self.pagination.page

    @property
    def has_prev(self) -> bool:
        return self.pagination.has_previous

    @property
    def has_next(self) -> bool:
        return self.pagination.has_next

    @property
    def prev_num(self) -> int:
        return self.pagination.page - 1

    @property
    def next_num(self) -> int:
        return self.pagination.page + 1

    def iter_pages(self) -> Iterator[int | None]:
        return iter(self.pagination.numbers)

    def url(self, number: int) -> str:
        return self.pagination.url(number)


def render_pagination(pagination: Pagination, **options: Any) -> Markup:
    """Return the links to the pages of a list; nothing if there is one page only.

    `prev` and `next` are the words of those links, `label` and `page_label` what screen readers hear.
    """
    if pagination.pages <= 1:
        return Markup()
    macro = _macro("bootstrap5/pagination.html", "render_pagination")
    return Markup(macro(_Pages(pagination), **options))  # noqa: S704 -- a macro with autoescaping has made it


def render_field(field: Field, **options: Any) -> Markup:
    """Return a form field with label, help and errors; an error is told to screen readers with the field."""
    field.render_kw = dict(field.render_kw or {})
    error_id = f"{field.id}-error"
    if field.errors:
        options |= {"aria_invalid": "true", "aria_describedby": error_id}
    html = str(_macro("bootstrap5/form.html", "render_field")(field, **options))
    marked = _FEEDBACK.sub(f'<div class="invalid-feedback d-block" id="{error_id}">', html, count=1)
    return Markup(marked)  # noqa: S704 -- a macro with autoescaping has made it; the id is the field's own


def render_form(form: Form, **options: Any) -> Markup:
    """Return a whole form with its fields and buttons."""
    for field in form:
        field.render_kw = dict(field.render_kw or {})
    return Markup(_macro("bootstrap5/form.html", "render_form")(form, **options))  # noqa: S704 -- as above
