"""The OpenAPI document: complete, valid, the same for everybody, and what the judge of all other tests goes by."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from flask_smorest.spec.plugins import FlaskPlugin
from openapi_spec_validator import validate
from werkzeug.test import TestResponse
from werkzeug.wrappers import Response

from cms.api.spec import build_document
from cms.core.permissions import PUBLIC, SIGNED_IN, route_permission
from tests.functional.api.client import ApiClient
from tests.functional.api.contract import Contract, contract

METHODS = ("get", "post", "put", "patch", "delete")


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, told) for path, item in build_document()["paths"].items() for method, told in item.items()]


def test_it_is_a_valid_openapi_document() -> None:
    document = build_document()
    assert document["openapi"].startswith("3.1")
    validate(document)


def test_it_is_read_by_anybody_and_kept_while_it_is_the_same(stranger: ApiClient) -> None:
    answer = stranger.get("/openapi.json")
    assert answer.json == build_document()
    again = stranger.get("/openapi.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")


def test_it_has_every_route_of_the_api_but_pages_for_people(app: Flask) -> None:
    known = {(path, method) for path, method, _told in operations()}
    routes = {
        (FlaskPlugin.flaskpath2openapi(rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
        if rule.endpoint.startswith("api_v1.") and not rule.endpoint.startswith("api_v1.handbook.")
    }
    assert known == {(path, method) for path, method in routes if method in METHODS}


def test_operations_have_names_of_their_own() -> None:
    names = [told["operationId"] for _path, _method, told in operations()]
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_operations_say_what_they_do_and_who_may() -> None:
    for path, method, told in operations():
        where = f"{method} {path}"
        assert told["summary"], where
        assert told["description"], where
        assert told["tags"], where
        assert "401" in told["responses"], where
        assert any(status.startswith("2") for status in told["responses"]), where
        for parameter in told["parameters"]:
            assert parameter.get("description"), f"{where}: {parameter['name']}"


def test_operations_ask_for_what_their_stamp_says(app: Flask) -> None:
    adapter = app.url_map.bind("localhost")
    for path, method, told in operations():
        endpoint, _arguments = adapter.match(_filled(path), method=method.upper())
        stamp = route_permission(endpoint, app.view_functions[endpoint], method.upper())
        assert ({} in told["security"]) == (stamp == PUBLIC), f"{method} {path}"
        assert told.get("x-permission") == (None if stamp in (PUBLIC, SIGNED_IN) else stamp), f"{method} {path}"


def test_what_is_sent_may_hold_only_what_is_named() -> None:
    schemas = build_document()["components"]["schemas"]
    for path, method, told in operations():
        for content in told.get("requestBody", {}).get("content", {}).values():
            name = content["schema"].get("$ref", "").rpartition("/")[2]
            if name:
                assert schemas[name]["additionalProperties"] is False, f"{method} {path}"


def test_every_field_says_what_it_is() -> None:
    schemas = build_document()["components"]["schemas"]
    silent = [f"{name}: no description" for name, schema in schemas.items() if not schema.get("description")]
    for name, schema in schemas.items():
        fields = schema.get("properties", {})
        silent += [
            f"{name}.{field}" for field, told in fields.items() if not told.get("description") and "$ref" not in told
        ]
    assert silent == [], (
        f"{silent}: say it in the schema, or in cms/api/spec_words.py where the name means the same everywhere"
    )


def test_examples_are_what_their_schemas_say() -> None:
    schemas = build_document()["components"]["schemas"]
    for name, schema in schemas.items():
        for example in schema.get("examples", ()):
            contract().validate(f"the example of {name}", {"$ref": f"#/components/schemas/{name}"}, example)


def _filled(path: str) -> str:
    return "/".join("1" if part.startswith("{") else part for part in path.split("/"))


def _answer(status: int, body: object, kind: str = "application/json", **headers: str) -> TestResponse:
    made = Response(json.dumps(body), status=status, content_type=kind, headers={"X-Request-ID": "abcdefgh", **headers})
    return TestResponse([made.get_data()], made.status, made.headers, request=_Asked())  # type: ignore[arg-type]


class _Asked:
    """A request without a query."""

    args: dict[str, str] = {}  # noqa: RUF012 -- nobody writes into it


_KIND = {"code": "not_found", "status": 404, "meaning": "There is nothing here."}
_PATH = "/api/v1/problems/not_found"


def test_the_judge_lets_pass_what_is_documented() -> None:
    contract().check("get", _PATH, _answer(200, _KIND))


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/api/v1/nothing", _answer(200, _KIND)),
        (_PATH, _answer(200, {**_KIND, "more": 1})),
        (_PATH, _answer(200, {"code": "not_found", "status": 404})),
        (_PATH, _answer(200, {**_KIND, "status": "404"})),
        (_PATH, _answer(200, _KIND, "text/html")),
        (_PATH, _answer(418, _KIND)),
        (_PATH, _answer(404, {"detail": "no problem"}, "application/problem+json")),
        (_PATH, _answer(200, _KIND, **{"X-Request-ID": ""})),
    ],
    ids=["path", "more", "less", "type", "content type", "status", "problem", "request id"],
)
def test_the_judge_stops_what_is_not(path: str, answer: TestResponse) -> None:
    with pytest.raises(AssertionError):
        Contract(build_document()).check("get", path, answer)


def test_it_is_the_same_in_every_language(stranger: ApiClient) -> None:
    german = stranger.get("/openapi.json", headers={"Accept-Language": "de"})
    assert german.json == stranger.get("/openapi.json").json
