"""Light or dark: a form that sets a cookie, and a small stylesheet that says what it holds.

Pages are cached and alike for everybody, so the choice cannot stand in them. `/appearance.css` is the one answer
that depends on it; browsers ask anew each time and mostly hear that nothing has changed (304).
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from flask import Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from cms.accounts.redirects import is_safe_target
from cms.core.cookies import drop_cookie, keep_cookie, read_cookie
from cms.core.errors import Invalid
from cms.core.i18n import _
from cms.core.permissions import public_route
from cms.extensions import csrf
from cms.public.frame import get_frame
from cms.public.routes import blueprint
from cms.theming.contexts import SiteContext

COOKIE = "appearance"
CHOICES = ("auto", "light", "dark")
_LASTS = timedelta(days=365)


@blueprint.post("/appearance")
@csrf.exempt
@public_route
def appearance() -> AnyResponse:
    """Keep what the reader chose, and lead back to the page they came from."""
    choice = request.form.get("theme", "")
    if choice not in CHOICES:
        raise Invalid(_("Choose light, dark, or what the device says."))
    response = redirect(_back(), 303)
    if choice == "auto":
        drop_cookie(response, COOKIE)
    else:
        keep_cookie(response, COOKIE, choice, lasts=_LASTS)
    response.headers["Cache-Control"] = "no-store"
    return response


def _back() -> str:
    """Return a path of this site: what the page named, else where the browser says it was, else the front page."""
    wanted = request.form.get("next", "")
    if not wanted:
        parts = urlsplit(request.referrer or "")
        wanted = parts.path + (f"?{parts.query}" if parts.query else "") if parts.netloc == request.host else ""
    return wanted if wanted.startswith("/") and is_safe_target(wanted) else "/"


@blueprint.get("/appearance.css")
@public_route
def stylesheet() -> Response:
    """Send the few rules for what the reader chose."""
    chosen = read_cookie(COOKIE) or "auto"
    choice = chosen if chosen in CHOICES else "auto"
    frame = get_frame()
    site = SiteContext(
        name=frame.settings.name, description="", language=frame.settings.language, direction="ltr", base_url=""
    )
    css = frame.engine.render(
        ["appearance.css"], site=site, now=frame.now, context={"choice": choice, "theme": frame.theme}
    ).text
    response = Response(css, content_type="text/css; charset=utf-8")
    response.add_etag()
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.add("Cookie")
    response.make_conditional(request)
    return response
