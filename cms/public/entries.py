"""Rendering a single entry, whatever route leads to it: a post, a page, the front page, a preview."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request
from markupsafe import Markup

from cms.content.addresses import to_url
from cms.content.around import Around, find_around
from cms.content.models import Entry, Page, Post
from cms.content.queries import read_bodies
from cms.content.rendering import Things, fill, find_things
from cms.public.contexts import (
    category_of,
    contents_of,
    minutes_of,
    person_of,
    picture_of,
    post_card,
    term_link,
    tongue,
)
from cms.public.frame import Frame, get_frame, show, viewer
from cms.public.heads import entry_head, plain_head
from cms.public.structured import blog_posting, breadcrumbs, json_ld, web_page
from cms.theming.contexts import Current, Link, MenuItem, PageContext, PostContext, ProtectedContext


@dataclass(frozen=True)
class Filled:
    """An entry's body with every address filled in, and what it names."""

    html: Markup
    things: Things


def fill_body(entry: Entry, body_html: str) -> Filled:
    """Fill in what the stored HTML of an entry names by id, authors' portraits found with it: two queries."""
    portraits = [user.picture_id for user in entry.authors if user.picture_id is not None]
    things = find_things([body_html], more_media=portraits, user=viewer())
    # Clean by construction: the HTML is written from the document, node by node, at every save.
    return Filled(Markup(fill([body_html], things)[0]), things)  # noqa: S704 -- see above


def show_entry(entry: Entry, *, path: str = "") -> str:
    """Render an entry as readers see it; `path` if it is shown elsewhere than at its own address."""
    frame = get_frame()
    body = read_bodies([entry]).get(entry.id, "")
    around = surroundings(entry, frame)
    if isinstance(entry, Post):
        return _post(frame, entry, around, fill_body(entry, body))
    return _page(frame, entry, around, fill_body(entry, body), path)


def show_preview(entry: Entry, body_html: str) -> str:
    """Render a draft as readers would see it."""
    frame = get_frame()
    around = surroundings(entry, frame)
    filled = fill_body(entry, body_html)
    head = plain_head(frame, entry.title)
    if isinstance(entry, Post):
        context = post_context(frame, entry, Around(), filled, is_preview=True)
        return show(["post.html"], around=around, head=head, post=context)
    page = page_context(frame, entry, around, filled, is_preview=True)
    return show(_page_templates(entry), around=around, head=head, page=page)


def surroundings(entry: Entry, frame: Frame) -> Around:
    """Find what stands around an entry, in one query."""
    privacy = frame.settings.privacy_page_id
    if isinstance(entry, Post):
        return find_around(post=entry, privacy_page_id=privacy)
    return find_around(page=entry if isinstance(entry, Page) else None, privacy_page_id=privacy)


def _post(frame: Frame, post: Post, around: Around, filled: Filled) -> str:
    image = post.featured_media if picture_of(post.featured_media) else None
    steps = [(term.name, term_link(term).url) for term in post.categories[:1]]
    data = json_ld(
        blog_posting(frame, post, image), breadcrumbs(frame, [*steps, (post.title, to_url(post.address or "/"))])
    )
    head = entry_head(frame, post, image=image, structured_data=data)
    context = post_context(frame, post, around, filled)
    return show(["post.html"], around=around, head=head, path=post.address or "", post=context)


def post_context(frame: Frame, post: Post, around: Around, filled: Filled, *, is_preview: bool = False) -> PostContext:
    """Return what the theme is given for a post."""
    language, direction = tongue(post, frame)
    return PostContext(
        title=post.title,
        url=to_url(post.address or "/"),
        html=filled.html,
        published_at=frame.local(post.published_at) if post.published_at else None,
        updated_at=_updated(frame, post),
        standfirst=post.excerpt,
        authors=tuple(person_of(user, filled.things) for user in post.authors),
        category=category_of(post),
        tags=tuple(term_link(tag) for tag in post.tags),
        picture=_opening_picture(post, filled),
        contents=contents_of(filled.html),
        minutes=minutes_of(post),
        previous=_link(around.one("before")),
        next=_link(around.one("after")),
        related=tuple(post_card(other, frame, full=False) for other in around.posts("related")),
        language=language,
        direction=direction,
        is_preview=is_preview,
    )


def _page(frame: Frame, page: Entry, around: Around, filled: Filled, path: str) -> str:
    steps = [(above.title, to_url(above.address or "/")) for above in around.above()]
    steps.append((page.title, to_url(page.address or "/")))
    data = json_ld(web_page(frame, page), breadcrumbs(frame, steps))
    image = page.featured_media if picture_of(page.featured_media) else None
    head = entry_head(frame, page, path=path, image=image, structured_data=data)
    context = page_context(frame, page, around, filled)
    return show(_page_templates(page), around=around, head=head, path=page.address or "", page=context)


def page_context(frame: Frame, page: Entry, around: Around, filled: Filled, *, is_preview: bool = False) -> PageContext:
    """Return what the theme is given for a page."""
    language, direction = tongue(page, frame)
    above, children, siblings = around.above(), around.pages("children"), around.pages("siblings")
    # A page with pages below it shows those; one without shows its neighbours, under the page above them.
    members = children or siblings
    opener = above[-1] if above and not children else page
    section = tuple(_menu_item(item, page) for item in (opener, *members)) if members else ()
    return PageContext(
        title=page.title,
        url=to_url(page.address or "/"),
        html=filled.html,
        standfirst=page.excerpt,
        picture=_opening_picture(page, filled),
        crumbs=tuple(Link(label=item.title, url=to_url(item.address or "/")) for item in above),
        section=section,
        section_label=opener.title,
        children=tuple(Link(label=item.title, url=to_url(item.address or "/")) for item in children),
        updated_at=_updated(frame, page),
        language=language,
        direction=direction,
        is_preview=is_preview,
    )


def _menu_item(item: Entry, page: Entry) -> MenuItem:
    current: Current = "page" if item.id == page.id else ""
    return MenuItem(label=item.title, url=to_url(item.address or "/"), current=current)


def show_protected(entry: Entry, *, is_wrong: bool = False) -> str:
    """Render the form that asks for an entry's password; nothing of the body is read for it."""
    frame = get_frame()
    context = ProtectedContext(
        title=entry.title,
        url=to_url(request.path),
        published_at=frame.local(entry.published_at) if entry.published_at and entry.kind == "post" else None,
        authors=tuple(person_of(user) for user in entry.authors) if entry.kind == "post" else (),
        category=category_of(entry),
        is_wrong=is_wrong,
    )
    around = find_around(privacy_page_id=frame.settings.privacy_page_id)
    head = entry_head(frame, entry)
    return show(["protected.html"], around=around, head=head, path=entry.address or "", protected=context)


def _page_templates(page: Entry) -> list[str]:
    return [f"page-{page.slug}.html", "page.html"]


def _opening_picture(entry: Entry, filled: Filled) -> Any:
    """Return the featured picture to stand before the body, unless the body shows it itself."""
    media = entry.featured_media
    if media is None or f"/media/{media.key}/" in filled.html:
        return None
    return picture_of(media)


def _updated(frame: Frame, entry: Entry) -> Any:
    if entry.revised_at is None or entry.published_at is None:
        return None
    revised, published = frame.local(entry.revised_at), frame.local(entry.published_at)
    return revised if revised.date() > published.date() else None


def _link(entry: Entry | None) -> Link | None:
    return Link(label=entry.title or "…", url=to_url(entry.address or "/")) if entry is not None else None
