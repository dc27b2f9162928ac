"""The front page: the newest posts, or the page chosen in the settings."""

from __future__ import annotations

from flask import redirect
from werkzeug.wrappers import Response

from cms.cache.pages import cached_page
from cms.content.around import find_around, list_topics
from cms.content.queries import get_published_entry, list_posts
from cms.core.errors import NotFound
from cms.core.permissions import public_route
from cms.extensions import csrf
from cms.public.contexts import counted_term, pagination, post_card
from cms.public.frame import Frame, get_frame, show, viewer
from cms.public.heads import list_head
from cms.public.lists import number_or_redirect
from cms.public.routes import answer_entry, blueprint, old_query
from cms.public.structured import json_ld, website
from cms.theming.contexts import HomeContext


@blueprint.route("/", methods=["GET", "POST"])
@csrf.exempt
@public_route
@cached_page
def home() -> Response | str:
    """Show the front page."""
    old = old_query()
    if old is not None:
        return old
    frame = get_frame()
    if frame.settings.home_page_id is not None:
        try:
            page = get_published_entry(frame.settings.home_page_id, user=viewer())
        except NotFound:
            # A page that was taken back leaves the newest posts in its place.
            return _posts(frame)
        return answer_entry(page, path="/")
    return _posts(frame)


def _posts(frame: Frame) -> Response | str:
    number = number_or_redirect("/")
    if not isinstance(number, int):
        return redirect(number, 301)
    found = list_posts(page=number, per_page=frame.settings.posts_per_page, user=viewer(), sticky_first=True)
    cards = [post_card(post, frame) for post in found]
    # The first page opens with a post: the pinned one, else the newest if it has a picture to carry it.
    opens = number == 1 and bool(cards) and (cards[0].is_sticky or cards[0].picture is not None)
    where = pagination(number, found.pages, found.total, "/")
    context = HomeContext(
        lead=cards[0] if opens else None,
        posts=tuple(cards[1:] if opens else cards),
        pagination=where,
        topics=tuple(counted_term(term, posts) for term, posts in list_topics()) if number == 1 else (),
    )
    around = find_around(privacy_page_id=frame.settings.privacy_page_id)
    head = list_head(frame, "", pagination=where, structured_data=json_ld(website(frame)))
    return show(["home.html"], around=around, head=head, path="/", home=context)
