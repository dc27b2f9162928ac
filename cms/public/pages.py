"""Pages: `/<path>/`, and every other address that no route has."""

from __future__ import annotations

from flask import redirect, request
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
        return old_address(f"/{path}")
    try:
        found = get_published_page(clean, user=viewer())
    except NotFound:
        return old_address(f"/{path}")
    if found.id == get_frame().settings.home_page_id:
        return redirect("/", 301)
    if not path.endswith("/") and request.method in ("GET", "HEAD"):
        query = f"?{request.query_string.decode('ascii', 'replace')}" if request.query_string else ""
        return redirect(to_url(found.address or "/") + query, 301)
    return answer_entry(found)
