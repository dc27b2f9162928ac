"""The OpenAPI document: what the views declare, completed, made once a process when somebody asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import Context
from functools import cache
from inspect import getdoc
from typing import Any, cast

from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from flask import Flask
from flask_smorest import Api, Blueprint
from flask_smorest.spec.plugins import FlaskPlugin
from marshmallow import Schema, fields

from cms.api.lists import Names
from cms.api.spec_bodies import finish_bodies, refer_to_problems
from cms.api.spec_operations import complete_operation, link_what_is_made
from cms.api.spec_parts import HEADERS, PROBLEM, SECOND_FACTOR_REQUIRED, SECURITY, Part, problem_responses
from cms.api.spec_schemas import About, tidy_schemas
from cms.api.v1 import blueprint
from cms.core.permissions import route_permission

_METHODS = ("get", "post", "put", "patch", "delete")
_TITLE = "Masthead"
#: The version of the document's promise, not of the product: the first number is that of the path.
VERSION = "1.0"
_ABOUT = """Posts and pages, categories and tags, media files, people and roles, settings and search, for programs.

A token allows what its person may do in the back office, at most. Groups, the record of what was done and what is
held about a person are in the back office alone.

Sign in with `POST /api/v1/auth/login`, or make a personal token in the back office, and send it with each request as
`Authorization: Bearer …`. Without a token the API shows what readers see on the site, no more.

- **Errors** come in one shape, `application/problem+json`: `code` is for programs, `detail` for people.
- **Lists** come in pages: follow `next`, or the header `Link`.
- **Versions**: each thing has an `ETag`. Send it as `If-Match`, and what somebody else saved meanwhile stays.
- **Limits** are told in `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` and, when they are reached, in
  `Retry-After`.

Version 1 only grows: what is here stays, and programs should overlook fields that they do not know.
"""


class _Document(Api):
    """flask-smorest's document alone: errors are answered by us, and its own answers for them are not named."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """Join none."""

    def _register_responses(self) -> None:
        """Join none."""

    def _register_pagination_header(self) -> None:
        """Join none."""


@cache
def build_document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of version 1; callers share it and change nothing.

    Texts are those of the source, whoever asks first.
    """
    return Context().run(_build)


def _build() -> Part:
    app = Flask("document")
    app.config.update(API_TITLE=_TITLE, API_VERSION=VERSION, OPENAPI_VERSION="3.1.0")
    about: dict[str, About] = {}

    def name(schema: type[Schema] | Schema) -> str:
        made_of = type(schema) if isinstance(schema, Schema) else schema
        about[name_schema(schema)] = About(
            " ".join((getdoc(made_of) or "").split()), getattr(made_of, "may_be_absent", False)
        )
        return name_schema(schema)

    plugin = MarshmallowPlugin(schema_name_resolver=name)
    api = _Document(app, spec_kwargs={"marshmallow_plugin": plugin})
    converter: Any = plugin.converter
    converter.add_attribute_function(_names_attributes)
    converter.add_parameter_attribute_function(_names_style)
    api.register_blueprint(blueprint)
    return _complete(api.spec.to_dict(), app, about)


def name_schema(schema: type[Schema] | Schema) -> str:
    """Return the name of a schema in the document; one of which all fields may be left out is called a patch."""
    if isinstance(schema, Schema):
        return f"{name_schema(type(schema))}{'Patch' if schema.partial is True else ''}"
    return schema.__name__.removesuffix("Schema")


def _names_attributes(_converter: OpenAPIConverter, field: fields.Field[Any], **_more: Any) -> Part:
    """Document names that are separated by commas as a list of them."""
    if not isinstance(field, Names):
        return {}
    return {"type": "array", "items": {"type": "string", "enum": list(field.known)}, "default": []}


def _names_style(_converter: OpenAPIConverter, field: fields.Field[Any], **_more: Any) -> Part:
    return {"style": "form", "explode": False} if isinstance(field, Names) else {}


def _complete(document: Part, app: Flask, about: Mapping[str, About]) -> Part:
    paths: Part = document["paths"]
    tags: dict[str, str] = {}
    for rule in app.url_map.iter_rules():
        path = FlaskPlugin.flaskpath2openapi(rule.rule)
        for method in _METHODS:
            if path not in paths or method not in paths[path] or method.upper() not in (rule.methods or ()):
                continue
            operation, view = paths[path][method], app.view_functions[rule.endpoint]
            tag = _tag_of(app, rule.endpoint, tags)
            operation["tags"] = [tag]
            operation["parameters"] = [*paths[path].get("parameters", []), *operation.get("parameters", [])]
            stamp = route_permission(rule.endpoint, view, method.upper()) or ""
            complete_operation(operation, path=path, method=method, view=view, stamp=stamp, siblings=paths[path])
    for item in paths.values():
        item.pop("parameters", None)
    link_what_is_made(paths)
    return _put_together(document, tags, about)


def _put_together(document: Part, tags: Mapping[str, str], about: Mapping[str, About]) -> Part:
    components = document.setdefault("components", {})
    schemas: Part = components.setdefault("schemas", {})
    refer_to_problems(schemas)
    tidy_schemas(document, about)
    finish_bodies(document)
    used = {
        str(answer.get("$ref", "")).rpartition("/")[2]
        for item in document["paths"].values()
        for operation in item.values()
        for answer in operation["responses"].values()
    }
    schemas |= {"Problem": PROBLEM, "SecondFactorRequired": SECOND_FACTOR_REQUIRED}
    components["schemas"] = {name: schemas[name] for name in sorted(schemas)}
    components["responses"] = {name: told for name, told in problem_responses().items() if name in used}
    components["headers"] = HEADERS
    components["securitySchemes"] = SECURITY
    document["info"] |= {
        "description": _ABOUT,
        "contact": {"name": "Whoever runs this site"},
        "license": {"name": "MIT", "identifier": "MIT"},
    }
    document["servers"] = [{"url": "/", "description": "This site"}]
    document["tags"] = [{"name": name, "description": tags[name]} for name in sorted(tags)]
    order = ("openapi", "info", "servers", "tags", "paths", "components")
    return {name: document[name] for name in order}


def _tag_of(app: Flask, endpoint: str, tags: dict[str, str]) -> str:
    """Return the tag of an operation, that is the blueprint it belongs to, and note what that is about."""
    owner = cast(Blueprint, app.blueprints[endpoint.rpartition(".")[0]])
    name = owner.name.rpartition(".")[2].replace("_", " ").replace("-", " ").capitalize()
    tags[name] = owner.description
    return str(name)
