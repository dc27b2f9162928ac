"""What the program tells its operator: a log of lines that nobody outside can forge, and an id for each request."""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys

from flask import Flask, Response, g, has_request_context

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class LineFormatter(logging.Formatter):
    """One event, one line: control characters from outside are shown, not obeyed."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line; a trace follows in the same line, escaped."""
        text = _UNPRINTABLE.sub(lambda found: json.dumps(found.group())[1:-1], record.getMessage())
        trace = f" {json.dumps(self.formatException(record.exc_info))}" if record.exc_info else ""
        request = f" [{request_id()}]" if has_request_context() else ""
        return (
            f"{self.formatTime(record, '%Y-%m-%dT%H:%M:%S%z')} {record.levelname} {record.name}{request} {text}{trace}"
        )


def request_id() -> str:
    """Return the id of the request in hand: what an error page tells and the log repeats."""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(6)
    return str(g.request_id)


def init_telemetry(app: Flask) -> None:
    """Send the log to standard error and give each answer its request's id."""
    logger = logging.getLogger("cms")
    logger.setLevel(app.config["CMS_LOG_LEVEL"])
    if not any(isinstance(handler.formatter, LineFormatter) for handler in logger.handlers):
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(LineFormatter())
        logger.addHandler(handler)

    @app.after_request
    def name_request(response: Response) -> Response:
        response.headers.setdefault("X-Request-ID", request_id())
        return response
