"""Who may come in: strangers are sent to sign in, and each route asks for the permission it declares."""

from __future__ import annotations

import re
from urllib.parse import urlencode, urlsplit

from flask import Response, request, url_for

from cms.accounts.models import User
from cms.accounts.people import current_person
from cms.core.errors import Forbidden, NotFound
from cms.core.permissions import SIGNED_IN, may_some

_SLASHES = re.compile(r"[/\\]+")
LONGEST_NEXT = 1500


def person() -> User:
    """Return the signed-in person; NotFound when nobody is (strangers were sent away before)."""
    someone = current_person()
    if someone is None:
        raise NotFound
    return someone


def is_back_office(path: str) -> bool:
    """Tell whether a path lies in the back office, however its slashes are doubled."""
    plain = _SLASHES.sub("/", path)
    return plain == "/admin" or plain.startswith("/admin/")


def send_stranger_away() -> Response | None:
    """Answer a stranger under /admin with one and the same redirect for any path, also one that does not exist."""
    if not is_back_office(request.path) or current_person() is not None:
        return None
    wanted = request.full_path.rstrip("?") if request.method in {"GET", "HEAD"} else _page_of_the_form()
    if len(wanted) > LONGEST_NEXT:
        wanted = "/admin/"
    response = Response(status=302)
    response.headers["Location"] = f"{url_for('security.login')}?{urlencode({'next': _SLASHES.sub('/', wanted)})}"
    return response


def _page_of_the_form() -> str:
    """Return the page of ours that a form was sent from, so that what was typed there is offered after sign-in."""
    came_from = urlsplit(request.referrer or "")
    return came_from.path if came_from.netloc == request.host and is_back_office(came_from.path) else "/admin/"


def check_route(permission: str, seen_with: str) -> None:
    """Let a request pass whose person holds `permission` in some extent.

    Raises Forbidden for those who see this part of the back office (with the permission `seen_with`), NotFound for
    everybody else.
    """
    someone = person()
    if permission == SIGNED_IN or may_some(someone, permission):
        return
    if seen_with == SIGNED_IN or may_some(someone, seen_with):
        raise Forbidden
    raise NotFound
