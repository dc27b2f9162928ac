"""What search engines are told of: addresses of entries in parts of a fixed size, terms, authors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select

from cms.accounts.models import User
from cms.content.models import Entry, EntryAuthor, Term, entry_terms
from cms.content.queries import is_out
from cms.core.db import current_session
from cms.lib.clock import utcnow

#: Terms and authors told of, at most.
_MOST = 2000


def _told() -> ColumnElement[bool]:
    public = and_(is_out(utcnow()), Entry.visibility == "public")
    return and_(public, Entry.noindex.is_(False), Entry.canonical_url == "", Entry.address.is_not(None))


def list_starts(size: int) -> Sequence[int]:
    """Return the id that each part of `size` entries begins at; empty if there are no entries. One query."""
    numbered = (
        select(Entry.id, (func.row_number().over(order_by=Entry.id) - 1).label("place")).where(_told()).subquery()
    )
    query = select(numbered.c.id).where(numbered.c.place % size == 0).order_by(numbered.c.id)
    return current_session().scalars(query).all()


def list_addresses_from(begin: int, limit: int) -> Sequence[tuple[int, str, datetime | None]]:
    """Return id, address and time of the last change of up to `limit` entries from the id `begin` on."""
    query = select(Entry.id, Entry.address, Entry.revised_at).where(_told(), Entry.id >= begin)
    rows = current_session().execute(query.order_by(Entry.id).limit(limit))
    return [(row.id, str(row.address), row.revised_at) for row in rows]


def list_sitemap_terms() -> Sequence[Term]:
    """Return the terms that stand in public posts, by path."""
    posts = select(entry_terms.c.term_id).join(Entry, Entry.id == entry_terms.c.entry_id)
    used = posts.where(Entry.kind == "post", is_out(utcnow()), Entry.visibility == "public")
    return (
        current_session()
        .scalars(select(Term).where(Term.id.in_(used)).order_by(Term.kind, Term.path).limit(_MOST))
        .all()
    )


def list_sitemap_authors() -> Sequence[str]:
    """Return the slugs of those who wrote public posts."""
    wrote = select(EntryAuthor.user_id).join(Entry, Entry.id == EntryAuthor.entry_id)
    wrote = wrote.where(Entry.kind == "post", is_out(utcnow()), Entry.visibility == "public")
    return current_session().scalars(select(User.slug).where(User.id.in_(wrote)).order_by(User.slug).limit(_MOST)).all()
