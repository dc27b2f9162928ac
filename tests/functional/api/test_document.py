"""The OpenAPI document: complete, valid, the same for everybody, and what the judge of all other tests goes by."""

from __future__ import annotations

import json
from collections.abc import Callable
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
from cms.core.permissions import PUBLIC, SIGNED_IN, registry, route_permission
from cms.core.stamps import stamp_of
from tests.functional.api.client import ApiClient
from tests.functional.api.contract import Contract, contract
from tests.functional.api.tokens import program_of
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


def test_statuses_are_those_that_can_be_answered() -> None:
    answers = {(method, path): set(told["responses"]) for path, method, told in operations()}
    for path in ("login", "second-factor", "register"):
        told = answers["post", f"/api/v1/auth/{path}"]
        # A wrong token is not looked at, a wrong password is.
        assert ("401" in told) == (path != "register"), path
    for path in ("/users/me", "/permissions"):
        assert "403" not in answers["get", f"/api/v1{path}"], path
    assert "409" not in answers["post", "/api/v1/links/check"]


def test_further_permissions_and_refused_tokens_are_told() -> None:
    found = {(method, path.removeprefix("/api/v1")): told for path, method, told in operations()}
    for (method, path), names in {
        ("patch", "/users"): ["accounts:user:list", "accounts:user:edit", "accounts:user:deactivate"],
        ("patch", "/users/{user_id}"): ["accounts:user:list", "accounts:role:assign"],
        ("patch", "/users/me"): ["accounts:user:edit"],
        ("patch", "/posts/{entry_id}"): ["content:post:publish", "content:entry:assign"],
        ("put", "/pages/{entry_id}"): ["content:page:publish"],
        ("delete", "/posts/{entry_id}"): ["content:post:publish", "content:entry:erase"],
        ("post", "/pages/{entry_id}/restore"): ["content:page:publish"],
        ("delete", "/media/{media_id}"): ["media:file:erase"],
    }.items():
        told = found[method, path]
        for name in names:
            assert name in told["x-further-permissions"], path
            assert f"`{name}`" in told["description"], path
            assert name in registry, name
        assert "403" in told["responses"], path
    refused = {where for where, told in found.items() if told.get("x-personal-tokens") is False}
    assert refused == {
        ("post", "/auth/logout"), ("post", "/auth/confirm"), ("get", "/me/tokens"), ("post", "/me/tokens"),
        ("get", "/me/tokens/{token_id}"), ("get", "/me/sign-ins"), ("get", "/me/sign-ins/{sign_in_id}"),
        ("delete", "/me/sign-ins/{sign_in_id}"),
    }  # fmt: skip
    assert all("Personal tokens are refused" in found[where]["description"] for where in refused)


def test_personal_tokens_are_refused_where_the_document_says_so(app: Flask) -> None:
    program = program_of(app, ADA, *registry.names())
    for path, method, told in operations():
        if told.get("x-personal-tokens") is False:
            answer = program.open(method, _filled(path), json=None if method == "get" else {})
            assert (answer.status_code, answer.json["code"]) == (403, "forbidden"), f"{method} {path}"


def test_errors_are_called_alike_in_the_document_and_in_answers(stranger: ApiClient) -> None:
    examples = {
        told["example"]["status"]: told["example"]["title"]
        for answer in build_document()["components"]["responses"].values()
        for told in answer["content"].values()
    }
    assert (examples[413], examples[414], examples[422]) == (
        "Content Too Large", "URI Too Long", "Unprocessable Content",
    )  # fmt: skip
    assert stranger.get("/posts?sort=colour").json["title"] == examples[422]
    assert stranger.post("/auth/login", data=b" " * (SMALL + 1)).json["title"] == examples[413]


def test_every_code_of_an_error_can_be_met(stranger: ApiClient) -> None:
    assert stranger.get("/problems/too_slow").status_code == 404


def test_errors_tell_how_often_one_may_ask(make_app: Callable[..., Flask]) -> None:
    counting = make_app(CMS_API_RATE_STRANGERS="100 per minute")
    with counting.app_context():
        answer = ApiClient(counting).get("/posts/999999")
    assert answer.status_code == 404
    assert answer.headers["RateLimit-Limit"] == "100"


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


def _answer(status: int, body: object, kind: str = "application/json", **headers: str | None) -> TestResponse:
    told = {"X-Request-ID": "abcdefgh", "ETag": '"5e7d1b"', **headers}
    named = {name.replace("_", "-"): value for name, value in told.items() if value is not None}
    made = Response(json.dumps(body), status=status, content_type=kind, headers=named)
    return TestResponse([made.get_data()], made.status, made.headers, request=_Asked())  # type: ignore[arg-type]


def _problem(status: int, **headers: str) -> TestResponse:
    told = {"type": "https://example.com/", "title": "", "detail": "", "code": "", "errors": {}, "message": ""}
    body = {**told, "status": status, "request_id": "abcdefgh"}
    return _answer(status, body, "application/problem+json", **{"ETag": None, **headers})


class _Asked:
    """A request without a query."""

    args: dict[str, str] = {}  # noqa: RUF012 -- nobody writes into it


_KIND = {"code": "not_found", "status": 404, "meaning": "There is nothing here."}
_PATH = "/api/v1/problems/not_found"


def test_the_judge_lets_pass_what_is_documented() -> None:
    contract().check("get", _PATH, _answer(200, _KIND, RateLimit_Limit="600"))
    contract().check("get", _PATH, _problem(429, Retry_After="7", RateLimit_Remaining="0"))


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/api/v1/nothing", _answer(200, _KIND)),
        (_PATH, _answer(200, {**_KIND, "more": 1})),
        (_PATH, _answer(200, {"code": "not_found", "status": 404})),
        (_PATH, _answer(200, {**_KIND, "status": "404"})),
        (_PATH, _answer(200, _KIND, "text/html")),
        (_PATH, _answer(418, _KIND)),
        (_PATH, _answer(404, {"detail": "no problem"}, "application/problem+json", ETag=None)),
        (_PATH, _answer(200, _KIND, **{"X-Request-ID": ""})),
        (_PATH, _answer(200, _KIND, ETag=None)),
        (_PATH, _answer(200, _KIND, ETag="5e7d1b")),
        (_PATH, _answer(200, _KIND, RateLimit_Limit="many")),
        (_PATH, _answer(200, _KIND, RateLimit_Remaining="-1")),
        (_PATH, _answer(200, _KIND, Retry_After="7")),
        (_PATH, _problem(429)),
        (_PATH, _problem(429, Retry_After="soon")),
        (_PATH, _problem(503)),
        (_PATH, _problem(401)),
    ],
    ids=[
        "path", "more", "less", "type", "content type", "status", "problem", "request id", "no etag", "no quotes",
        "many", "less than none", "unknown header", "no wait", "no number", "no wait either", "no challenge",
    ],
)  # fmt: skip
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
