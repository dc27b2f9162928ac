"""Categories and tags: `/category/<path>/`, `/tag/<slug>/`."""

from __future__ import annotations

from flask import redirect
from werkzeug.wrappers import Response

from cms.cache.pages import cached_page
from cms.content.addresses import term_path, to_url
from cms.content.around import find_around, list_terms_around
from cms.content.models import Term
from cms.content.queries import get_category, get_tag, list_posts
from cms.core.errors import NotFound
from cms.core.permissions import public_route
from cms.public.contexts import counted_term, term_link
from cms.public.frame import get_frame, show, viewer
from cms.public.heads import list_head
from cms.public.lists import cards_and_pages, number_or_redirect
from cms.public.routes import blueprint, old_address
from cms.public.structured import breadcrumbs, json_ld
from cms.theming.contexts import TermContext


@blueprint.get("/category/<path:path>/")
@public_route
@cached_page
def category(path: str) -> Response | str:
    """Show the posts of a category and of those below it."""
    try:
        found = get_category(path)
    except NotFound:
        return old_address(f"/category/{path}/")
    return _term(found)


@blueprint.get("/tag/<path:path>/")
@public_route
@cached_page
def tag(path: str) -> Response | str:
    """Show the posts with a tag."""
    try:
        found = get_tag(path)
    except NotFound:
        return old_address(f"/tag/{path}/")
    return _term(found)


def _term(term: Term) -> Response | str:
    base = to_url(term_path(term))
    number = number_or_redirect(base)
    if not isinstance(number, int):
        return redirect(number, 301)
    frame = get_frame()
    found = list_posts(page=number, per_page=frame.settings.posts_per_page, user=viewer(), term=term)
    cards, where = cards_and_pages(found, frame, base)
    above, below = list_terms_around(term)
    context = TermContext(
        kind="category" if term.kind == "category" else "tag",
        name=term.name,
        posts=cards,
        pagination=where,
        description=term.description,
        children=tuple(counted_term(child, posts) for child, posts in below),
        crumbs=tuple(term_link(parent) for parent in above),
    )
    steps = [(item.name, term_link(item).url) for item in (*above, term)]
    around = find_around(privacy_page_id=frame.settings.privacy_page_id)
    head = list_head(
        frame,
        term.name,
        pagination=where,
        description=term.description,
        robots="" if cards else "noindex",
        structured_data=json_ld(breadcrumbs(frame, steps)),
    )
    return show([f"{term.kind}.html", "term.html"], around=around, head=head, path=term_path(term), term=context)
