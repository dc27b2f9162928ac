"""Examples made of schemas: what something that is sent or answered looks like, where nobody wrote one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Examples within examples; what lies deeper is left out.
_DEEPEST = 6
_OF_FORMAT = {
    "date-time": "2026-11-20T09:30:00+00:00",
    "date": "2026-11-20",
    "email": "ada@example.com",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "uuid": "0c6f7a52-9f4e-4f0e-8b7c-0f3f7d0f5a11",
}


def resolve(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema that a reference leads to, with what stands beside it; any other schema as it is."""
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    if name not in schemas:
        return schema
    return {**resolve(schemas[name], schemas), **{key: value for key, value in schema.items() if key != "$ref"}}


def example_of(schema: Mapping[str, Any], schemas: Mapping[str, Any], *, depth: int = 0) -> Any:
    """Return a value as the schema describes it: its own example, else one made of its parts."""
    found = resolve(schema, schemas)
    for name in ("example", "const", "default"):
        if found.get(name) not in (None, [], {}):
            return found[name]
    if found.get("examples"):
        return found["examples"][0]
    if found.get("enum"):
        return next(value for value in found["enum"] if value is not None)
    for name in ("oneOf", "anyOf", "allOf"):
        if found.get(name):
            return _of_several(found[name], schemas, merge=name == "allOf", depth=depth)
    return _of_type(found, schemas, depth)


def _of_several(parts: list[Mapping[str, Any]], schemas: Mapping[str, Any], *, merge: bool, depth: int) -> Any:
    if not merge:
        kept = [part for part in parts if part.get("type") != "null"]
        return example_of(kept[0], schemas, depth=depth) if kept else None
    made = [example_of(part, schemas, depth=depth) for part in parts]
    whole = [part for part in made if isinstance(part, dict)]
    return {name: value for part in whole for name, value in part.items()} if whole else made[0]


def _of_type(schema: Mapping[str, Any], schemas: Mapping[str, Any], depth: int) -> Any:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((name for name in kind if name != "null"), None)
    if kind == "object":
        properties = schema.get("properties", {}) if depth < _DEEPEST else {}
        return {name: example_of(part, schemas, depth=depth + 1) for name, part in properties.items()}
    if kind == "array":
        items = schema.get("items", {})
        return [example_of(items, schemas, depth=depth + 1)] if items and depth < _DEEPEST else []
    if kind == "string":
        return _OF_FORMAT.get(schema.get("format", ""), "text")
    plain: dict[Any, Any] = {"integer": schema.get("minimum", 1), "number": 1.5, "boolean": True}
    return plain.get(kind)
