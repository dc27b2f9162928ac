"""The reference: the document turned into what a page shows, tag by tag, operation by operation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from markdown_it import MarkdownIt
from markupsafe import Markup

from cms.api.examples import example_of, resolve
from cms.api.spec import build_document
from cms.core.db import LARGEST_KEY

#: Fields within fields that are listed by their path; a document's own inside is told elsewhere.
_DEEPEST = 3
#: What nearly every operation takes is told once, at the top of the page.
_EVERYWHERE = ("If-Match", "If-None-Match")
#: Bounds that need no telling: none, and the largest number that every reader of JSON takes as it is (RFC 7493, 2.2).
_UNTOLD = (0, 2**53 - 1, LARGEST_KEY)
_PLURALS = {"object": "objects", "text": "texts", "whole number": "whole numbers"}
_markdown = MarkdownIt("js-default")


@dataclass(frozen=True)
class Field:
    """A parameter or a field of a body: its path, what it may be in words, and what it is for."""

    name: str
    kind: str
    required: bool
    about: Markup
    place: str = ""


@dataclass(frozen=True)
class Answer:
    """An answer an operation can give."""

    status: str
    meaning: str
    example: str


@dataclass(frozen=True)
class Operation:
    """What one method does at one address."""

    name: str
    method: str
    path: str
    summary: Markup
    short: str
    about: Markup
    permission: str
    public: bool
    parameters: tuple[Field, ...]
    body_kind: str
    body: tuple[Field, ...]
    command: str
    answers: tuple[Answer, ...]
    errors: tuple[Answer, ...]


@dataclass(frozen=True)
class Part:
    """The operations of one sort of thing."""

    anchor: str
    title: str
    about: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True)
class Reference:
    """The whole page; `{site}` in its commands stands for the address of this site."""

    title: str
    version: str
    about: Markup
    parts: tuple[Part, ...]


@cache
def build_reference() -> Reference:
    """Return the page of the document, made once a process."""
    document = build_document()
    found: dict[str, list[Operation]] = {tag["name"]: [] for tag in document["tags"]}
    for path, item in document["paths"].items():
        for method, told in item.items():
            found[told["tags"][0]].append(_operation(document, path, method, told))
    parts = [
        Part(tag["name"].lower().replace(" ", "-"), tag["name"], tag["description"], tuple(found[tag["name"]]))
        for tag in document["tags"]
    ]
    info = document["info"]
    return Reference(info["title"], info["version"], _text(info["description"]), tuple(parts))


def _text(source: str) -> Markup:
    # The document is ours, and HTML in it would be shown as text.
    return Markup(_markdown.render(source))  # noqa: S704 -- made by a renderer that takes no HTML


def _operation(document: Mapping[str, Any], path: str, method: str, told: Mapping[str, Any]) -> Operation:
    schemas = document["components"]["schemas"]
    kind, content = _sent(told)
    answers = [_answer(document, status, answer) for status, answer in told["responses"].items()]
    return Operation(
        name=told["operationId"],
        method=method.upper(),
        path=path,
        summary=Markup(_markdown.renderInline(told["summary"])),  # noqa: S704 -- as in `_text`
        short=told["summary"].replace("`", ""),
        about=_text(told["description"]),
        permission=told.get("x-permission", ""),
        public={} in told["security"],
        parameters=tuple(_parameter(item, schemas) for item in told["parameters"] if item["name"] not in _EVERYWHERE),
        body_kind=kind,
        body=tuple(_fields(content.get("schema", {}), schemas)),
        command=_command(path, method, told, schemas),
        answers=tuple(answer for answer in answers if answer.status < "4"),
        errors=tuple(answer for answer in answers if answer.status >= "4"),
    )


def _sent(told: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Return the media type of the body and what it holds; two empty ones for an operation without."""
    contents: Mapping[str, Mapping[str, Any]] = told.get("requestBody", {}).get("content", {})
    return next(iter(contents.items()), ("", {}))


def _parameter(told: Mapping[str, Any], schemas: Mapping[str, Any]) -> Field:
    about = _text(told.get("description", ""))
    return Field(told["name"], _kind(told["schema"], schemas), told.get("required", False), about, told["in"])


