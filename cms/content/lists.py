"""What the back office lists: entries and terms by filter, sorted, in batches by cursor; counted only when asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Integer, and_, func, or_, select
from sqlalchemy.orm import joinedload, load_only, selectinload

from cms.content import policies, states
from cms.content.cursors import SORTS as SORTS
from cms.content.cursors import read_batch
from cms.content.models import Entry, EntryAuthor, Page, Post, Revision, Term, entry_terms
from cms.content.queries import has_author, holds, in_state, is_out, words
from cms.content.reach import is_bound, reach
from cms.core.db import current_session
from cms.core.errors import NotFound
from cms.core.pagination import Batch
from cms.core.permissions import Actor
from cms.lib.clock import utcnow

Kind = TypeVar("Kind", bound=Entry)
_SHOWN = (
    Entry.id, Entry.kind, Entry.title, Entry.slug, Entry.address, Entry.state, Entry.visibility, Entry.published_at,
    Entry.binned_at, Entry.created_at, Entry.updated_at, Entry.sticky, Entry.menu_order, Entry.parent_id,
    Entry.live_revision_number, Entry.working_revision_number, Entry.version, Entry.featured_media_id,
    Entry.word_count, Entry.comments_open, Entry.updated_by_id,
)  # fmt: skip


@dataclass(frozen=True)
class EntryFilter:
    """What a list is narrowed to; `view` is a state, `newer` (a draft newer than what readers see), `bin` or empty."""

    kind: str = "post"
    view: str = ""
    search: str = ""
    author_id: int | None = None
    term_id: int | None = None
    visibility: str = ""
    sort: str = "-updated"


def conditions(wanted: EntryFilter, user: Actor) -> list[ColumnElement[bool]]:
    """Return what the rows of a list must be: of the kind, in the view, matching, and `user`'s to see."""
    found: list[ColumnElement[bool]] = [Entry.kind == wanted.kind]
    found.append(Entry.binned_at.is_not(None) if wanted.view == "bin" else Entry.binned_at.is_(None))
    if wanted.view in states.STATES:
        found.append(in_state(wanted.view))
    elif wanted.view == "newer":
        # An archived entry has a live revision too, but nobody sees it.
        newer = Entry.working_revision_number != Entry.live_revision_number
        found.append(and_(newer, Entry.state.in_(states.LIVE)))
    found.append(reach(user, f"content:{wanted.kind}:edit"))
    if wanted.author_id is not None:
        found.append(has_author(wanted.author_id))
    if wanted.term_id is not None:
        found.append(Entry.id.in_(select(entry_terms.c.entry_id).where(entry_terms.c.term_id == wanted.term_id)))
    if wanted.visibility:
        found.append(Entry.visibility == wanted.visibility)
    found.extend(or_(holds(Entry.title, word), holds(Entry.slug, word)) for word in words(wanted.search))
    return found


def list_entries(
    wanted: EntryFilter, *, user: Actor, cursor: str | None = None, limit: int = 25, count: bool = False
) -> Batch[Entry]:
    """Return a batch of entries after (or, with a cursor that says so, before) a row; at most 200 at once.

    Rows come with authors and terms, without bodies, in a fixed number of queries.
    """
    batch = read_batch(
        conditions(wanted, user),
        sort=wanted.sort,
        cursor=cursor,
        limit=limit,
        parts=_options(is_bound(user, wanted.kind)),
    )
    return replace(batch, total=count_entries(wanted, user=user)) if count else batch


def count_entries(wanted: EntryFilter, *, user: Actor) -> int:
    """Count the entries of a list; only asked for when a person wants to know."""
    return current_session().scalar(select(func.count()).select_from(Entry).where(*conditions(wanted, user))) or 0


def count_views(kind: str, *, user: Actor) -> dict[str, int]:
    """Count the entries of each view that waits for somebody: in review, scheduled, newer drafts, bin. One query."""
    base = conditions(EntryFilter(kind), user)[2:]
    parts = {
        view: func.sum(and_(*conditions(EntryFilter(kind, view), user)[1:3]).cast(Integer))
        for view in ("draft", "in_review", "scheduled", "newer", "bin")
    }
    row = current_session().execute(select(*parts.values()).where(Entry.kind == kind, *base)).one()
    return {view: int(number or 0) for view, number in zip(parts, row, strict=True)}


