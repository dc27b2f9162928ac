"""From records to what a theme is given."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import Literal

from markupsafe import Markup
from selectolax.lexbor import LexborHTMLParser

from cms.accounts.models import User
from cms.content.addresses import author_path, term_path, to_url
from cms.content.models import Entry, Term
from cms.content.rendering import Things
from cms.media.addresses import media_address, srcset
from cms.media.models import MediaFile
from cms.public.frame import Frame
from cms.theming.contexts import EMPTY, Counted, Link, Pagination, Person, Picture, PostCard, TocItem
from cms.theming.helpers import direction_of, initials

#: Words a minute; people read 200 to 260 of English.
_READING_SPEED = 230
#: A post of fewer words without a picture is shown as a note.
_SHORT = 120
_MIDDLE_WIDTH = 960


def picture_of(media: MediaFile | None) -> Picture | None:
    """Return a picture for a media file; None if it is none or is gone."""
    if media is None or media.kind != "image" or media.deleted_at is not None:
        return None
    return Picture(
        url=media_address(media, _MIDDLE_WIDTH),
        alt=media.alt,
        width=media.width,
        height=media.height,
        srcset=srcset(media),
        caption=media.caption,
    )


def person_of(user: User, things: Things | None = None) -> Person:
    """Return a person as readers may know them; the portrait is among `things` if it was loaded."""
    portrait = things.files.get(user.picture_id) if things and user.picture_id else None
    return Person(
        name=user.name,
        url=to_url(author_path(user.slug)),
        initials=initials(user.name),
        biography=user.biography,
        picture=picture_of(portrait),
        links=tuple(
            Link(label=link.get("label") or link["url"], url=link["url"])
            for link in user.links or ()
            if link.get("url", "").startswith(("https://", "http://"))
        ),
    )


def term_link(term: Term) -> Link:
    """Return the link to a term."""
    return Link(label=term.name, url=to_url(term_path(term)))


def counted_term(term: Term, posts: int) -> Counted:
    """Return the link to a term with its number of posts."""
    return Counted(label=term.name, url=to_url(term_path(term)), count=posts)


def category_of(entry: Entry) -> Link | None:
    """Return the category to show with an entry: the first by path."""
    return term_link(entry.categories[0]) if entry.categories else None


def minutes_of(entry: Entry) -> int:
    """Return how many minutes it takes to read an entry; 0 if it has no words."""
    return ceil(entry.word_count / _READING_SPEED)


def is_locked(entry: Entry) -> bool:
    """Tell whether lists may show no more of an entry than its title."""
    return entry.visibility == "password"


def tongue(entry: Entry, frame: Frame) -> tuple[str, Literal["ltr", "rtl"] | None]:
    """Return language and direction of an entry where they differ from the site's; else nothing."""
    if not entry.language or entry.language == frame.settings.language:
        return "", None
    return entry.language, "rtl" if direction_of(entry.language) == "rtl" else "ltr"


def post_card(entry: Entry, frame: Frame, *, snippet: Markup = EMPTY, full: bool = True) -> PostCard:
    """Return an entry as lists show it; without `full`, of authors and terms nothing (they are not loaded)."""
    language, direction = tongue(entry, frame)
    locked = is_locked(entry)
    picture = None if locked else picture_of(entry.featured_media)
    return PostCard(
        title=entry.title,
        url=to_url(entry.address or "/"),
        published_at=frame.local(entry.published_at or frame.now),
        excerpt=entry.summary if full and not locked else "",
        snippet=EMPTY if locked else snippet,
        authors=tuple(person_of(user) for user in entry.authors) if full else (),
        category=category_of(entry) if full else None,
        picture=picture,
        minutes=0 if locked else minutes_of(entry),
        is_sticky=full and entry.sticky,
        is_short=picture is None and 0 < entry.word_count < _SHORT,
        language=language,
        direction=direction,
    )


def contents_of(html: str) -> tuple[TocItem, ...]:
    """Return the headings of a rendered body as a table of contents: second level, third level below it.

    Headings inside a column or a note are no parts of the text; fewer than three headings need no contents.
    """
    found: list[tuple[str, str, list[TocItem]]] = []
    count = 0
    for level, anchor, label in _headings(html):
        count += 1
        if level == 2 or not found:
            found.append((label, anchor, []))
        else:
            found[-1][2].append(TocItem(label=label, url=f"#{anchor}"))
    if count < 3:
        return ()
    return tuple(TocItem(label=label, url=f"#{anchor}", children=tuple(below)) for label, anchor, below in found)


def _headings(html: str) -> Iterator[tuple[int, str, str]]:
    if html.count("<h2") + html.count("<h3") < 3:
        return
    body = LexborHTMLParser(html).body
    for node in body.iter() if body is not None else ():
        anchor = node.attributes.get("id")
        if node.tag not in ("h2", "h3") or not anchor:
            continue
        for link in node.css("a.anchor, .fn-ref"):
            link.decompose()
        label = " ".join(node.text().split())
        if label:
            yield int(node.tag[1]), anchor, label


def pagination(number: int, pages: int, total: int, base_url: str) -> Pagination:
    """Return where in a list of pages we are."""
    return Pagination(page=number, pages=pages, total=total, base_url=base_url)
