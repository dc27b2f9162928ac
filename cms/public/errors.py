"""Errors in the theme: what went wrong, what to do, and the number under which the log has it."""

from __future__ import annotations

import logging

from flask import Flask, Response, jsonify, request
from jinja2 import TemplateError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from cms.accounts.people import ask_nobody
from cms.content.around import Around, find_around
from cms.core.db import current_session, has_committed
from cms.core.db_errors import as_cms_error
from cms.core.error_answers import find_error_answer
from cms.core.errors import CmsError, OutcomeUnknown, Unavailable
from cms.core.headers import stands_in_theme
from cms.core.i18n import _
from cms.core.telemetry import request_id
from cms.public.frame import get_frame, show
from cms.public.heads import plain_head
from cms.theming.contexts import ErrorContext
from cms.theming.errors import ThemeError

_log = logging.getLogger("cms.public")
#: Statuses whose own words (of our errors) a reader is told; the theme has its own for the others.
_TOLD = frozenset({403, 409, 413, 414, 422, 429, 431, 503, 507})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_BROKEN = _("Something is broken here. Please try again in a moment.")


def init_errors(app: Flask) -> None:
    """Answer every error that no other part of the product answers itself."""
    app.register_error_handler(CmsError, _cms_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _any_error)


def _cms_error(error: CmsError) -> AnyResponse:
    elsewhere = find_error_answer(request.path)
    if elsewhere is not None:
        return elsewhere(error)
    return answer(error.status, error.message if error.status in _TOLD else "")


def _http_error(error: HTTPException) -> AnyResponse:
    elsewhere = find_error_answer(request.path)
    if elsewhere is not None:
        return elsewhere(error)
    status = error.code or 500
    if error.response is not None:
        return AnyResponse.force_type(error.get_response())
    if 300 <= status < 400:
        return AnyResponse.force_type(error.get_response())
    response = answer(status)
    # Allow, Retry-After, WWW-Authenticate and the like belong to the status.
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def _any_error(error: Exception) -> AnyResponse:
    told, elsewhere = as_cms_error(error), find_error_answer(request.path)
    if elsewhere is None or isinstance(told, Unavailable):
        # Whoever answers an error that is of no known kind logs it.
        _log.exception("a request failed")
    if isinstance(error, SQLAlchemyError):
        current_session().rollback()
    if isinstance(told, Unavailable):
        if request.method not in _SAFE and has_committed():
            # It was lost on the way to its answer: that nothing was changed would be wrong.
            told = OutcomeUnknown()
        ask_nobody()
        return _cms_error(told)
    if elsewhere is not None:
        return elsewhere(error)
    if _is_for_a_script():
        response = jsonify(error=str(_BROKEN), request_id=request_id())
        response.status_code = 500
        response.headers["Cache-Control"] = "no-store"
        return response
    return answer(500)


def _is_for_a_script() -> bool:
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    return best == "application/json" or request.path.endswith(".json")


def answer(status: int, message: str = "") -> Response:
    """Return the page for an error; plain text if the theme cannot be had either."""
    number = request_id() if status >= 500 else ""
    context = ErrorContext(status=status, message=message, request_id=number)
    try:
        frame = get_frame()
        head = plain_head(frame, f"{status}")
        names = [f"{status}.html", "500.html"]
        text = show(names, around=_around(), head=head, error=context)
        stands_in_theme()
        response = Response(text, status=status)
    except (SQLAlchemyError, TemplateError, ThemeError, OSError) as error:
        _log.error("the page for status %s could not be made: %s", status, error)
        response = _plain(status, number)
    except Exception:  # noqa: BLE001 -- a broken page about something broken still tells its number, and nothing else
        _log.exception("the page for status %s could not be made", status)
        response = _plain(status, number)
    response.headers["Cache-Control"] = "no-store"
    if status == 503:
        response.headers["Retry-After"] = "30"
    return response


def _plain(status: int, number: str) -> Response:
    return Response(f"{status}\n{number}\n", status=status, content_type="text/plain; charset=utf-8")


def _around() -> Around:
    """Find the navigation for an error page; a page about a broken database stands without."""
    try:
        return find_around(privacy_page_id=get_frame().settings.privacy_page_id)
    except SQLAlchemyError:
        current_session().rollback()
        return Around()
