"""Small cookies beside the session: all of one kind, so that none is weaker than another.

Under https their names begin with `__Host-`: a browser takes such a cookie over https alone, for this host alone,
so that neither a neighbour below the same domain nor somebody on the wire can plant one (RFC 6265bis, 4.1.3).
"""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, current_app, request
from werkzeug.wrappers import Response


def _is_secure() -> bool:
    return str(current_app.config["CMS_BASE_URL"]).startswith("https://")


def cookie_name(name: str) -> str:
    """Return what the cookie called `name` in the code is called in a browser."""
    return f"__Host-{name}" if _is_secure() else name


def read_cookie(name: str) -> str:
    """Return the value that a browser sent, empty when there is none; it may be anything."""
    return request.cookies.get(cookie_name(name), "")


def keep_cookie(response: Response, name: str, value: str, *, lasts: timedelta) -> None:
    """Have the browser keep `value`, unseen by scripts, and send it to this site alone."""
    response.set_cookie(
        cookie_name(name), value, max_age=lasts, path="/", secure=_is_secure(), httponly=True, samesite="Lax"
    )


def drop_cookie(response: Response, name: str) -> None:
    """Have the browser forget a cookie."""
    response.delete_cookie(cookie_name(name), path="/", secure=_is_secure(), httponly=True, samesite="Lax")


def init_cookies(app: Flask) -> None:
    """Complete what libraries set; must be joined before them, so that it sees each answer after they did.

    Flask-Login takes its cookie back without the flags it gave it, which browsers refuse for `__Host-` names: the
    cookie stayed, and with it a visitor whom the page cache passes by.
    """

    @app.after_request
    def complete(response: Response) -> Response:
        lines = response.headers.getlist("Set-Cookie")
        if any(_is_incomplete(line) for line in lines):
            response.headers.setlist(
                "Set-Cookie",
                [f"{line}; Secure; HttpOnly; SameSite=Lax" if _is_incomplete(line) else line for line in lines],
            )
        return response


def _is_incomplete(line: str) -> bool:
    return line.startswith("__Host-") and "; secure" not in line.lower()
