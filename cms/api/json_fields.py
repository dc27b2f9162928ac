"""Fields that take what they are called and nothing that could be read as it (`"1"` is no number), and no more."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from marshmallow import fields, validate


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


class Moment(fields.AwareDateTime):
    """A date and time with its zone, in UTC from then on."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> datetime:
        found = super()._deserialize(value, attr, data, **more)
        try:
            return found.astimezone(UTC)
        except OverflowError:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE) from None


class BoundedList(fields.List[Any]):
    """A list whose length is looked at first (`validate.Length`): else each of a million items has an error made."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> list[Any]:
        if isinstance(value, list):
            for validator in self.validators:
                if isinstance(validator, validate.Length):
                    validator(value)
        return super()._deserialize(value, attr, data, **more)
