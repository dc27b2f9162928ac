"""Changing several things with one request: each by itself, so that one that cannot be changed holds up none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from marshmallow import Schema, fields, validate
from werkzeug.wrappers import Response

from cms.api.json_fields import BoundedList, JsonInteger
from cms.api.problems import describe
from cms.api.routes import answer
from cms.core.db import LARGEST_KEY
from cms.core.errors import CmsError, OldVersion

#: As many as one request may change.
MOST_AT_ONCE = 100
_OWN = ("id", "version")


def changes_of(write: type[Schema], name: str) -> type[Schema]:
    """Return the schema of changes to several things, each with its id and what `write` knows, as far as it is sent."""
    about: dict[str, Any] = {
        "id": JsonInteger(required=True, validate=validate.Range(1, LARGEST_KEY)),
        "version": JsonInteger(metadata={"description": "Change it only if it is at this version."}),
        "__doc__": "One change; what is not sent stays.",
    }
    one = type(f"{name}Change", (write,), about)
    nested = fields.Nested(one(partial=tuple(write().fields)))
    items = BoundedList(nested, required=True, validate=validate.Length(1, MOST_AT_ONCE))
    return type(f"{name}Changes", (Schema,), {"items": items, "__doc__": "Changes, each by itself."})


def results_of(shown: type[Schema], name: str) -> type[Schema]:
    """Return the schema of what became of such changes; `shown` is that of a thing."""
    about: dict[str, Any] = {
        "id": fields.Integer(required=True),
        "status": fields.Integer(
            required=True,
            metadata={"description": "What the change alone would have been answered with.", "example": 200},
        ),
        "item": fields.Nested(shown, allow_none=True, metadata={"description": "The thing as it is now."}),
        "problem": fields.Dict(
            allow_none=True, metadata={"description": "What was wrong, as everywhere; null: nothing."}
        ),
        "__doc__": "What became of one change.",
    }
    one = type(f"{name}ChangeResult", (Schema,), about)
    results = fields.List(fields.Nested(one), required=True)
    return type(f"{name}ChangeResults", (Schema,), {"results": results, "__doc__": "What became of each change."})


def change_each(
    items: Sequence[Mapping[str, Any]], change: Callable[[int, Mapping[str, Any], int | None], Mapping[str, Any]]
) -> Response:
    """Answer with what became of each change; `change` takes an id, what was sent and the version it is meant for.

    It makes one change in a transaction of its own and returns the thing as it is then.
    """
    results = []
    for item in items:
        sent = {name: value for name, value in item.items() if name not in _OWN}
        try:
            shown = change(item["id"], sent, item.get("version"))
        except CmsError as error:
            result: dict[str, Any] = {"status": error.status, "item": None, "problem": describe(error)}
        else:
            result = {"status": 200, "item": shown, "problem": None}
        results.append({"id": item["id"], **result})
    return answer({"results": results})


def check_version(wanted: int | None, version: int) -> None:
    """Raise OldVersion where a change is meant for another version of the thing than it has."""
    if wanted is not None and wanted != version:
        raise OldVersion
