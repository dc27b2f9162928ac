"""`/.well-known/`: where to report a hole (RFC 9116), and where a password is changed."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from cms.core.errors import NotFound
from cms.core.permissions import public_route
from cms.lib.clock import utcnow
from cms.public.frame import get_frame
from cms.public.routes import blueprint

#: The file says until when it is to be believed; the RFC advises less than a year.
_LASTS = timedelta(days=180)


@blueprint.get("/.well-known/security.txt")
@public_route
def security_txt() -> Response:
    """Say who hears of holes; NotFound while the settings name nobody."""
    frame = get_frame()
    contact = frame.settings.security_contact
    if not contact:
        raise NotFound
    expires = (utcnow() + _LASTS).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = (
        f"Contact: {contact if contact.lower().startswith('https:') else 'mailto:' + quote(contact, safe='@')}",
        f"Expires: {expires.strftime('%Y-%m-%dT%H:%M:%SZ')}",
        f"Preferred-Languages: {', '.join(dict.fromkeys([frame.settings.language, 'en']))}",
        f"Canonical: {frame.base_url}{url_for('public.security_txt')}",
    )
    response = Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


@blueprint.get("/.well-known/change-password")
@public_route
def change_password() -> AnyResponse:
    """Lead a password manager to the page where a password is changed (W3C, a well-known URL for that)."""
    response = redirect(url_for("security.change_password"), 302)
    response.headers["Cache-Control"] = "no-store"
    return response
