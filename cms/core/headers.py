"""Security headers: a closed policy on every answer that does not bring its own."""

from __future__ import annotations

from flask import Flask, Response, request

from cms.lib.document.embeds import FRAME_HOSTS

#: Pages for readers hold no nonces, for they are cached: nothing inline runs, nothing comes from elsewhere,
#: and only the players a reader asks for are framed.
PUBLIC_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "media-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        f"frame-src {' '.join(f'https://{host}' for host in FRAME_HOSTS)}",
        "form-action 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'self'",
    ]
)
#: What is no page needs nothing; should a browser open it as one all the same, it can do nothing.
PLAIN_POLICY = "default-src 'none'; frame-ancestors 'none'; form-action 'none'; base-uri 'none'"
_PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"
_YEAR = 31_536_000


def init_headers(app: Flask) -> None:
    """Give every answer the headers it has not set itself (OWASP ASVS 5.0, 3.4)."""
    secure = str(app.config["CMS_BASE_URL"]).startswith("https://")

    @app.after_request
    def protect(response: Response) -> Response:
        headers = response.headers
        is_page = response.mimetype == "text/html"
        headers.setdefault("Content-Security-Policy", PUBLIC_POLICY if is_page else PLAIN_POLICY)
        if is_page:
            headers.setdefault("Permissions-Policy", _PERMISSIONS)
            headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("X-Frame-Options", "SAMEORIGIN")
        headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if secure and request.is_secure:
            headers.setdefault("Strict-Transport-Security", f"max-age={_YEAR}; includeSubDomains")
        return response
