"""Errors in one shape everywhere below /api: `application/problem+json` (RFC 9457), for every status."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from flask import current_app, g, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from cms.accounts.people import current_person
from cms.core.db import current_session
from cms.core.errors import CmsError, Conflict, Forbidden, Invalid, OutcomeUnknown
from cms.core.i18n import LazyString, Text, _
from cms.core.limits import HeadersTooLarge
from cms.core.permissions import SIGNED_IN, route_permission
from cms.core.telemetry import request_id

MEDIA_TYPE = "application/problem+json"
_log = logging.getLogger("cms.api")

#: For programs, a word; for people, a sentence. Of statuses that no error of ours stands for.
_OF_HTTP: dict[int, tuple[str, Text]] = {
    400: ("bad_request", _("This request cannot be read. Compare it with the documentation.")),
    401: ("unauthenticated", _("Sign in to go on.")),
    403: ("forbidden", Forbidden.default),
    404: ("not_found", _("There is nothing here.")),
    405: ("method_not_allowed", _("This address does not take that method. The header Allow names those it takes.")),
    406: ("not_acceptable", _("None of the forms that you accept can be had here.")),
    413: ("too_large", _("This is larger than what can be taken.")),
    414: ("address_too_long", _("This address is too long.")),
    415: ("unsupported_media_type", _("Send the body as application/json.")),
    422: ("invalid", _("Some fields need another look.")),
    429: ("too_many_requests", _("That was too often. Wait a moment, then try again.")),
    500: ("broken", _("Something is broken here. Please try again in a moment.")),
    503: ("unavailable", _("This cannot be done just now. Nothing was changed; please try again in a moment.")),
}

#: Statuses that RFC 9110 calls other than Python's library does.
_TITLES = {413: "Content Too Large", 414: "URI Too Long", 422: "Unprocessable Content"}

#: What the usual sentences of errors are below /api, where nobody has a browser or a text in a form.
_FOR_PROGRAMS: dict[type[CmsError], LazyString] = {
    Conflict: _("This does not go with what is there now. Read it anew, then decide."),
    HeadersTooLarge: _("The headers of this request are too large. Send fewer of them, or shorter ones."),
    OutcomeUnknown: _(
        "The database was cut off while this was being saved, so it may be done or not. Send it again with the same "
        "Idempotency-Key; if it had none, look first whether it is done."
    ),
}
_ROLE_OR_TOKEN = _("Your role, or the token in use, does not allow it.")


class InsufficientScope(Forbidden):
    """The person may, and the personal token in hand may not (RFC 6750, 3.1); `scope` is the permission it lacks."""

    code = "insufficient_scope"
    default = _("This token does not allow this. Use one that names the permission.")

    def __init__(self, scope: str) -> None:
        super().__init__(_("This token does not allow this: it needs the permission %(name)s.", name=scope))
        self.scope = scope


class Malformed(CmsError):  # noqa: N818 -- named for the answer it becomes
    """The body is no JSON, or one that means different things to different readers (RFC 8259, 4; I-JSON, RFC 7493)."""

    status = 400
    code = "malformed"
    default = _("The body is not JSON. Send one JSON object, in UTF-8.")


class UnsupportedMediaType(CmsError):  # noqa: N818 -- named for the answer it becomes
    """The body came as something that this address does not take."""

    status = 415
    code = "unsupported_media_type"
    default = _("Send the body as application/json.")


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    errors: Mapping[str, Sequence[str]] | None = None,
    more: Mapping[str, Any] | None = None,
) -> Response:
    """Return the answer for an error: a word for programs, a sentence for people, and the fields with theirs."""
    body = _described(status, code, detail, errors, more)
    made = Response(json.dumps(body, ensure_ascii=False), status=status, content_type=MEDIA_TYPE)
    made.headers["Cache-Control"] = "no-store"
    if status == HTTPStatus.UNAUTHORIZED:
        made.headers["WWW-Authenticate"] = 'Bearer realm="api"' + _bearer_error()
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        made.headers["Retry-After"] = "30"
    return made


def title_of(status: int) -> str:
    """Return what a status is called (RFC 9110, 15)."""
    return _TITLES.get(status) or HTTPStatus(status).phrase


def describe(error: CmsError) -> dict[str, Any]:
    """Return an error of ours in the shape that all have, to stand within an answer about several things."""
    return _described(error.status, error.code, _sentence(error), _fields(error), getattr(error, "more", None))


def say_of_no_token() -> None:
    """Say that no token is looked at in the request in hand: no answer blames one."""
    g.masthead_no_token = True


def _sentence(error: CmsError) -> str:
    """Return the sentence of an error, as it is for programs.

    What a personal token is refused may be for want of a role or for want of a scope: the sentence of an action, which
    ends with who may ("An editor can."), says so instead. What is for everybody who is signed in has its own reasons.
    """
    told = _FOR_PROGRAMS.get(type(error))
    if told is not None and error.args[0] is type(error).default:
        return str(told)
    if type(error) is Forbidden and _is_held_to_scopes():
        return f"{error.message.partition('. ')[0].rstrip('.')}. {_ROLE_OR_TOKEN}"
    return error.message


def _is_held_to_scopes() -> bool:
    someone = current_person()
    if someone is None or someone.narrowed_to is None:
        return False
    view = current_app.view_functions.get(request.endpoint or "")
    return view is not None and route_permission(request.endpoint or "", view, request.method) != SIGNED_IN


def _fields(error: CmsError) -> dict[str, list[str]]:
    told = error.fields if isinstance(error, Invalid) else {}
    return {name: _sentences(sentence) for name, sentence in told.items()}


def _described(
    status: int,
    code: str,
    detail: str,
    errors: Mapping[str, Sequence[str]] | None,
    more: Mapping[str, Any] | None,
) -> dict[str, Any]:
    return {
        "type": f"{current_app.config['CMS_BASE_URL']}/api/v1/problems/{code}",
        "title": title_of(status),
        "status": status,
        "detail": detail,
        "code": code,
        "errors": {name: list(sentences) for name, sentences in (errors or {}).items()},
        "message": detail,
        "request_id": request_id(),
        **(more or {}),
    }


def _bearer_error() -> str:
    """Name the error where a token was shown, and nothing where none was (RFC 6750, 3.1)."""
    shown = "Authorization" in request.headers and not g.get("masthead_no_token", False)
    return ', error="invalid_token"' if shown else ""


def answer_error(error: Exception) -> Response:
    """Return the answer for whatever went wrong below /api; never a stack, never a text of the database."""
    if isinstance(error, CmsError):
        return _of_ours(error)
    if isinstance(error, HTTPException):
        return _of_http(error)
    _log.error("a request failed", exc_info=error)
    if isinstance(error, SQLAlchemyError):
        current_session().rollback()
    return _plain(500)


def _of_ours(error: CmsError) -> Response:
    told: Any = getattr(error, "more", None)
    made = problem(error.status, error.code, _sentence(error), errors=_fields(error), more=told)
    if isinstance(error, InsufficientScope):
        made.headers["WWW-Authenticate"] = f'Bearer realm="api", error="{error.code}", scope="{error.scope}"'
    retry_after = getattr(error, "retry_after", None)
    if retry_after is not None:
        made.headers["Retry-After"] = str(retry_after)
    return made


def _sentences(told: object) -> list[str]:
    return [str(item) for item in told] if isinstance(told, list | tuple) else [str(told)]


def _of_http(error: HTTPException) -> Response:
    if error.response is not None or 300 <= (error.code or 500) < 400:
        return Response.force_type(error.get_response(), request.environ)
    made = _plain(error.code or 500)
    for name, value in error.get_headers():
        # Allow, Retry-After and the like belong to the status.
        if name.lower() not in ("content-type", "content-length"):
            made.headers[name] = value
    return made


def _plain(status: int) -> Response:
    code, sentence = _OF_HTTP.get(status, _OF_HTTP[500 if status >= 500 else 400])
    return problem(status, code, str(sentence))


def sentences_by_code() -> dict[str, tuple[int, Text]]:
    """Return the status and the usual sentence of every code that an error can have."""
    found: dict[str, tuple[int, Text]] = {code: (status, told) for status, (code, told) in _OF_HTTP.items()}
    waiting = [CmsError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        found.setdefault(kind.code, (kind.status, _FOR_PROGRAMS.get(kind, kind.default)))
    return found
