"""`/csp-reports`: browsers tell what a page's policy refused; the operator reads one line, and nothing is kept.

What a report says comes from outside, and may hold addresses with secrets in them (the link of a reset). So a line
names our route instead of the page's address, the host of what was refused, and nothing that stood on the page.
"""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from flask import Response, current_app, request
from werkzeug.exceptions import BadRequest, HTTPException, UnsupportedMediaType

from cms.core.headers import REPORTS
from cms.core.limits import takes_at_most
from cms.core.permissions import public_route
from cms.extensions import csrf
from cms.public.routes import blueprint

#: A browser's report has about one kilobyte.
LARGEST = 16 * 1024
#: Lines that one process writes in a minute: who floods us with reports fills no disk.
MOST_LINES = 30
_MOST_IN_ONE = 5
_TYPES = ("application/csp-report", "application/reports+json", "application/json")
_WORD = re.compile(r"[a-z][a-z-]{0,40}")
_HOST = re.compile(r"[a-z0-9.:-]{1,120}")
_log = logging.getLogger("cms.reports")


class Allowance:
    """So many lines a minute, for all threads of this process."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._left = most
        self._since = 0.0
        self._lock = threading.Lock()

    def take(self, now: float) -> bool:
        """Tell whether one more is allowed at `now` (seconds), and count it."""
        with self._lock:
            if now - self._since >= 60:
                self._since, self._left = now, self._most
            self._left -= 1
            return self._left >= 0


allowance = Allowance(MOST_LINES)


@blueprint.post(REPORTS)
@csrf.exempt
@takes_at_most(LARGEST)
@public_route
def csp_reports() -> Response:
    """Write a line about what a browser refused (CSP 3, 5.3; Reporting API), and answer with nothing."""
    if request.mimetype not in _TYPES:
        raise UnsupportedMediaType
    try:
        sent = json.loads(request.get_data())
    except (ValueError, RecursionError):
        raise BadRequest from None
    for directive, refused, page, line in list(_read(sent))[:_MOST_IN_ONE]:
        if allowance.take(time.monotonic()):
            _log.warning("a browser refused %s by %s on %s, line %s", refused, directive, page, line)
    response = Response(status=204)
    response.headers["Cache-Control"] = "no-store"
    return response


def _read(sent: object) -> Iterator[tuple[str, str, str, int]]:
    """Yield directive, what was refused, page and line of each report, in words of ours."""
    for report in sent if isinstance(sent, list) else [sent]:
        if not isinstance(report, dict):
            continue
        body = report.get("csp-report") or report.get("body")
        if not isinstance(body, dict):
            continue
        directive = _first(body, "effective-directive", "effectiveDirective", "violated-directive").partition(" ")[0]
        refused = _origin(_first(body, "blocked-uri", "blockedURL"))
        page = _route(_first(body, "document-uri", "documentURL") or str(report.get("url", "")))
        line = body.get("line-number", body.get("lineNumber"))
        yield _plain(directive), refused, page, line if isinstance(line, int) and 0 <= line < 10**9 else 0


def _first(body: dict[object, object], *names: str) -> str:
    return next((value for name in names if isinstance(value := body.get(name), str)), "")


def _plain(word: str) -> str:
    return word if _WORD.fullmatch(word) else "something"


def _origin(address: str) -> str:
    """Return the host of an address, or the word that stands in its place (`inline`, `eval`, `data`)."""
    try:
        parts = urlsplit(address[:2000])
    except ValueError:
        return "something"
    host = parts.netloc.rpartition("@")[2].lower()
    return host if _HOST.fullmatch(host) else _plain(parts.scheme or address)


def _route(address: str) -> str:
    """Return the name of the route that answers an address, never the address: it may hold a secret."""
    try:
        path = urlsplit(address[:4000]).path
        endpoint, _arguments = current_app.url_map.bind("").match(path or "/")
    except (HTTPException, ValueError):
        return "a page"
    return str(endpoint)