def _answer(document: Mapping[str, Any], status: str, told: Mapping[str, Any]) -> Answer:
    if "$ref" in told:
        told = document["components"]["responses"][told["$ref"].rpartition("/")[2]]
    content = next(iter(told.get("content", {}).values()), None)
    if content is None:
        return Answer(status, told["description"], "")
    shown = content.get("example", example_of(content.get("schema", {}), document["components"]["schemas"]))
    meaning = told["description"] if told["description"] != HTTPStatus(int(status)).phrase else ""
    return Answer(status, meaning or HTTPStatus(int(status)).phrase, json.dumps(shown, indent=2, ensure_ascii=False))


def _fields(schema: Mapping[str, Any], schemas: Mapping[str, Any], path: str = "", depth: int = 0) -> Iterator[Field]:
    found = resolve(schema, schemas)
    required = found.get("required", ())
    for name, part in found.get("properties", {}).items():
        whole = resolve(part, schemas)
        here = f"{path}{name}"
        yield Field(here, _kind(part, schemas), name in required, _text(whole.get("description", "")))
        if depth < _DEEPEST:
            below = whole.get("items", {}) if whole.get("type") == "array" else whole
            yield from _fields(below, schemas, f"{here}[]." if below is not whole else f"{here}.", depth + 1)


def _kind(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    """Return in words what a value may be: "text, at most 200 letters", "one of: draft, published"."""
    found = resolve(schema, schemas)
    for several in ("anyOf", "oneOf"):
        if found.get(several):
            return " or ".join(dict.fromkeys(_kind(part, schemas) for part in found[several]))
    kinds = found.get("type", "anything")
    names = kinds if isinstance(kinds, list) else [kinds]
    words = " or ".join(_word(name, found, schemas) for name in names)
    return ", ".join([words, *_bounds(found)])


def _word(name: str, schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    if schema.get("enum") and name != "null":
        return "one of: " + ", ".join(str(value) for value in schema["enum"] if value is not None)
    if name == "array" and schema.get("items", {}).get("enum"):
        return "names, separated by commas"
    if name == "array":
        kind, comma, bounds = _kind(schema.get("items", {}), schemas).partition(",")
        return f"list of {_PLURALS.get(kind, kind)}{comma}{bounds}"
    of_format = {"date-time": "moment (ISO 8601)", "date": "date", "email": "mail address", "uri": "address"}
    if name == "string":
        return of_format.get(schema.get("format", ""), "file" if schema.get("format") == "binary" else "text")
    return {"integer": "whole number", "boolean": "true or false", "null": "null"}.get(name, name)


def _bounds(schema: Mapping[str, Any]) -> Iterator[str]:
    words = {
        "minLength": "at least {} letters", "maxLength": "at most {} letters", "minimum": "from {}", "maximum": "to {}",
        "maxItems": "at most {} items",
    }  # fmt: skip
    for name, sentence in words.items():
        # That a text is not empty, or a number one that every program can hold, needs no telling.
        if name in schema and schema[name] not in _UNTOLD and (name, schema[name]) != ("minLength", 1):
            yield sentence.format(schema[name])
    if schema.get("default") not in (None, [], ""):
        yield f"{json.dumps(schema['default'])} unless given"


def _command(path: str, method: str, told: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    """Return a command line that makes the request; `{site}` and `$TOKEN` are for whoever runs it."""
    address, asked = path, {}
    for item in told["parameters"]:
        value = item.get("example", example_of(item["schema"], schemas))
        if item["in"] == "path":
            address = address.replace(f"{{{item['name']}}}", str(value if value not in ("text", 0) else 1))
        elif item["in"] == "query" and item.get("required"):
            asked[item["name"]] = value
    query = f"?{urlencode(asked)}" if asked else ""
    words = ["curl" if method == "get" else f"curl -X {method.upper()}", f"'{{site}}{address}{query}'"]
    lines = [" ".join(words)]
    if {} not in told["security"]:
        lines.append('-H "Authorization: Bearer $TOKEN"')
    kind, content = _sent(told)
    if kind == "multipart/form-data":
        lines.append("-F file=@picture.jpg")
    elif kind:
        sent = json.dumps(content.get("example", example_of(content["schema"], schemas)), ensure_ascii=False)
        lines += [f"-H 'Content-Type: {kind}'", "-d '{}'".format(sent.replace("'", "'\\''"))]
    return " \\\n  ".join(lines)
