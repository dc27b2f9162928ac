"""Files of themes: `/theme/<name>/…`, the settings as a stylesheet, the icon of the site."""

from __future__ import annotations

import mimetypes

from flask import Response, redirect, request, send_file, url_for
from werkzeug.wrappers import Response as AnyResponse

from cms.core.errors import NotFound
from cms.core.permissions import public_route
from cms.public.frame import get_frame
from cms.public.routes import blueprint
from cms.public.urls import settings_stylesheet
from cms.theming.contexts import SiteContext
from cms.theming.errors import ThemeError
from cms.theming.rendering import themes

_FOR_GOOD = "public, max-age=31536000, immutable"
#: What a theme may serve; anything else in its folder is its own business.
_TYPES = frozenset(
    {"css", "js", "woff2", "woff", "svg", "png", "jpg", "jpeg", "webp", "avif", "gif", "ico", "txt", "webmanifest"}
)


@blueprint.get("/theme/<name>/<path:path>")
@public_route
def theme_file(name: str, path: str) -> AnyResponse:
    """Send a static file of a theme or its parents; one whose name holds its hash may be kept for good."""
    try:
        theme = themes().engine(name).theme
    except ThemeError:
        raise NotFound() from None
    file = theme.find("static", path)
    if file is None or path.rpartition(".")[2] not in _TYPES:
        raise NotFound()
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    response = send_file(file, mimetype="font/woff2" if path.endswith(".woff2") else kind, conditional=True)
    asked = request.args.get("v", "")
    for_good = theme.is_immutable(path) or (bool(asked) and theme.asset(path).endswith(f"?v={asked}"))
    response.headers["Cache-Control"] = _FOR_GOOD if for_good else "public, max-age=300"
    return response


@blueprint.get("/theme/settings.css")
@public_route
def settings_css() -> Response:
    """Send the theme's settings; the address holds their hash, so that what it names never changes."""
    frame = get_frame()
    response = Response(settings_stylesheet(frame.engine.theme, frame.theme), content_type="text/css; charset=utf-8")
    response.headers["Cache-Control"] = _FOR_GOOD if request.args.get("v") else "no-cache"
    return _with_etag(response)


@blueprint.get("/favicon.ico")
@public_route
def favicon() -> AnyResponse:
    """Lead programs that look for the icon at its oldest address to it."""
    return redirect(url_for("public.icon"), 301)


@blueprint.get("/theme/icon.svg")
@public_route
def icon() -> Response:
    """Send the icon of the site, in its accent colour."""
    frame = get_frame()
    site = SiteContext(
        name=frame.settings.name, description="", language=frame.settings.language, direction="ltr", base_url=""
    )
    svg = frame.engine.render(["icon.svg"], site=site, now=frame.now, context={"theme": frame.theme}).text
    response = Response(svg, content_type="image/svg+xml")
    response.headers["Cache-Control"] = "public, max-age=86400"
    return _with_etag(response)


def _with_etag(response: Response) -> Response:
    response.add_etag()
    response.make_conditional(request)
    return response
