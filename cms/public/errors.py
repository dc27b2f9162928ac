"""Errors in the theme: what went wrong, what to do, and the number under which the log has it."""

from __future__ import annotations

import logging

from flask import Flask, Response, request
from jinja2 import TemplateError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from cms.content.around import Around, find_around
from cms.core.db import current_session
from cms.core.errors import CmsError
from cms.core.telemetry import request_id
from cms.public.frame import get_frame, show
from cms.public.heads import plain_head
from cms.theming.contexts import ErrorContext
from cms.theming.errors import ThemeError

_log = logging.getLogger("cms.public")
#: Statuses whose own words (of our errors) a reader is told; the theme has its own for the others.
_TOLD = frozenset({403, 409, 413, 422, 429, 503, 507})


def init_errors(app: Flask) -> None:
    """Answer every error that no other part of the product answers itself."""
    app.register_error_handler(CmsError, _cms_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _any_error)


def _cms_error(error: CmsError) -> AnyResponse:
    return answer(error.status, error.message if error.status in _TOLD else "")


def _http_error(error: HTTPException) -> AnyResponse:
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
    _log.exception("%s %s failed", request.method, request.path)
    if isinstance(error, SQLAlchemyError):
        current_session().rollback()
    return answer(500)


def answer(status: int, message: str = "") -> Response:
    """Return the page for an error; plain text if the theme cannot be had either."""
    number = request_id() if status >= 500 else ""
    context = ErrorContext(status=status, message=message, request_id=number)
    try:
        frame = get_frame()
        head = plain_head(frame, f"{status}")
        names = [f"{status}.html", "500.html"]
        text = show(names, around=_around(), head=head, error=context)
        response = Response(text, status=status)
    except (SQLAlchemyError, TemplateError, ThemeError, OSError) as error:
        _log.error("the page for status %s could not be made: %s", status, error)
        response = Response(f"{status}\n{number}\n", status=status, content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    if status == 503:
        response.headers["Retry-After"] = "30"
    return response


def _around() -> Around:
    """Find the navigation for an error page; a page about a broken database stands without."""
    try:
        return find_around(privacy_page_id=get_frame().settings.privacy_page_id)
    except SQLAlchemyError:
        current_session().rollback()
        return Around()
