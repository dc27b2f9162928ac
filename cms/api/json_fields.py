"""Fields of JSON bodies that take what JSON calls so and nothing that could be read as it (`"1"` is no number)."""

from __future__ import annotations

from typing import Any

from marshmallow import fields


class JsonInteger(fields.Integer):
    """A whole number; neither a text, nor true, nor 1.5."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> int:
        if isinstance(value, bool) or not (isinstance(value, int) or (isinstance(value, float) and value.is_integer())):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(int(value), attr, data, **more)


class JsonBoolean(fields.Boolean):
    """True or false; neither a text nor a number."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value
