"""Who asks below /api: whom the token of `Authorization: Bearer` stands for, and nobody else. Cookies say nothing here.

A route is closed unless its method carries a stamp: nobody gets 401, who lacks the permission in every extent 403.
"""

from __future__ import annotations

from flask import current_app, request
from werkzeug.wrappers import Response

from cms.accounts.bearers import find_bearer
from cms.accounts.models import User
from cms.accounts.people import come_as, current_person
from cms.core.errors import Forbidden, NotFound, Unauthenticated
from cms.core.i18n import _
from cms.core.permissions import PUBLIC, SIGNED_IN, may_some, route_permission

PREFIX = "/api"


def is_api(path: str) -> bool:
    """Tell whether a path lies below /api."""
    return path == PREFIX or path.startswith(f"{PREFIX}/")


def come_in() -> None:
    """Say who asks, before anybody else wonders; raises Unauthenticated for a token that is worth nothing."""
    if not is_api(request.path):
        return
    come_as(None)
    given = request.headers.getlist("Authorization")
    if not given:
        return
    scheme, _space, secret = given[0].strip().partition(" ")
    if len(given) > 1 or scheme.lower() != "bearer":
        raise Unauthenticated(_("Send one header of the form Authorization: Bearer, with your token behind it."))
    come_as(find_bearer(secret.strip()))


def check_stamp() -> Response | None:
    """Let a request pass that may use its route at all; policies decide on the single thing.

    Whoever asks which methods there are (OPTIONS) is told at once.
    """
    if request.method == "OPTIONS" and request.url_rule is not None:
        return Response(status=204, headers={"Allow": ", ".join(sorted(request.url_rule.methods or ()))})
    view = current_app.view_functions.get(request.endpoint or "")
    declared = route_permission(request.endpoint or "", view, request.method) if view is not None else None
    if declared is None:
        raise NotFound
    if declared != PUBLIC:
        someone = person()
        if declared != SIGNED_IN and not may_some(someone, declared):
            raise Forbidden
    return None


def person() -> User:
    """Return who asks; raises Unauthenticated for nobody."""
    someone = current_person()
    if someone is None:
        raise Unauthenticated
    return someone


def caller() -> User | None:
    """Return who asks, None for nobody."""
    return current_person()
