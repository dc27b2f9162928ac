"""Authors: `/author/<slug>/`."""

from __future__ import annotations

from flask import redirect
from werkzeug.wrappers import Response

from cms.accounts.queries import find_user_by_old_slug, find_user_by_slug
from cms.cache.pages import cached_page
from cms.content.addresses import author_path, to_url
from cms.content.around import find_around
from cms.content.queries import list_posts
from cms.content.rendering import find_things
from cms.core.errors import NotFound
from cms.core.permissions import public_route
from cms.public.contexts import person_of
from cms.public.frame import get_frame, show, viewer
from cms.public.heads import list_head
from cms.public.lists import cards_and_pages, number_or_redirect
from cms.public.routes import blueprint, old_address
from cms.theming.contexts import AuthorContext


@blueprint.get("/author/<slug>/")
@public_route
@cached_page
def author(slug: str) -> Response | str:
    """Show a person and their posts; somebody who has written nothing that readers see has no page."""
    user = find_user_by_slug(slug)
    if user is None:
        merged = find_user_by_old_slug(slug)
        if merged is not None and list_posts(page=1, per_page=1, user=viewer(), author=merged).total:
            return redirect(to_url(author_path(merged.slug)), 301)
        return old_address(f"/author/{slug}/")
    base = to_url(author_path(user.slug))
    number = number_or_redirect(base)
    frame = get_frame()
    page = number if isinstance(number, int) else 1
    found = list_posts(page=page, per_page=frame.settings.posts_per_page, user=viewer(), author=user)
    if not found.total:
        # Asked first: no answer tells that there is such a person.
        raise NotFound()
    if not isinstance(number, int):
        return redirect(number, 301)
    cards, where = cards_and_pages(found, frame, base)
    around = find_around(author_id=user.id, privacy_page_id=frame.settings.privacy_page_id)
    since = around.one("since")
    person = person_of(user, find_things([], more_media=[user.picture_id] if user.picture_id else []))
    context = AuthorContext(
        person=person,
        posts=cards,
        pagination=where,
        since=frame.local(since.published_at).year if since and since.published_at else None,
    )
    head = list_head(frame, user.name, pagination=where, description=user.biography)
    return show(["author.html"], around=around, head=head, path=author_path(user.slug), author=context)
