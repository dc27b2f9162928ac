"""What is said of each field that cannot be taken: marshmallow's findings, in sentences that say what to send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from flask import current_app, request
from marshmallow import Schema, ValidationError, fields

from cms.core.errors import Invalid
from cms.core.i18n import Text, _
from cms.core.stamps import stamp_of

_UNKNOWN = str(Schema().error_messages["unknown"])
_READ_ONLY = _("This can only be read. Leave it out.")
_MOMENT = _("Send a date and time with its zone, like 2030-01-01T08:00:00Z.")
#: Fields of which one answer tells; who mends these hears of the others.
MOST_TOLD = 100
#: What is told where the library's own words name a type and not what to send.
_PLAINER: dict[str, Text] = {"Not a valid datetime.": _MOMENT, "Not a valid aware datetime.": _MOMENT}


def invalid(error: ValidationError, sent: Schema, locations: Sequence[str]) -> Invalid:
    """Return our error for marshmallow's, with each field by its path (`author.name`); `sent` is what was asked for.

    A field that the answer has and that cannot be sent is told apart from one that there is not.
    """
    messages: Any = error.messages
    location = ""
    if isinstance(messages, Mapping) and set(messages) <= set(locations):
        # webargs names the location first.
        location, messages = next(iter(messages.items()), ("", {}))
    found = dict(islice(_flat(messages).items(), MOST_TOLD))
    answered = answered_schema() if not location.startswith("query") else None
    for path, told in found.items():
        if told == _UNKNOWN and _is_read_only(path.split("."), sent, answered):
            found[path] = _READ_ONLY
    return Invalid(_("Some fields need another look."), fields=found)


def _flat(messages: Any, path: str = "") -> dict[str, Text]:
    if isinstance(messages, Mapping):
        found: dict[str, Text] = {}
        for name, below in messages.items():
            here = path if name == "_schema" else f"{path}.{name}" if path else str(name)
            found |= _flat(below, here)
        return found
    sentences = [str(told) for told in (messages if isinstance(messages, list) else [messages])]
    return {path or "body": " ".join(str(_PLAINER.get(told, told)) for told in sentences)}


def answered_schema() -> Schema | None:
    """Return the schema of what the operation in hand answers with when all is well; None where it says nothing."""
    told = stamp_of(current_app.view_functions.get(request.endpoint or ""), request.method, "_apidoc")
    responses = told.get("response", {}).get("responses", {}) if isinstance(told, Mapping) else {}
    for status in (200, 201):
        for answer in responses.get(status, ()):
            if isinstance(answer, Mapping) and isinstance(answer.get("schema"), Schema):
                found: Schema = answer["schema"]
                return found
    return None


def _is_read_only(path: Sequence[str], sent: Schema | None, answered: Schema | None) -> bool:
    """Tell whether a field is one that can be read here: one of the answer, at the same place in it."""
    *above, name = [step for step in path if not step.isdecimal()]
    for step in above:
        sent, answered = _within(sent, step), _within(answered, step) or _within(_within(answered, "results"), "item")
    if sent is not None and name in sent.fields:
        # Marshmallow calls unknown what a schema has for answers alone (dump_only).
        return True
    if sent is None or answered is None or name not in answered.fields:
        return False
    # An act (publishing, say) answers with the whole thing: that none of it belongs there is no news about the field.
    return request.method in ("PUT", "PATCH") or not sent.fields.keys().isdisjoint(answered.fields)


def _within(schema: Schema | None, name: str) -> Schema | None:
    """Return the schema of what lies in a field, itself or one of a list; None where nothing does."""
    field = schema.fields.get(name) if schema is not None else None
    inner = field.inner if isinstance(field, fields.List) else field
    return inner.schema if isinstance(inner, fields.Nested) else None
