"""Posts: `/posts/<slug>/`."""

from __future__ import annotations

from werkzeug.wrappers import Response

from cms.cache.pages import cached_page
from cms.content.queries import get_published_post
from cms.core.errors import NotFound
from cms.core.permissions import public_route
from cms.extensions import csrf
from cms.public.frame import viewer
from cms.public.routes import answer_entry, blueprint, old_address


@blueprint.route("/posts/<slug>/", methods=["GET", "POST"])
@csrf.exempt
@public_route
@cached_page
def post(slug: str) -> Response:
    """Show a post, or ask for its password; an old slug leads to the new one."""
    try:
        found = get_published_post(slug, user=viewer())
    except NotFound:
        return old_address(f"/posts/{slug}/")
    return answer_entry(found)
