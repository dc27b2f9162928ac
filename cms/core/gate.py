"""The gate: a route that declares no permission stays closed, and nothing is changed from another site."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, request

from cms.core.errors import Forbidden
from cms.core.i18n import _
from cms.core.permissions import route_permission

#: Methods that change nothing (RFC 9110, 9.2.1).
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_log = logging.getLogger("cms.gate")
_without_cookies: set[str] = set()


def knows_no_cookies(blueprint: str) -> None:
    """Declare that the routes of a blueprint never look at cookies: what another site sends there borrows no rights."""
    _without_cookies.add(blueprint)


def init_gate(app: Flask) -> None:
    """Answer 404 on what no address can be and on routes that declare nothing, 403 to what another site sends."""
    app.before_request(_check_path)
    app.before_request(_check_stamp)
    app.before_request(_check_origin)


def _check_path() -> None:
    # Nothing is called that, and PostgreSQL does not even take the question.
    if "\0" in request.path:
        abort(404)


def _check_stamp() -> None:
    if request.endpoint is None:
        return
    view = current_app.view_functions[request.endpoint]
    if route_permission(request.endpoint, view, request.method) is None:
        _log.error("the route %s declares no permission and stays closed", request.endpoint)
        abort(404)


def _check_origin() -> None:
    if request.method not in _SAFE and not _knows_no_cookies() and _is_from_elsewhere():
        raise Forbidden(_("This form was sent from another site. Please send it from ours."))


def _knows_no_cookies() -> bool:
    blueprint = (request.blueprint or "").partition(".")[0]
    return blueprint in _without_cookies


def _is_from_elsewhere() -> bool:
    """Tell whether a browser says that another site has it send this request (Fetch Metadata, else RFC 6454).

    Beside the tokens of forms, and alone for forms on cached pages, which hold none.
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        return site not in ("same-origin", "none")
    ours = {request.host, urlsplit(str(current_app.config["CMS_BASE_URL"])).netloc}
    return origin is not None and _host_of(origin) not in ours


def _host_of(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""
