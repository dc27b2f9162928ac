"""Reading what is sent: JSON that means one thing only, and nothing that the schema does not name."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from typing import Any, NoReturn

from flask import Request, current_app, request
from marshmallow import RAISE, Schema, ValidationError, fields
from webargs.flaskparser import FlaskParser
from webargs.multidictproxy import MultiDictProxy
from werkzeug.datastructures import MultiDict

from cms.api.problems import Malformed, UnsupportedMediaType
from cms.api.wrong_fields import invalid
from cms.core.errors import Invalid, TooLarge
from cms.core.i18n import Text, _
from cms.core.stamps import stamp_of

#: Objects and lists within each other; a document of ours has at most a few dozen.
DEEPEST = 200
#: Texts of JSON, also one that never ends: it would be looked for anew behind each of its quotes.
STRINGS = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_FLAT = bytes(byte for byte in range(256) if byte not in b"{}[]")
#: Escapes of what may be no text: NUL, which databases do not take, and halves of a pair, which nothing can write.
_MAYBE_NO_TEXT = re.compile(rb"\\u(?:0000|d[89a-f])", re.IGNORECASE)
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_DIGITS = re.compile(r"-?[0-9]{1,40}")
_NO_CHARACTERS = _("This holds characters that are no text.")


class StrictParser(FlaskParser):
    """Reads input as marshmallow schemas say; unknown names are errors in every location."""

    DEFAULT_UNKNOWN_BY_LOCATION = {  # noqa: RUF012 -- the name by which webargs finds it
        "json": RAISE, "query": RAISE, "form": RAISE, "files": RAISE, "query_flat": RAISE,
        "headers": None, "cookies": None, "view_args": None,
    }  # fmt: skip

    def load_json(self, req: Request, schema: Schema) -> Any:
        """Return the JSON of the body; raises UnsupportedMediaType and Malformed.

        Where the schema says `may_be_absent`, there need not be a body at all. Where it does not, a request without
        one is told what is missing, not that nothing came in the wrong form.
        """
        if getattr(schema, "may_be_absent", False) and not req.get_data(cache=True):
            return {}
        if not req.content_type and not req.get_data(cache=True):
            if schema.partial is not True and any(field.required for field in schema.fields.values()):
                return {}
            raise Invalid(fields={"body": _("Send a body: one JSON object, as application/json.")})
        if req.mimetype != "application/json":
            raise UnsupportedMediaType
        if req.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise UnsupportedMediaType(_("Send the body uncompressed."))
        return read_json(read_body(req))

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        """Return the query; a name that comes twice where one value is meant is an error (parameter pollution).

        Whole numbers are digits: what Python reads as one beside that (" 1", "1_0", "٣") is none to anybody else.
        What is no text stands for nothing to look for; a cursor with it leads nowhere, as other wrong ones do.
        """
        wrong: dict[str, Text] = {}
        for name, values in req.args.lists():
            field = schema.fields.get(name)
            if len(values) > 1 and not isinstance(field, fields.List):
                wrong[name] = _("Send this once.")
            elif isinstance(field, fields.Integer) and not all(_DIGITS.fullmatch(text) for text in values):
                wrong[name] = _("This is no whole number.")
            elif name != "cursor" and any(_NO_TEXT.search(text) for text in values):
                wrong[name] = _NO_CHARACTERS
        if wrong:
            raise Invalid(fields=wrong)
        return MultiDictProxy(req.args, schema)

    def load_files(self, req: Request, schema: Schema) -> Any:
        """Return the parts of a form with files: the files, and the texts beside them; each name once.

        Raises UnsupportedMediaType for what is no such form (RFC 7578).
        """
        if req.mimetype != "multipart/form-data":
            raise UnsupportedMediaType(_("Send the file in a form, as multipart/form-data."))
        parts: MultiDict[str, Any] = MultiDict([*req.form.items(multi=True), *req.files.items(multi=True)])
        wrong = {name: _("Send this once.") for name, values in parts.lists() if len(values) > 1}
        wrong |= {name: _NO_CHARACTERS for name, text in req.form.items() if _NO_TEXT.search(text)}
        if wrong:
            raise Invalid(fields=wrong)
        return MultiDictProxy(parts, schema)

    def handle_error(self, error: ValidationError, req: Request, schema: Schema, **_more: Any) -> NoReturn:
        """Raise Invalid, naming each wrong field."""
        raise invalid(error, schema, tuple(self.DEFAULT_UNKNOWN_BY_LOCATION))


def read_body(req: Request) -> bytes:
    """Return the body; raises TooLarge where it did not say how long it is, for then only its beginning was read."""
    raw = req.get_data(cache=True)
    if req.content_length is None and len(raw) >= (req.max_content_length or sys.maxsize):
        raise TooLarge
    return raw


def refuse_stray_query() -> None:
    """Raise Invalid for a query where an operation takes none: what is overlooked would be taken for understood.

    Operations with a query of their own say what it may hold; what is not in the document is no operation.
    """
    view = current_app.view_functions.get(request.endpoint or "")
    told = stamp_of(view, request.method, "_apidoc")
    if not request.args or not isinstance(told, Mapping) or request.method == "OPTIONS":
        return
    if all(parameter["in"] != "query" for parameter in told.get("arguments", {}).get("parameters", [])):
        raise Invalid(fields=dict.fromkeys(request.args, _("This address takes no such parameter.")))


def read_json(raw: bytes) -> Any:
    """Return what a body says; raises Malformed for what is no JSON, or says something twice (RFC 7493, 2.3)."""
    if _depth(raw) > DEEPEST:
        raise Malformed(_("The body is nested too deep: at most %(most)s levels can be taken.", most=DEEPEST))
    try:
        found = json.loads(raw.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number, parse_float=_finite)
    except json.JSONDecodeError as error:
        place = {"line": error.lineno, "column": error.colno}
        sentence = _("The body is not JSON: see line %(line)s, column %(column)s. Send one JSON object.", **place)
        raise Malformed(sentence) from None
    except (ValueError, RecursionError):
        raise Malformed from None
    if _MAYBE_NO_TEXT.search(raw) and not _is_text(found):
        raise Malformed(_NO_CHARACTERS)
    return found


def _is_text(found: Any) -> bool:
    """Tell whether every text in what was read can be kept and written again (RFC 7493, 2.1)."""
    if isinstance(found, str):
        return _NO_TEXT.search(found) is None
    if isinstance(found, dict):
        return all(_is_text(name) and _is_text(value) for name, value in found.items())
    return not isinstance(found, list) or all(_is_text(item) for item in found)


def _depth(raw: bytes) -> int:
    """Return how deep a body is nested, or that it is too deep, looked at before anything is built of it."""
    deepest = depth = 0
    for byte in STRINGS.sub(b"", raw).translate(None, delete=_FLAT):
        depth += 1 if byte in b"{[" else -1
        deepest = max(deepest, depth)
        if deepest > DEEPEST:
            break
    return deepest


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for at, name in enumerate(names) if name in names[:at])
        shown = _NO_TEXT.sub("�", twice)[:60]
        raise Malformed(_("The body names “%(name)s” twice. Send each name once.", name=shown))
    return found


def _no_number(_name: str) -> NoReturn:
    raise Malformed(_("NaN and Infinity are no numbers in JSON."))


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        _no_number(text)
    return number
