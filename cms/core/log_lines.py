"""One event, one line: JSON for machines, or one line for a person; nothing from outside forges a line or a field."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import structlog
from flask import g, has_request_context, request
from sqlalchemy import inspect
from sqlalchemy.exc import NoInspectionAvailable
from werkzeug.routing import Rule

from cms.lib.redaction import is_secret_name, redact

FORMATS = ("json", "text")
#: A client chooses what it sends, and not how much of it is kept.
_LONGEST = 4_000
_LONGEST_TRACE = 30_000
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})
_PLAIN = re.compile(r"[\w./:@…+-]+")
_REQUEST_LINE = " - - ["
_REDACTED = "redacted"
#: The bar divides a line; so nobody else writes one.
_BAR = "\\u007c"

Event = MutableMapping[str, Any]


def formatter(kind: str) -> logging.Formatter:
    """Return the formatter of the log's lines, `json` or `text`, for records of the standard library."""
    tidy = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    return structlog.stdlib.ProcessorFormatter(
        processors=[tidy, _as_json if kind == "json" else _as_text],
        foreign_pre_chain=[structlog.stdlib.ExtraAdder(), structlog.contextvars.merge_contextvars, _complete],
    )


def _complete(_logger: Any, _method: str, event: Event) -> Event:
    """Return the event with its time, its origin and its trace, without secrets, in the order that lines have."""
    record: logging.LogRecord = event.pop("_record")
    said = str(event.pop("event", ""))
    trace = event.pop("exc_info", None) or record.exc_info
    for name in ("stack_info", "message", "asctime"):  # what other handlers leave behind
        event.pop(name, None)
    mails = not record.name.startswith("cms.audit")
    whole: Event = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": record.levelname,
        "logger": record.name,
    }
    whole.update(request_fields())
    for key, value in event.items():
        # A field of an event never takes the place of one that says where it comes from.
        if not key.startswith("_") and key not in whole:
            whole[key] = redact({key: value}, mails=mails)[key]
    whole["event"] = redact(said, mails=mails)[:_LONGEST]
    if isinstance(trace, tuple) and trace[0] is not None:
        # The lines of the code and what was raised; never the values of variables.
        told = logging.Formatter().formatException(trace)
        whole["trace"] = redact(told, mails=mails)[-_LONGEST_TRACE:]
    whole.update(_record=record, _from_structlog=False)
    return whole


def request_fields() -> dict[str, Any]:
    """Return what the request in hand adds to an event: its id, method and path, and who is known to have sent it.

    Asks the database nothing, and keeps no query string, body, cookie or token.
    """
    if not has_request_context():
        return {}
    fields: dict[str, Any] = {
        "request_id": g.get("request_id", ""),
        "method": request.method if request.method in _METHODS else "?",
        "path": path_without_secrets(request.path, request.url_rule, request.view_args or {}),
    }
    person_id = _person_id(g.get("_login_user"))
    return fields if person_id is None else fields | {"user_id": person_id}


def path_without_secrets(path: str, rule: Rule | None, values: MutableMapping[str, Any]) -> str:
    """Return a path as it may be kept, percent-encoded: what the route calls a token (of a mail, say) is taken out."""
    for name, value in values.items():
        if rule is not None and (is_secret_name(name) or name in ("key", "code")):
            path = path.replace(str(value), _REDACTED)
    if rule is None:
        # Nobody knows what this was meant to be; a token with a slip of the pen is still one.
        path = "/".join(part if len(part) < 40 else _REDACTED for part in path.split("/"))
    return quote(path[:500], safe="/:@!$&'()*,;~")


def _person_id(person: Any) -> int | None:
    """Return the id of a loaded person; asking the object itself might ask the database."""
    try:
        identity = inspect(person).identity if person is not None else None
    except NoInspectionAvailable:
        return None
    return int(identity[0]) if identity else None


def _as_json(_logger: Any, _method: str, event: Event) -> str:
    # Only ASCII: what a terminal or a shipper would take for an end of line or a command is written as an escape.
    return json.dumps(dict(event), ensure_ascii=True, default=str)


def _as_text(_logger: Any, _method: str, event: Event) -> str:
    """Return `time LEVEL logger [id] GET /path key=value | what happened`."""
    rest = dict(event)
    said, trace = rest.pop("event"), rest.pop("trace", None)
    parts = [rest.pop("time"), rest.pop("level"), rest.pop("logger")]
    if "request_id" in rest:
        parts += [f"[{rest.pop('request_id')}]", rest.pop("method"), rest.pop("path")]
    parts += [f"{_word(key)}={_word(value)}" for key, value in rest.items()]
    told = [_shown(said), json.dumps(trace)] if trace else [_shown(said)]
    return " | ".join([" ".join(parts), *(text.replace("|", _BAR) for text in told)])


def _word(value: Any) -> str:
    text = str(value)
    return text if _PLAIN.fullmatch(text) and text.isprintable() else json.dumps(text).replace("|", _BAR)


def _shown(text: str) -> str:
    """Return the text with characters that steer a terminal, or turn text around, shown as escapes."""
    return "".join(letter if letter.isprintable() else json.dumps(letter)[1:-1] for letter in text)


class ErrorStream(logging.StreamHandler[Any]):
    """Writes to what standard error is at that moment."""

    def __init__(self, kind: str) -> None:
        logging.Handler.__init__(self)
        self.setFormatter(formatter(kind))
        self.addFilter(_no_request_line)

    @property
    def stream(self) -> Any:
        """Standard error."""
        return sys.stderr


def _no_request_line(record: logging.LogRecord) -> bool:
    """Keep back the lines in which Flask's development server repeats whole addresses; ours take their place."""
    return not (record.name == "werkzeug" and _REQUEST_LINE in str(record.msg))
