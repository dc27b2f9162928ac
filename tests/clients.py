"""A client that fills in forms as a browser without scripts would: what is not typed stays as the page had it."""

from __future__ import annotations

from contextvars import Context
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask import has_app_context
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser, LexborNode
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from cms.extensions import db
from tests.people import PASSWORD, Person


class PageClient(FlaskClient):
    """Flask's test client with forms; its requests share nothing with the test, or each other, but the database."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request as it comes to a server: nothing of the test's application context reaches into it.

        Afterwards the test's own session forgets what it read, which the request may have changed.
        """
        answer: TestResponse = Context().run(super().open, *args, **kwargs)
        if has_app_context():
            db.session.rollback()
        return answer

    def page(self, path: str, **options: Any) -> LexborHTMLParser:
        """Return the parsed page at `path`."""
        return LexborHTMLParser(self.get(path, **options).get_data(as_text=True))

    def submit(
        self,
        path: str,
        fields: dict[str, Any] | None = None,
        *,
        form: str = "form[method=post]:not([data-aside])",
        button: tuple[str, str] | None = None,
        **options: Any,
    ) -> TestResponse:
        """Open `path`, fill in the first form that the CSS selector `form` finds, and send it."""
        found = self.page(path).css_first(form)
        if found is None:
            raise AssertionError(f"no form {form!r} at {path}")
        values = form_values(found)
        for name, value in (fields or {}).items():
            values.poplist(name)
            for item in value if isinstance(value, list) else [value]:
                values.add(name, item)
        if button:
            values.add(*button)
        target = urljoin(path, found.attributes.get("action") or path)
        parts = urlsplit(target)
        address = parts.path + (f"?{parts.query}" if parts.query else "")
        return self.post(address, data=values, **options)

    def sign_in(self, person: Person, password: str = PASSWORD) -> PageClient:
        """Sign in through the form, as a person would."""
        answer = self.submit("/login", {"email": person.email, "password": password})
        if answer.status_code != 302:
            raise AssertionError(f"{person.name} could not sign in: {answer.status}")
        return self

    def csrf_token(self, path: str) -> str:
        """Return the token of the first form at `path`."""
        return next(
            (field.attributes.get("value") or "" for field in self.page(path).css("input[name=csrf_token]")), ""
        )


def form_values(form: LexborNode) -> MultiDict[str, Any]:
    """Return what a browser would send for a form nobody touched, buttons apart."""
    values: MultiDict[str, Any] = MultiDict()
    for field in form.css("input, textarea, select"):
        name, attributes = field.attributes.get("name"), field.attributes
        if not name or "disabled" in attributes:
            continue
        kind = attributes.get("type") or "text"
        if field.tag == "textarea":
            values.add(name, field.text().removeprefix("\n"))
        elif field.tag == "select":
            for value in _chosen(field):
                values.add(name, value)
        elif kind in ("checkbox", "radio"):
            if "checked" in attributes:
                values.add(name, attributes.get("value") or "on")
        elif kind not in ("submit", "button", "image", "reset", "file"):
            values.add(name, attributes.get("value") or "")
    return values


def _chosen(field: LexborNode) -> list[str]:
    options = field.css("option")
    chosen = [option for option in options if "selected" in option.attributes]
    if not chosen and options and "multiple" not in field.attributes:
        chosen = options[:1]
    return [(option.attributes["value"] or "") if "value" in option.attributes else option.text() for option in chosen]
