"""Search: `/search?q=`."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlencode

from flask import redirect, request
from markupsafe import Markup, escape
from werkzeug.wrappers import Response

from cms.cache.pages import cached_page
from cms.content.around import find_around
from cms.content.queries import LONGEST_SEARCH, search_entries, words
from cms.content.searching import read_texts
from cms.core.i18n import gettext
from cms.core.permissions import public_route
from cms.lib.snippets import cut_snippet
from cms.public.contexts import pagination, post_card
from cms.public.frame import get_frame, show, viewer
from cms.public.heads import plain_head
from cms.public.lists import number_or_redirect
from cms.public.routes import blueprint
from cms.theming.contexts import SearchContext


@blueprint.get("/search/")
@public_route
def search_with_slash() -> Response:
    """Lead to the search, which has no slash."""
    query = request.query_string.decode("ascii", "replace")
    return redirect(f"/search?{query}" if query else "/search", 301)


@blueprint.get("/search")
@public_route
@cached_page(args=("q", "page"))  # type: ignore[untyped-decorator]  # it decorates with and without arguments
def search() -> Response | str:
    """Show the posts and pages that hold all words of `q`."""
    query = unicodedata.normalize("NFC", request.args.get("q", ""))[:LONGEST_SEARCH].replace("\0", "").strip()
    base = f"/search?{urlencode({'q': query})}" if query else "/search"
    number = number_or_redirect(base)
    if not isinstance(number, int):
        return redirect(number, 301)
    frame = get_frame()
    found = search_entries(query, page=number, per_page=frame.settings.posts_per_page, user=viewer())
    texts = read_texts(found)
    cards = tuple(post_card(entry, frame, snippet=snippet(texts.get(entry.id, ""), words(query))) for entry in found)
    where = pagination(found.number, found.pages, found.total, base)
    context = SearchContext(query=query, posts=cards, pagination=where)
    around = find_around(privacy_page_id=frame.settings.privacy_page_id)
    title = gettext("Search: %(query)s", query=query) if query else gettext("Search")
    head = plain_head(frame, title, path=where.url(number))
    return show(["search.html"], around=around, head=head, path="/search", search=context)


def snippet(text: str, wanted: list[str]) -> Markup:
    """Return words around the first match in `text`, each match marked; empty if nothing matches."""
    made = Markup()
    for part, matches in cut_snippet(text, wanted):
        made += Markup("<mark>{}</mark>").format(part) if matches else escape(part)
    return made
