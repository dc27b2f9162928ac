"""A program that uses the API: it shows a token, never a cookie, and holds every answer against the document."""

from __future__ import annotations

from contextvars import Context
from typing import Any

from flask import Flask, has_app_context
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cms.extensions import db
from tests.functional.api.contract import contract
from tests.people import PASSWORD, Person

V1 = "/api/v1"


class ApiClient:
    """Sends requests as they come to a server; AssertionError for an answer that the OpenAPI document does not allow.

    Addresses below /api/v1 may be shortened: `/posts` is `/api/v1/posts`. `check=False` is for requests that are
    meant to lie outside the document: unknown addresses, methods, broken bodies that a server answers differently.
    """

    def __init__(self, app: Flask, token: str | None = None) -> None:
        self.app = app
        self.token = token
        self.refresh_token: str | None = None
        self._client = FlaskClient(app, use_cookies=False)

    def sign_in(self, person: Person, password: str = PASSWORD) -> ApiClient:
        """Sign in with mail address and password, and show the access token from now on."""
        answer = self.post("/auth/login", json={"email": person.email, "password": password})
        assert answer.status_code == 200, f"{person.name} could not sign in: {answer.get_data(as_text=True)}"
        told: Any = answer.json
        self.token, self.refresh_token = told["access_token"], told["refresh_token"]
        return self

    def open(self, method: str, path: str, *, check: bool = True, **options: Any) -> TestResponse:
        """Send a request and return the answer, checked against the document."""
        if not path.startswith("/api"):
            path = f"{V1}{path}"
        headers = dict(options.pop("headers", None) or {})
        if self.token is not None:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        sent = options.get("json")
        answer: TestResponse = Context().run(self._client.open, path, method=method, headers=headers, **options)
        if has_app_context():
            # The request may have changed what the test has read.
            db.session.rollback()
        if check:
            contract().check(method, path.partition("?")[0], answer, sent=sent)
        return answer

    def get(self, path: str, **options: Any) -> TestResponse:
        """Read."""
        return self.open("GET", path, **options)

    def head(self, path: str, **options: Any) -> TestResponse:
        """Read the headers alone."""
        return self.open("HEAD", path, **options)

    def post(self, path: str, **options: Any) -> TestResponse:
        """Make something, or have something done."""
        return self.open("POST", path, **options)

    def put(self, path: str, **options: Any) -> TestResponse:
        """Replace."""
        return self.open("PUT", path, **options)

    def patch(self, path: str, **options: Any) -> TestResponse:
        """Change."""
        return self.open("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> TestResponse:
        """Delete."""
        return self.open("DELETE", path, **options)

    def options(self, path: str, **options: Any) -> TestResponse:
        """Ask which methods there are; the document does not name this one, as every address has it."""
        options.setdefault("check", False)
        return self.open("OPTIONS", path, **options)


def not_there(answer: TestResponse) -> set[str]:
    """Return what an answer blames for naming a place that a list has not; AssertionError for any other answer."""
    told: Any = answer.json
    assert (answer.status_code, told["code"]) == (404, "no_such_place"), answer.get_data(as_text=True)
    return set(told["errors"])
