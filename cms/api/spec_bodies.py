"""What the document says of bodies once every schema is there: an example of a first call, and what several are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cms.api.examples import example_of, resolve
from cms.api.spec_parts import Part, reference
from cms.api.spec_schemas import schemas_sent

#: What a first call sends beside what is required.
_FIRST = {
    "PostWrite": ("title", "body", "body_format"),
    "PageWrite": ("title", "body", "body_format"),
    "PostWhole": ("title", "body", "body_format"),
    "PageWhole": ("title", "body", "body_format"),
}
#: They say which thing is meant, not what becomes of it.
_WHICH = ("id", "version", "etag")
_ITEMS = "Changes, each with the `id` of what it is for."


def finish_bodies(document: Part) -> None:
    """Give each body an example, and say what a request about several things holds."""
    schemas: Part = document["components"]["schemas"]
    for name in schemas_sent(document):
        for field, part in schemas[name].get("properties", {}).items():
            if field == "items" and part.get("type") == "array":
                part["description"] = _ITEMS
    for content in _bodies(document):
        content["example"] = first_call(content["schema"], schemas)


def refer_to_problems(schemas: Part) -> None:
    """Say of what went wrong with one of several things that it looks like every error."""
    for schema in schemas.values():
        problem = schema.get("properties", {}).get("problem", {})
        if "object" in problem.get("type", ()):
            del problem["type"]
            problem.pop("additionalProperties", None)
            problem["anyOf"] = [reference("schemas", "Problem"), {"type": "null"}]


def _bodies(document: Part) -> Iterator[Part]:
    for item in document["paths"].values():
        for operation in item.values():
            contents = operation.get("requestBody", {}).get("content", {})
            yield from (content for kind, content in contents.items() if kind == "application/json")


def first_call(schema: Part, schemas: Part) -> dict[str, Any]:
    """Return what somebody sends who tries an operation: what it needs, and one thing more where that says nothing."""
    found = resolve(schema, schemas)
    fields: Part = found.get("properties", {})
    first = _FIRST.get(str(schema.get("$ref", "")).rpartition("/")[2], ())
    wanted = [name for name in fields if name in found.get("required", ()) or name in first]
    if all(name in _WHICH for name in wanted):
        shown = (name for name in fields if name not in _WHICH and resolve(fields[name], schemas).get("examples"))
        wanted += [name for _once, name in zip(range(1), shown, strict=False)]
    return {name: _value(fields[name], schemas) for name in wanted}


def _value(part: Part, schemas: Part) -> Any:
    items = part.get("items", {})
    return [first_call(items, schemas)] if "$ref" in items else example_of(part, schemas)
