"""The OpenAPI document: complete, valid, the same for everybody, and what the judge of all other tests goes by."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_smorest.spec.plugins import FlaskPlugin
from openapi_spec_validator import validate
from werkzeug.test import TestResponse
from werkzeug.wrappers import Response

from cms.api.spec import build_document
from cms.api.v1.schemas.auth import LoginBody
from cms.core.limits import SMALL
from cms.core.permissions import PUBLIC, SIGNED_IN, route_permission
from cms.core.stamps import stamp_of
from tests.functional.api.client import ApiClient
from tests.functional.api.contract import Contract, contract
from tests.people import ADA

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


def test_the_beginning_leads_to_it(app: Flask, stranger: ApiClient) -> None:
    told = stranger.get("").json
    assert told["version"] == stranger.get("/openapi.json").json["info"]["version"]
    site = app.config["CMS_BASE_URL"]
    for name in ("openapi", "reference", "docs"):
        assert told[name].startswith(f"{site}/api/v1/")
        assert app.test_client().get(told[name].removeprefix(site)).status_code == 200


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


def bodies() -> list[tuple[str, dict[str, Any]]]:
    """Return every JSON body that can be sent, with where."""
    return [
        (f"{method} {path}", told["requestBody"]["content"]["application/json"])
        for path, method, told in operations()
        if "application/json" in told.get("requestBody", {}).get("content", {})
    ]


def test_every_body_has_an_example_of_a_first_call() -> None:
    for where, content in bodies():
        contract().validate(f"the example of {where}", content["schema"], content["example"])
        assert len(content["example"]) <= 3, where
    shown = dict(bodies())
    assert shown["post /api/v1/tags"]["example"] == {"name": "Walks"}
    assert shown["patch /api/v1/tags"]["example"] == {"items": [{"id": 7, "name": "Walks"}]}
    assert shown["post /api/v1/auth/login"]["example"].keys() == {"email", "password"}


@pytest.mark.parametrize("path", ["/posts", "/pages", "/tags", "/categories", "/users", "/roles"])
def test_the_example_of_what_makes_a_thing_makes_one(app: Flask, path: str) -> None:
    example = dict(bodies())[f"post /api/v1{path}"]["example"]
    made = ApiClient(app).sign_in(ADA).post(path, json=example)
    assert made.status_code == 201, made.text


def test_what_stands_for_nothing_is_told_of_what_may_be_nothing() -> None:
    for name, schema in build_document()["components"]["schemas"].items():
        for field, told in schema.get("properties", {}).items():
            if "; null" in told.get("description", ""):
                kinds = [told, *told.get("anyOf", [])]
                assert any("null" in kind.get("type", ()) for kind in kinds), f"{name}.{field}"


def test_words_and_examples_are_those_of_the_thing() -> None:
    schemas = build_document()["components"]["schemas"]

    def told(name: str, field: str) -> tuple[str, Any]:
        part = schemas[name]["properties"][field]
        return part["description"], part.get("examples", [None])[0]

    device = told("LoginBody", "device")[1]
    assert device == told("SignedIn", "device")[1] == told("SecondFactorBody", "device")[1]
    assert LoginBody().load({"email": "a", "password": "b", "device": device})["device"] == device
    assert "mailed code" in told("SecondFactorBody", "code")[0]
    assert told("Token", "expires_at")[0] == "From when on it opens nothing."
    assert "/category/" in told("Category", "url")[1]
    assert "/author/" in told("User", "url")[1]
    for name in ("LinkResult", "Embed"):
        assert "site" not in told(name, "url")[0].removesuffix(", on the other site.")
    for name in ("TagChanges", "PostChanges", "UserChanges"):
        assert told(name, "items")[0].startswith("Changes")
    for name in ("EntryChangeResult", "TagChangeResult", "UserChangeResult"):
        assert schemas[name]["properties"]["problem"]["anyOf"][0] == {"$ref": "#/components/schemas/Problem"}
    pages = build_document()["paths"]["/api/v1/pages"]["get"]["parameters"]
    below = next(parameter for parameter in pages if parameter["name"] == "parent_id")
    assert below["description"] == "Only what lies right below this one."


def test_errors_are_worded_for_programs() -> None:
    answers = build_document()["components"]["responses"]
    for name in ("Conflict", "HeadersTooLarge"):
        for word in ("browser", "cookies", "Your text"):
            assert word not in json.dumps(answers[name]), name


def test_the_second_factor_is_documented_where_it_is_asked_for() -> None:
    told = build_document()["paths"]["/api/v1/auth/login"]["post"]["responses"]["401"]["content"]
    content = told["application/problem+json"]
    assert content["example"].keys() >= {"challenge", "ways", "expires_in"}
    contract().validate("its example", {"$ref": "#/components/schemas/SecondFactorRequired"}, content["example"])


def test_the_document_and_the_handbook_begin_alike() -> None:
    first = build_document()["info"]["description"].partition(", for programs.")[0]
    page = (Path(__file__).parents[3] / "docs" / "api.md").read_text("utf-8")
    assert " ".join(page.split()).startswith(f"# The API {first}, for programs: ")


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


def largest(schema: dict[str, Any], named: dict[str, Any]) -> int:
    """Return how many bytes a value may have, with texts of four bytes a letter; no schema here leads to itself.

    What no schema bounds (a text's own rules do) counts as nothing.
    """
    if "$ref" in schema:
        return largest(named[schema["$ref"].rpartition("/")[2]], named)
    if either := schema.get("anyOf") or schema.get("oneOf"):
        return max(largest(one, named) for one in either)
    return max(
        20,
        4 * schema.get("maxLength", 0),
        schema.get("maxItems", 0) * largest(schema["items"], named) if "items" in schema else 0,
        sum(len(name) + 4 + largest(part, named) for name, part in schema.get("properties", {}).items()),
    )


def test_whatever_the_document_allows_is_not_too_large(app: Flask) -> None:
    named, too_large = build_document()["components"]["schemas"], []
    for rule in app.url_map.iter_rules():
        for method in set(rule.methods or ()) & {"POST", "PUT", "PATCH"}:
            path = FlaskPlugin.flaskpath2openapi(rule.rule)
            told = build_document()["paths"].get(path, {}).get(method.lower(), {}).get("requestBody", {})
            body = told.get("content", {}).get("application/json")
            if body is None:
                continue
            taken = stamp_of(app.view_functions[rule.endpoint], method, "__cms_takes__") or SMALL
            if largest(body["schema"], named) > (app.config["CMS_MAX_FORM_BYTES"] if taken == "long" else taken):
                too_large.append(f"{method} {path}")
    assert too_large == []
