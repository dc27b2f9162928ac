"""Security headers: one module decides for each kind of answer what a browser may do with it (OWASP ASVS 5.0, 3.4).

A *page* is what readers get, a *private page* belongs to the back office or to signing in, a *file* is what somebody
uploaded, and everything else is *plain*. docs/hardening.md says the same in words for operators.
"""

from __future__ import annotations

import re
import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request

from cms.lib.document.embeds import FRAME_HOSTS

#: Browsers tell here what a policy refused.
REPORTS = "/csp-reports"
#: The policies by which the editor turns text into HTML: our cleaning of what is pasted, and ProseMirror's own.
EDITOR_TYPES = "masthead-paste ProseMirrorClipboard"
_YEAR = 31_536_000
_NAME = re.compile(r"(?=.*[a-z])[a-z0-9.-]+", re.IGNORECASE)

#: What no page of ours has a use for; frames of other sites get no more than this.
_NOBODY = (
    "accelerometer", "browsing-topics", "camera", "clipboard-read", "display-capture", "geolocation",
    "gyroscope", "hid", "idle-detection", "magnetometer", "microphone", "midi", "payment", "serial", "usb",
    "xr-spatial-tracking",
)  # fmt: skip
_OURSELVES = ("publickey-credentials-create", "publickey-credentials-get")
PERMISSIONS = ", ".join([*(f"{name}=()" for name in _NOBODY), *(f"{name}=(self)" for name in _OURSELVES)])

#: What is no page needs nothing; should a browser open it as one all the same, it can do nothing.
PLAIN_POLICY = "default-src 'none'; frame-ancestors 'none'; form-action 'none'; base-uri 'none'"
#: An uploaded file that is opened by itself is shown or played, in an origin of its own.
FILE_POLICY = "default-src 'none'; img-src 'self'; media-src 'self'; frame-ancestors 'none'; sandbox"


def page_policy(scripts: str) -> str:
    """Return the policy of pages for readers, whose scripts come from `scripts` alone.

    They hold no nonces, for they are cached: nothing inline runs, nothing comes from elsewhere, no text becomes HTML
    by a script, and only the players a reader asks for are framed.
    """
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {scripts}",
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
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
            f"report-uri {REPORTS}",
        ]
    )


def private_policy(nonce: str, *, trusted_types: str) -> str:
    """Return the policy of private pages: scripts need the nonce of the one answer they came with.

    `blob:` is for a picture that is shown while it uploads.
    """
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' blob:; font-src 'self'; "
        "media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; "
        f"frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types {trusted_types}; "
        f"report-uri {REPORTS}"
    )


def reference_policy() -> str:
    """Return the policy of the reference of the API: a page to read, on which nothing runs and which asks nobody."""
    return (
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; "
        f"frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'; report-uri {REPORTS}"
    )


def console_policy(nonce: str) -> str:
    """Return the policy of the page on which one tries the API (Swagger UI).

    Its style sheet draws arrows and marks with `data:` pictures; it asks this site alone, and writes no HTML.
    """
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'none'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; "
        f"require-trusted-types-for 'script'; trusted-types 'none'; report-uri {REPORTS}"
    )


def csp_nonce() -> str:
    """Return the nonce of this answer: 128 random bits, the same for every script of the page."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def stands_in_theme() -> None:
    """Note that this answer is a page of the theme, wherever it was asked for: an error within the back office, say."""
    g.stands_in_theme = True


def close(response: Response, *, edits: bool) -> None:
    """Give an answer the headers of private pages; `edits` lets the editor's script clean what is pasted."""
    headers = response.headers
    if response.mimetype != "text/html":
        headers["Content-Security-Policy"] = PLAIN_POLICY
    elif "stands_in_theme" in g:
        headers["Content-Security-Policy"] = page_policy(_theme_files())
    else:
        types = EDITOR_TYPES if edits else "'none'"
        headers["Content-Security-Policy"] = private_policy(csp_nonce(), trusted_types=types)
    headers["Cache-Control"] = "no-store, private"
    headers["Referrer-Policy"] = "same-origin"
    headers["X-Frame-Options"] = "DENY"
    headers["Permissions-Policy"] = PERMISSIONS
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"


def close_file(response: Response, *, for_all: bool) -> None:
    """Give an uploaded file its headers; only what everybody may see can be shown on pages of other sites."""
    headers = response.headers
    headers["Content-Security-Policy"] = FILE_POLICY
    headers["Cross-Origin-Resource-Policy"] = "cross-origin" if for_all else "same-origin"
    # A PDF asks for data of its host as Flash once did.
    headers["X-Permitted-Cross-Domain-Policies"] = "none"


def init_headers(app: Flask) -> None:
    """Give every answer the headers it has not set itself."""
    secure = str(app.config["CMS_BASE_URL"]).startswith("https://")

    @app.after_request
    def protect(response: Response) -> Response:
        headers = response.headers
        if response.mimetype == "text/html":
            if "Content-Security-Policy" not in headers:
                headers["Content-Security-Policy"] = page_policy(_theme_files())
            headers.setdefault("Permissions-Policy", PERMISSIONS)
            headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
            headers.setdefault("Origin-Agent-Cluster", "?1")
        headers.setdefault("Content-Security-Policy", PLAIN_POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("X-Frame-Options", "SAMEORIGIN")
        headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        # A browser that hears it over http is to ignore it, so it is not said there (RFC 6797, 7.2).
        if secure and request.is_secure:
            headers.setdefault("Strict-Transport-Security", f"max-age={_YEAR}; includeSubDomains")
        return response


def _theme_files() -> str:
    """Return where scripts of pages may come from: the theme's folder of this host, so that no upload is ever one.

    Policies know no paths of numeric addresses (CSP 3, 6.7.2.9); there, and for a host that is not ours, it is 'self'.
    """
    host = str(request.environ.get("HTTP_HOST", ""))
    ours = {urlsplit(str(current_app.config["CMS_BASE_URL"])).hostname, *current_app.config["TRUSTED_HOSTS"]}
    name, _colon, port = host.partition(":")
    if name.lower() in ours and _NAME.fullmatch(name) and (not port or port.isdecimal()):
        return f"{host}/theme/"
    return "'self'"
