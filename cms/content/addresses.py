"""Addresses: every path of an entry, term or author is made here, and old ones are remembered here."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from sqlalchemy import delete, select

from cms.content.models import Entry, Page, Redirect, Term
from cms.core.db import current_session, take_turn
from cms.core.errors import Invalid
from cms.core.i18n import _
from cms.lib.slugs import first_free, slugify
from cms.media.models import MediaFile

#: First segments that belong to the site itself: no page may take them.
RESERVED = frozenset(
    [
        "posts",
        "category",
        "tag",
        "author",
        "archive",
        "search",
        "feed",
        "feed.xml",
        "atom.xml",
        "sitemap.xml",
        "robots.txt",
        "media",
        "login",
        "logout",
        "admin",
        "healthz",
        "readyz",
        "static",
        "theme",
        "appearance",
        "appearance.css",
        "preview",
        "api",
        "reset",
        "change",
        "see-as",
        "see-as.css",
        "confirm",
        "register",
        "verify",
        "invite",
        "invitation",
        "favicon.ico",
        "humans.txt",
        "csp-reports",
        ".well-known",
        "wp-content",
        "wp-admin",
        "wp-json",
        "wp-login.php",
        "comments",
        "members",
        "account",
    ]
)
_LONGEST_SLUG = 120
_LONGEST_ADDRESS = 1000
#: As it is sent, percent-encoded: servers take request lines of 4,094 bytes, and PostgreSQL indexes 2,700.
_LONGEST_URL = 3000
_ROOM_FOR_A_NUMBER = 10


def to_url(path: str) -> str:
    """Percent-encode a readable path for a header or an attribute (RFC 3986)."""
    return quote(path, safe="/~!$&'()*+,;=:@?%-._")


def term_path(term: Term) -> str:
    """Return the address of a term."""
    return f"/{term.kind}/{term.path}/"


def author_path(slug: str) -> str:
    """Return the address of the author page with `slug` (never a sign-in name)."""
    return f"/author/{slug}/"


def wanted_slug(slug: str, title: str, kind: str) -> str:
    """Return a clean slug from what was typed, else from the title, else the word for the kind."""
    return slugify(slug, max_length=_LONGEST_SLUG) or slugify(title, max_length=_LONGEST_SLUG) or kind


def place(entry: Entry, slug: str, parent: Page | None) -> None:
    """Give an entry a free address as near to `slug` as can be (`loaf`, `loaf-2` …), under its parent.

    Raises Invalid when the address would be too long: the page would lie too deep.
    """
    stem = "/posts/" if entry.kind == "post" else (parent.address if parent and parent.address else "/")
    wanted = f"{stem}{slug}/"
    if len(wanted) > _LONGEST_ADDRESS - _ROOM_FOR_A_NUMBER or len(to_url(wanted)) > _LONGEST_URL - _ROOM_FOR_A_NUMBER:
        raise Invalid(fields={"parent_id": _("This page would lie too deep. Choose another parent.")})
    if entry.address == wanted:
        # It is nobody else's, as it is this one's.
        entry.slug = slug
        return
    session, kept = current_session(), RESERVED if stem == "/" else frozenset[str]()

    def find_taken(slugs: Sequence[str]) -> set[str]:
        addresses = {f"{stem}{candidate}/": candidate for candidate in slugs}
        others = select(Entry.address).where(Entry.address.in_(addresses), Entry.id != entry.id)
        with session.no_autoflush:
            return {addresses[str(address)] for address in session.scalars(others)} | kept.intersection(slugs)

    take_turn(f"address {wanted}")
    entry.slug = first_free(slug, find_taken)
    entry.address = f"{stem}{entry.slug}/"


def remember(entry: Entry, old: str | None) -> None:
    """Have the old address of an entry lead to it from now on.

    What leads elsewhere from its new address stays, for the time when readers do not find the entry there: nobody
    takes the readers of an old address by beginning a draft of the same name.
    """
    session = current_session()
    if entry.address is not None:
        session.execute(delete(Redirect).where(Redirect.path == entry.address, Redirect.entry_id == entry.id))
    if old is None or old == entry.address:
        return
    point(old, entry_id=entry.id)


def point(
    path: str,
    *,
    entry_id: int | None = None,
    term_id: int | None = None,
    media_id: int | None = None,
    target: str | None = None,
) -> Redirect:
    """Have an old path (with `?query` where that names the page) lead to exactly one thing or target path."""
    if sum(item is not None for item in (entry_id, term_id, media_id, target)) != 1:
        raise ValueError("A redirect leads to exactly one thing.")
    session = current_session()
    found = session.scalar(select(Redirect).where(Redirect.path == path)) or Redirect(path=path)
    found.entry_id, found.term_id, found.media_id, found.target = entry_id, term_id, media_id, target
    session.add(found)
    session.flush()
    return found


def move_children(page: Entry, *, moved: frozenset[int] = frozenset()) -> None:
    """Give the pages below `page` their new addresses, and remember the old ones."""
    session = current_session()
    children = session.scalars(select(Page).where(Page.parent_id == page.id, Page.binned_at.is_(None))).all()
    for child in children:
        if child.id in moved:
            continue
        old = child.address
        place(child, child.slug, page if isinstance(page, Page) else None)
        if child.address != old:
            session.flush()
            remember(child, old)
            move_children(child, moved=moved | {child.id, page.id})


def find_redirect(path: str) -> tuple[Redirect, Entry | None, Term | None, MediaFile | None] | None:
    """Find what an old path leads to; None when nobody remembers it."""
    row = (
        current_session()
        .execute(
            select(Redirect, Entry, Term, MediaFile)
            .outerjoin(Entry, Entry.id == Redirect.entry_id)
            .outerjoin(Term, Term.id == Redirect.term_id)
            .outerjoin(MediaFile, MediaFile.id == Redirect.media_id)
            .where(Redirect.path == path)
        )
        .first()
    )
    return None if row is None else (row[0], row[1], row[2], row[3])