def _options(joined: bool = False) -> tuple[Any, ...]:
    # For whoever's rights end somewhere, it is asked besides where things lie: what a list costs stays the same.
    authors = joinedload(Entry.author_links) if joined else selectinload(Entry.author_links)
    return (load_only(*_SHOWN), authors.joinedload(EntryAuthor.user), selectinload(Entry.terms))


def get_entry(kind: str, entry_id: int, *, user: Actor | None) -> Entry:
    """Return an entry for the back office with authors and terms; raises NotFound when `user` may not know of it."""
    # One entry has few authors: a join is quicker than asking for them by themselves.
    query = select(Entry).where(Entry.id == entry_id, Entry.kind == kind)
    parts = (joinedload(Entry.author_links).joinedload(EntryAuthor.user), selectinload(Entry.terms))
    found = current_session().scalars(query.options(*parts)).unique().one_or_none()
    if found is None or not policies.may_see(user, found):
        raise NotFound()
    return found


def list_revisions(entry: Entry, limit: int = 20) -> Sequence[Revision]:
    """Return the newest saves of an entry, newest first, with who made them and without their contents."""
    return (
        current_session()
        .scalars(
            select(Revision)
            .options(
                load_only(
                    Revision.id,
                    Revision.entry_id,
                    Revision.number,
                    Revision.created_at,
                    Revision.created_by_id,
                    Revision.note,
                ),
                selectinload(Revision.created_by),
            )
            .where(Revision.entry_id == entry.id)
            .order_by(Revision.number.desc())
            .limit(limit)
        )
        .all()
    )


def list_page_tree(user: Actor) -> Sequence[Page]:
    """Return the pages outside the bin by address (a tree in order), for choosing one: id, title and address.

    Those that `user` sees in the back office, and those that everybody reads.
    """
    public = and_(is_out(utcnow()), Page.visibility == "public")
    seen = or_(reach(user, "content:page:edit"), public)
    shown = load_only(Page.id, Page.kind, Page.title, Page.address, Page.parent_id, Page.menu_order, Page.state)
    return (
        current_session()
        .scalars(select(Page).options(shown).where(Page.binned_at.is_(None), seen).order_by(Page.address))
        .all()
    )


def list_waiting(user: Actor, *, limit: int = 5) -> dict[str, Sequence[Entry]]:
    """Return what waits for a person: `in_review`, `scheduled` next, their own `drafts` and `newer` drafts."""
    session = current_session()
    found: dict[str, Sequence[Entry]] = {}
    for view, order in (
        ("in_review", Entry.updated_at.asc()),
        ("scheduled", Entry.published_at.asc()),
        ("draft", Entry.updated_at.desc()),
        ("newer", Entry.updated_at.desc()),
    ):
        wanted = [or_(*[and_(*conditions(EntryFilter(kind, view), user)) for kind in ("post", "page")])]
        if view in ("draft", "newer"):
            wanted.append(has_author(user.id or 0))
        found[view] = session.scalars(
            select(Entry).where(*wanted).options(*_options()).order_by(order).limit(limit)
        ).all()
    return found


def count_entries_by_term(kind: str) -> dict[int, int]:
    """Return the number of entries outside the bin of each term of a kind, by its id."""
    query = (
        select(entry_terms.c.term_id, func.count())
        .join(Entry, Entry.id == entry_terms.c.entry_id)
        .join(Term, Term.id == entry_terms.c.term_id)
        .where(Term.kind == kind, Entry.binned_at.is_(None))
        .group_by(entry_terms.c.term_id)
    )
    return {row[0]: row[1] for row in current_session().execute(query)}


def is_new_site() -> bool:
    """Tell whether nobody has written a post yet."""
    return current_session().scalar(select(Post.id).limit(1)) is None
