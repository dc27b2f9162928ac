"""Schemas of the document as JSON Schema 2020-12 has them, each with an example, closed where they are sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cms.api.examples import example_of
from cms.api.spec_parts import Part
from cms.api.spec_words import word, word_parameter

_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")


@dataclass(frozen=True)
class About:
    """What a schema with a name is, in words, and whether a body of it need not be sent at all."""

    text: str
    may_be_absent: bool


def tidy_schemas(document: Part, about: Mapping[str, About]) -> None:
    """Word every schema as JSON Schema does, give those with a name an example, and open those that are only answered.

    What is sent may hold what its schema names and nothing else (`parsing` sees to that). With an answer more may come
    one day; who reads is to overlook it. `about` says what the schemas with a name are.
    """
    named: Part = document["components"]["schemas"]
    for name, schema in named.items():
        schema.setdefault("description", about[name].text if name in about else "")
    for schema in [*named.values(), *_schemas_of(document["paths"])]:
        _tidy(schema)
    for item in document["paths"].values():
        for operation in item.values():
            for parameter in operation.get("parameters", ()):
                word_parameter(parameter)
            for content in operation.get("requestBody", {}).get("content", {}).values():
                name = str(content["schema"].get("$ref", "")).rpartition("/")[2]
                if name in about and about[name].may_be_absent:
                    operation["requestBody"]["required"] = False
    sent = schemas_sent(document)
    for name, schema in named.items():
        if name not in sent:
            schema.pop("additionalProperties", None)
    for schema in named.values():
        if "properties" in schema and "examples" not in schema:
            schema["examples"] = [example_of(schema, named)]


def _tidy(schema: Part) -> None:
    if "example" in schema:
        # The keyword of OpenAPI 3.0; 3.1 took over the one of JSON Schema.
        schema["examples"] = [schema.pop("example")]
    if isinstance(schema.get("type"), list):
        schema["type"] = list(dict.fromkeys(schema["type"]))
    if any(str(value).startswith("-") for value in schema.get("enum", ())):
        # Clients call values by these names; a sign is none.
        schema["x-enum-varnames"] = [_constant(value) for value in schema["enum"]]
    if "pattern" in schema:
        # Python looks from the beginning on, and has words of its own for both ends (ECMA-262 has ^ and $).
        pattern = schema["pattern"].replace(r"\A", "^").replace(r"\Z", "$")
        schema["pattern"] = pattern if pattern.startswith("^") else f"^(?:{pattern})"
    if schema.get("default", 0) in ([], "", None):
        # Nothing is what is taken when nothing is said; clients would send it, or have to.
        del schema["default"]
    for name, part in schema.get("properties", {}).items():
        word(name, part, part)
    for part in _parts(schema):
        _tidy(part)


def _constant(value: str) -> str:
    """Return what a constant for a value is called: `-published` is PUBLISHED_DESCENDING."""
    return f"{value.removeprefix('-').upper()}{'_DESCENDING' if value.startswith('-') else ''}"


def _parts(schema: Part) -> Iterator[Part]:
    below: list[Any] = [*schema.get("properties", {}).values(), schema.get("items"), schema.get("additionalProperties")]
    for name in _LISTS:
        below += schema.get(name, [])
    yield from (part for part in below if isinstance(part, dict))


def _schemas_of(part: Any) -> Iterator[Part]:
    """Yield the schemas that stand in operations without a name of their own."""
    if isinstance(part, list):
        for item in part:
            yield from _schemas_of(item)
    elif isinstance(part, dict):
        for name, value in part.items():
            if name == "schema" and isinstance(value, dict):
                yield value
            else:
                yield from _schemas_of(value)


def schemas_sent(document: Part) -> set[str]:
    """Return the names of the schemas that anything sent is made of."""
    schemas: Part = document["components"]["schemas"]
    waiting: list[Any] = [
        operation["requestBody"]
        for item in document["paths"].values()
        for operation in item.values()
        if "requestBody" in operation
    ]
    found: set[str] = set()
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict):
            name = str(part.get("$ref", "")).rpartition("/")[2]
            if name in schemas and name not in found:
                found.add(name)
                waiting.append(schemas[name])
            waiting += part.values()
    return found
