"""What every back-office answer carries: a closed content policy with a fresh nonce, and no storing."""

from __future__ import annotations

import secrets

from flask import Response, g, request

from cms.admin.access import is_back_office

#: Everything is closed, then opened for this origin alone; scripts need the nonce of the one answer they came with.
#: `blob:` is for a picture that is shown while it uploads.
_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' blob:; font-src 'self'; "
    "media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; "
    "frame-ancestors 'none'"
)


def csp_nonce() -> str:
    """Return the nonce of this answer: 128 random bits, the same for every script of the page."""
    if "admin_csp_nonce" not in g:
        g.admin_csp_nonce = secrets.token_urlsafe(16)
    return str(g.admin_csp_nonce)


#: The sign-in pages stand in the same look and under the same rules.
_CLOSED_TOO = frozenset({"accounts", "security"})


def close_page(response: Response) -> Response:
    """Give every answer of the back office and the sign-in pages the strict headers."""
    if not is_back_office(request.path) and request.blueprint not in _CLOSED_TOO:
        return response
    headers = response.headers
    headers["Content-Security-Policy"] = _POLICY.format(nonce=csp_nonce())
    headers["Cache-Control"] = "no-store, private"
    headers["Referrer-Policy"] = "same-origin"
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    return response
