"""Lists of terms by name or address, in parts, with how many posts readers find of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, or_, select

from cms.content.models import Entry, Term, entry_terms
from cms.content.queries import holds, is_listed, words
from cms.core.db import LARGEST_KEY, current_session
from cms.core.errors import NotFound
from cms.core.keysets import count_rows, read_batch, read_order
from cms.core.pagination import Batch
from cms.lib.clock import utcnow

#: What a list may be sorted by; `-` before the name turns it round. By path, a tree is in order.
SORTS: Mapping[str, Any] = {"path": Term.path, "name": Term.name}


@dataclass(frozen=True)
class TermFilter:
    """Which terms are listed: those of a kind (category, tag), with all words in name or path, below a category."""

    kind: str
    search: str = ""
    parent_id: int | None = None
    sort: str = "path"


def list_terms_in_parts(
    wanted: TermFilter, *, cursor: str | None = None, offset: int = 0, limit: int = 20
) -> Batch[Term]:
    """Return a batch of terms; one query. Raises Invalid for an order that is not offered, or a broken cursor."""
    order = read_order(wanted.sort, SORTS, Term.id)
    return read_batch(_narrowed(wanted), order, cursor=cursor, offset=offset, limit=limit)


def count_terms(wanted: TermFilter, most: int | None = None) -> int:
    """Count the terms of a list; at most `most` of them, all for None."""
    return count_rows(_narrowed(wanted), most)


def get_term(kind: str, term_id: int, *, for_change: bool = False) -> Term:
    """Return the term of a kind with this id; raises NotFound. Who means to change it gets it before anybody else."""
    found = find_term(kind, term_id, for_change=for_change)
    if found is None:
        raise NotFound
    return found


def find_term(kind: str, term_id: int, *, for_change: bool = False) -> Term | None:
    """Return the term that `get_term` does, None where there is none."""
    query = select(Term).where(Term.id == term_id, Term.kind == kind)
    known = 0 < term_id <= LARGEST_KEY
    return current_session().scalar(query.with_for_update() if for_change else query) if known else None


def kinds_of_terms(term_ids: Iterable[int]) -> dict[int, str]:
    """Return the kind of each of these terms that is there, by its id; one query."""
    query = select(Term.id, Term.kind).where(Term.id.in_(list(term_ids)))
    return {row.id: row.kind for row in current_session().execute(query)}


def count_public_posts(term_ids: Iterable[int]) -> dict[int, int]:
    """Return how many posts everybody finds with each of these terms, by its id; one query."""
    of_these = entry_terms.c.term_id.in_(list(term_ids))
    query = select(entry_terms.c.term_id, func.count()).join(Entry, Entry.id == entry_terms.c.entry_id)
    query = query.where(of_these, Entry.kind == "post", is_listed(None, utcnow())).group_by(entry_terms.c.term_id)
    return {row[0]: row[1] for row in current_session().execute(query)}


def _narrowed(wanted: TermFilter) -> Select[Term]:
    query = select(Term).where(Term.kind == wanted.kind)
    if wanted.parent_id is not None:
        query = query.where(Term.parent_id == wanted.parent_id)
    return query.where(*[or_(holds(Term.name, word), holds(Term.path, word)) for word in words(wanted.search)])
