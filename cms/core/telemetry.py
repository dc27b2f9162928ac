"""What the program tells its operator: a log that nobody outside can forge, and an id for each request."""

from __future__ import annotations

import logging
import re
import secrets
import time

from flask import Flask, Response, current_app, g, request, request_started

from cms.core.hops import init_hops
from cms.core.log_lines import ErrorStream

_GIVEN_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
_STARTED = "masthead.started"
_requests = logging.getLogger("cms.requests")


def request_id() -> str:
    """Return the id of the request in hand: what an error page tells and the log repeats.

    A trusted proxy may have given one (`X-Request-ID`); from anybody else it would be a way to confuse the log.
    """
    if "request_id" not in g:
        given = request.headers.get("X-Request-ID", "") if current_app.config["CMS_TRUSTED_PROXIES"] else ""
        g.request_id = given if _GIVEN_ID.fullmatch(given) else secrets.token_hex(6)
    return str(g.request_id)


def init_telemetry(app: Flask) -> None:
    """Send the log to standard error and give each request its id, which its answer tells."""
    logging.getLogger("cms").setLevel(app.config["CMS_LOG_LEVEL"])
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, ErrorStream)]:
        root.removeHandler(handler)
    root.addHandler(ErrorStream(app.config["CMS_LOG_FORMAT"]))
    request_started.connect(_begin, app)
    init_hops(app)

    @app.after_request
    def name_request(response: Response) -> Response:
        response.headers.setdefault("X-Request-ID", request_id())
        if app.config["CMS_LOG_REQUESTS"]:
            seconds = time.monotonic() - request.environ.get(_STARTED, time.monotonic())
            _requests.info("answered", extra={"status": response.status_code, "ms": round(seconds * 1000, 1)})
        return response


def _begin(_app: Flask, **_more: object) -> None:
    request.environ[_STARTED] = time.monotonic()
    request_id()
