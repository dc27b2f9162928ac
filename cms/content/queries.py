"""What readers may find: entries by address and lists of them, in a number of queries that rows do not change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from math import ceil
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from cms.accounts.models import User
from cms.content import policies, states
from cms.content.models import Category, Entry, EntryAuthor, Page, Post, Tag, Term, entry_terms
from cms.core.db import current_session
from cms.core.errors import NotFound
from cms.core.pagination import LAST_PAGE
from cms.core.pagination import Page as PageOf
from cms.core.permissions import Actor, may
from cms.lib.clock import EARLIEST, LATEST, utcnow

Kind = TypeVar("Kind", bound=Entry)
Kindred = TypeVar("Kindred", bound=Term)
#: Searching for more than this says nothing more and costs the database time.
LONGEST_SEARCH = 200


def is_out(now: datetime) -> ColumnElement[bool]:
    """Return the condition that readers can see an entry at `now`, as far as state and clock go."""
    return and_(Entry.state.in_(states.LIVE), Entry.binned_at.is_(None), Entry.published_at <= now)


def in_state(state: str) -> ColumnElement[bool]:
    """Return the condition that an entry is in a state; once its time has come, a scheduled one is published."""
    now = utcnow()
    if state == states.SCHEDULED:
        return and_(Entry.state == state, Entry.published_at > now)
    if state == states.PUBLISHED:
        return or_(Entry.state == state, and_(Entry.state == states.SCHEDULED, Entry.published_at <= now))
    return Entry.state == state


def is_listed(user: Actor | None, now: datetime) -> ColumnElement[bool]:
    """Return the condition that lists, feeds and the search show an entry to `user`."""
    seen = ["public", "password"]
    if may(user, "content:members:read"):
        seen.append("members")
    if may(user, "content:private:read"):
        seen.append("private")
    return and_(is_out(now), Entry.visibility.in_(seen))


def with_parts(query: Select[Kind]) -> Select[Kind]:
    """Load what a card or a page shows of each entry, in the same query: authors, terms and the picture."""
    return query.options(
        joinedload(Entry.author_links).joinedload(EntryAuthor.user),
        joinedload(Entry.terms),
        joinedload(Entry.featured_media),
    )


def get_published_post(slug: str, *, user: Actor | None = None) -> Post:
    """Return the post that `user` finds at `slug`; raises NotFound, whatever the reason."""
    query = with_parts(select(Post).where(Post.address == f"/posts/{slug}/"))
    return _readable(query, user)


def get_published_page(path: str, *, user: Actor | None = None) -> Page:
    """Return the page that `user` finds at `path` (`about/us`); raises NotFound, whatever the reason."""
    return _readable(with_parts(select(Page).where(Page.address == f"/{path}/")), user)


def find_published(address: str, *, user: Actor | None = None) -> Entry | None:
    """Return the entry that `user` finds at an address (`/posts/loaf/`), or None."""
    try:
        return _readable(with_parts(select(Entry).where(Entry.address == address)), user)
    except NotFound:
        return None


def get_published_entry(entry_id: int, *, user: Actor | None = None) -> Entry:
    """Return the entry that `user` may read; raises NotFound, whatever the reason."""
    return _readable(with_parts(select(Entry).where(Entry.id == entry_id)), user)


def _readable(query: Select[Kind], user: Actor | None) -> Kind:
    entry = current_session().scalars(query).unique().one_or_none()
    if entry is None or not policies.may_read(user, entry):
        raise NotFound()
    return entry


def find_entry(entry_id: int) -> Entry | None:
    """Return the entry with this id, in whatever state, or None; who may see it is asked of the policies."""
    return current_session().get(Entry, entry_id)


def read_bodies(entries: Iterable[Entry]) -> dict[int, str]:
    """Return the stored HTML of entries by their id, in one query.

    The text is not read together with authors and terms, whose rows would each repeat it.
    """
    ids = [entry.id for entry in entries]
    return dict(current_session().execute(select(Entry.id, Entry.body_html).where(Entry.id.in_(ids))).all())


def list_posts(
    *,
    page: int,
    per_page: int,
    user: Actor | None = None,
    term: Term | None = None,
    author: User | None = None,
    year: int | None = None,
    month: int | None = None,
    zone: Any = UTC,
    search: str = "",
    sticky_first: bool = False,
) -> PageOf[Post]:
    """Return one numbered page of the posts that `user` may find, newest first; raises NotFound beyond the end.

    Narrowed to a term (with those below it), an author, a year or month in `zone`, or the words of `search`.
    The first page of an empty list exists.
    """
    wanted: list[ColumnElement[bool]] = [is_listed(user, utcnow())]
    if term is not None:
        wanted.append(_has_term(term))
    if author is not None:
        wanted.append(has_author(author.id))
    if year is not None:
        start, end = period(year, month, zone)
        wanted += [Entry.published_at >= start, Entry.published_at < end]
    wanted += matches(search)
    order: list[Any] = [Entry.sticky.desc()] if sticky_first else []
    order += [Entry.published_at.desc(), Entry.id.desc()]
    query = with_parts(select(Post).where(*wanted)).order_by(*order)
    return _page(query, page, per_page)


def search_entries(text: str, *, page: int, per_page: int, user: Actor | None = None) -> PageOf[Entry]:
    """Return one page of the posts and pages with all words of `text` in title or text; nothing for no words."""
    wanted = found_by(text, user)
    if not wanted:
        return PageOf((), 1, 1, 0)
    query = with_parts(select(Entry).where(*wanted)).order_by(Entry.published_at.desc(), Entry.id.desc())
    return _page(query, page, per_page)


def found_by(text: str, user: Actor | None) -> list[ColumnElement[bool]]:
    """Return what an entry must be for `user` to find it by all words of `text`; empty for no words."""
    wanted = matches(text)
    if not wanted:
        return []
    # What a password protects is not told by what it contains.
    in_title = and_(*[holds(Entry.title, word) for word in words(text)])
    return [*wanted, is_listed(user, utcnow()), or_(Entry.visibility != "password", in_title)]


def matches(text: str) -> list[ColumnElement[bool]]:
    """Return a condition for each word of `text`: it stands in the title or the text of an entry."""
    return [or_(holds(Entry.title, word), holds(Entry.body_text, word)) for word in words(text)]


def words(text: str) -> list[str]:
    """Return the first eight words of what somebody searches for."""
    return text[:LONGEST_SEARCH].replace("\x00", "").split()[:8]


def holds(column: InstrumentedAttribute[str], word: str) -> ColumnElement[bool]:
    """Return the condition that a text contains `word`, in small or capital letters.

    SQLite knows small and capital letters of ASCII alone, so the ways in which others are written are asked for.
    """
    ways = (word,) if word.isascii() else (word, word.lower(), word.upper(), word.capitalize())
    return or_(*[column.ilike(pattern(way), escape="\\") for way in dict.fromkeys(ways)])


def pattern(word: str) -> str:
    """Return the LIKE pattern (escape: backslash) for a text that contains `word`."""
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _page(query: Select[Kind], number: int, size: int) -> PageOf[Kind]:
    if not 1 <= number <= LAST_PAGE:
        raise NotFound()
    counted = query.add_columns(func.count().over()).limit(size).offset((number - 1) * size)
    rows = current_session().execute(counted).unique().all()
    if not rows and number > 1:
        raise NotFound()
    total = int(rows[0][1]) if rows else 0
    return PageOf([row[0] for row in rows], number, max(1, ceil(total / size)), total)


def _has_term(term: Term) -> ColumnElement[bool]:
    below = select(Term.id).where(
        Term.kind == term.kind, or_(Term.id == term.id, Term.path.startswith(f"{term.path}/", autoescape=True))
    )
    return Entry.id.in_(select(entry_terms.c.entry_id).where(entry_terms.c.term_id.in_(below)))


def has_author(user_id: int) -> ColumnElement[bool]:
    """Return the condition that a person is among the authors of an entry."""
    return Entry.id.in_(select(EntryAuthor.entry_id).where(EntryAuthor.user_id == user_id))


def period(year: int, month: int | None, zone: Any) -> tuple[datetime, datetime]:
    """Return when a year, or a month of it, begins and ends in `zone`, in UTC; raises NotFound for none of ours."""
    if not EARLIEST <= year <= LATEST or (month is not None and not 1 <= month <= 12):
        raise NotFound()
    start = datetime(year, month or 1, 1, tzinfo=zone)
    after = datetime(year + 1, 1, 1, tzinfo=zone)
    if month is not None and month < 12:
        after = datetime(year, month + 1, 1, tzinfo=zone)
    return start.astimezone(UTC), after.astimezone(UTC)


def get_category(path: str) -> Category:
    """Return the category at `path` (`walks/coast`); raises NotFound."""
    return _found(select(Category).where(Category.path == path))


def get_tag(slug: str) -> Tag:
    """Return the tag with `slug`; raises NotFound."""
    return _found(select(Tag).where(Tag.path == slug))


def _found(query: Select[Kindred]) -> Kindred:
    found = current_session().scalar(query)
    if found is None:
        raise NotFound()
    return found


def list_months(zone: Any, user: Actor | None = None) -> list[tuple[int, int, int]]:
    """Return (year, month, number of posts) for each month in `zone` with posts `user` may find, newest first."""
    counted: dict[tuple[int, int], int] = {}
    dates = current_session().scalars(select(Post.published_at).where(is_listed(user, utcnow())))
    for moment in dates:
        if moment is not None:
            local = moment.astimezone(zone)
            counted[local.year, local.month] = counted.get((local.year, local.month), 0) + 1
    return [(year, month, counted[year, month]) for year, month in sorted(counted, reverse=True)]


def next_change(now: datetime) -> datetime | None:
    """Return when the clock alone next changes what readers see: the earliest date still to come, if any."""
    query = select(func.min(Entry.published_at)).where(
        Entry.state.in_(states.LIVE), Entry.binned_at.is_(None), Entry.published_at > now
    )
    return current_session().scalar(query)


def list_terms(kind: str) -> Sequence[Term]:
    """Return all terms of a kind (category, tag) by path: a tree in order."""
    return current_session().scalars(select(Term).where(Term.kind == kind).order_by(Term.path)).all()
