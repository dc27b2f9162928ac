"""Pages: `/<path>/`, and every other address that no route has."""

from __future__ import annotations

from flask import current_app, redirect, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from cms.cache.pages import cached_page
from cms.content.addresses import RESERVED, to_url
from cms.content.queries import get_published_page
from cms.core.errors import NotFound
from cms.core.permissions import public_route
from cms.extensions import csrf
from cms.public.frame import get_frame, viewer
from cms.public.routes import answer_entry, blueprint, old_address


@blueprint.route("/<path:path>", methods=["GET", "POST"])
@csrf.exempt
@public_route
@cached_page
def page(path: str) -> Response:
    """Show a page; its address without the slash, and old addresses, lead to it."""
    clean = path.strip("/")
    if not clean or clean.split("/")[0] in RESERVED or "//" in path:
        return _route_without_slash(path) or old_address(f"/{path}")
    try:
        found = get_published_page(clean, user=viewer())
    except NotFound:
        return old_address(f"/{path}")
    if found.id == get_frame().settings.home_page_id:
        return redirect("/", 301)
    if not path.endswith("/") and request.method in ("GET", "HEAD"):
        return redirect(to_url(found.address or "/") + _query(), 301)
    return answer_entry(found)


def _route_without_slash(path: str) -> Response | None:
    """Lead from `/login/` to `/login`: whoever types an address cannot know which ones end in a slash."""
    if not path.endswith("/") or request.method not in ("GET", "HEAD"):
        return None
    bare = f"/{path[:-1]}"
    try:
        endpoint, _values = current_app.url_map.bind("").match(bare, method="GET")
    except HTTPException:
        return None
    return None if endpoint == request.endpoint else redirect(to_url(bare) + _query(), 301)


def _query() -> str:
    return f"?{request.query_string.decode('ascii', 'replace')}" if request.query_string else ""
