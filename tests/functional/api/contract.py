"""The OpenAPI document as a judge: is an answer one that it allows?"""

from __future__ import annotations

import copy
import re
from datetime import date, datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from werkzeug.test import TestResponse

from cms.api.spec import build_document

_URN = "urn:document"
formats = FormatChecker(formats=())


@formats.checks("date-time", raises=ValueError)
def _is_moment(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@formats.checks("date", raises=ValueError)
def _is_date(value: object) -> bool:
    return not isinstance(value, str) or bool(date.fromisoformat(value))


@formats.checks("uri", raises=ValueError)
def _is_address(value: object) -> bool:
    return not isinstance(value, str) or urlsplit(value).scheme in ("http", "https", "mailto", "urn")


@formats.checks("email")
def _is_mail_address(value: object) -> bool:
    return not isinstance(value, str) or bool(re.fullmatch(r"[^@\s]+@[^@\s]+", value))


class Contract:
    """What the document promises, asked of single answers; each promise that is broken is an AssertionError."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = _closed(document)
        resource = Resource.from_contents(self.document, default_specification=DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource(_URN, resource)
        # Names before parameters: /users/me is not /users/{user_id}.
        paths = sorted(document["paths"], key=lambda path: (path.count("{"), path))
        self._paths = [(path, re.compile(re.sub(r"\{\w+\}", "([^/]+)", path))) for path in paths]
        self._validators: dict[str, Draft202012Validator] = {}

    def check(self, method: str, path: str, answer: TestResponse, *, sent: Any = None) -> None:
        """Raise AssertionError unless the document allows this answer to `method` at `path`.

        What was taken (2xx) as JSON has to be what the document says may be sent.
        """
        template, operation = self.operation(method, path)
        where = f"{method.upper()} {path}: {answer.status_code}"
        assert answer.headers.get("X-Request-ID"), f"{where} has no X-Request-ID"
        responses = operation["responses"]
        told = responses.get(str(answer.status_code))
        assert told is not None, f"{where} is not documented at {template}: {answer.get_data(as_text=True)[:500]}"
        if "$ref" in told:
            told = self.document["components"]["responses"][told["$ref"].rpartition("/")[2]]
        self._check_headers(where, told, answer)
        self._check_body(where, method, told, answer)
        self._check_query(where, operation, answer)
        if sent is not None and answer.status_code < 300 and "requestBody" in operation:
            content = operation["requestBody"]["content"].get("application/json")
            assert content is not None, f"{where}: JSON was taken, which the document does not know"
            self.validate(f"{where}: what was sent", content["schema"], sent)

    def operation(self, method: str, path: str) -> tuple[str, dict[str, Any]]:
        """Return the path of the document that an address belongs to, and what happens there by `method`."""
        method = "get" if method.lower() == "head" else method.lower()
        for template, pattern in self._paths:
            if pattern.fullmatch(path) and method in self.document["paths"][template]:
                return template, self.document["paths"][template][method]
        raise AssertionError(f"the document has no {method.upper()} {path}; give check=False where that is meant")

    def _check_headers(self, where: str, told: dict[str, Any], answer: TestResponse) -> None:
        """Look whether the headers are there that the document promises, as it says, and no others that it knows of."""
        promised = {name: self._header(header) for name, header in told.get("headers", {}).items()}
        for name, header in promised.items():
            value = answer.headers.get(name)
            if value is None:
                assert not header.get("required"), f"{where} has no {name}"
                continue
            whole = header["schema"]["type"] == "integer" and re.fullmatch(r"[0-9]+", value)
            self.validate(f"{where}: {name}", header["schema"], int(value) if whole else value)
        silent = (set(self.document["components"]["headers"]) & set(answer.headers.keys())) - set(promised)
        assert not silent, f"{where} has {sorted(silent)}, which the document does not know there"

    def _header(self, told: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self.document["components"]["headers"][told["$ref"].rpartition("/")[2]]
        return found

    def _check_body(self, where: str, method: str, told: dict[str, Any], answer: TestResponse) -> None:
        if method.lower() == "head" or "content" not in told:
            assert not answer.get_data(), f"{where} has a body, which the document does not know"
            return
        content = told["content"].get(answer.mimetype)
        assert content is not None, f"{where} is {answer.mimetype}, documented are {sorted(told['content'])}"
        if answer.mimetype.endswith("json"):
            self.validate(where, content["schema"], answer.json)
        if answer.mimetype == "application/problem+json":
            said: Any = answer.json
            assert said["status"] == answer.status_code, f"{where} says that it is {said['status']}"
            assert said["request_id"] == answer.headers["X-Request-ID"]

    def _check_query(self, where: str, operation: dict[str, Any], answer: TestResponse) -> None:
        if answer.status_code < 300:
            known = {item["name"] for item in operation.get("parameters", []) if item["in"] == "query"}
            assert set(answer.request.args) <= known, f"{where}: the document knows only {sorted(known)} in the query"

    def validate(self, where: str, schema: dict[str, Any], value: Any) -> None:
        """Raise AssertionError, naming what is wrong, unless a value is what a schema of the document says."""
        key = repr(schema)
        if key not in self._validators:
            absolute = _absolute(schema)
            self._validators[key] = Draft202012Validator(absolute, registry=self._registry, format_checker=formats)
        wrong = sorted(self._validators[key].iter_errors(value), key=lambda error: list(map(str, error.path)))
        told = [f"{'/'.join(map(str, error.path)) or 'the body'}: {error.message[:300]}" for error in wrong[:5]]
        assert not told, f"{where} is not what the document says:\n" + "\n".join(told)


def _absolute(part: Any) -> Any:
    if isinstance(part, dict):
        return {
            name: f"{_URN}{value}" if name == "$ref" and str(value).startswith("#") else _absolute(value)
            for name, value in part.items()
        }
    return [_absolute(item) for item in part] if isinstance(part, list) else part


def _closed(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with every schema closed: who reads overlooks what they do not know, these tests do not."""
    closed = copy.deepcopy(document)
    for schema in closed["components"]["schemas"].values():
        if schema.get("type") == "object" and "properties" in schema:
            schema.setdefault("additionalProperties", False)
    return closed


@cache
def contract() -> Contract:
    """Return the judge of this process."""
    return Contract(build_document())
