"""Where entries lie, as far as rights go: posts in their categories, pages in sections of the tree.

A category counts with those above it, a section is a page with everything below it; the bin changes neither.
Only whoever holds a right in some place causes these questions to be asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, event, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import get_history

from cms.content.fields import EntryFields
from cms.content.models import Entry, Page, Term, entry_terms
from cms.core.db import current_session, read_key
from cms.core.permissions import CATEGORY, SECTION, place

_MEMORY = "content_places"
Chains = dict[int, frozenset[int]]


def places_of(entry: Entry) -> frozenset[str]:
    """Return the extents that an entry lies in (`category:7` …), as its row has it: what readers see decides.

    At most one query, which asks for everything that the session holds together.
    """
    if isinstance(entry, Page):
        return _named(SECTION, _chains(Entry, [entry.id]))
    return _named(CATEGORY, _chains(Term, [term.id for term in entry.categories]))


def places_of_fields(kind: str, fields: EntryFields, entry_id: int | None = None) -> frozenset[str]:
    """Return the extents that an entry of `kind` would lie in with these fields."""
    if kind == "page":
        above = _named(SECTION, _chains(Entry, [fields.parent_id] if fields.parent_id is not None else []))
        return above | ({place(SECTION, entry_id)} if entry_id is not None else set())
    chosen = select(Term.id).where(Term.id.in_(fields.term_ids), Term.kind == CATEGORY)
    return _named(CATEGORY, _chains(Term, current_session().scalars(chosen).all() if fields.term_ids else []))


def places_of_term(term: Term | None) -> frozenset[str]:
    """Return the extents that whatever stands in a category lies in."""
    return _named(CATEGORY, _chains(Term, [term.id])) if term is not None else frozenset()


def lies_in(extents: Iterable[str]) -> list[ColumnElement[bool]]:
    """Return conditions of which an entry meets one when it lies in one of the places `extents` names."""
    named, found = tuple(extents), list[ColumnElement[bool]]()
    if categories := place_ids(named, CATEGORY):
        below = terms_below(categories)
        found.append(Entry.id.in_(select(entry_terms.c.entry_id).where(entry_terms.c.term_id.in_(below))))
    if sections := place_ids(named, SECTION):
        found.append(Entry.id.in_(pages_below(sections)))
    return found


def place_ids(extents: Iterable[str], sort: str) -> list[int]:
    """Return the ids of the places of one sort among `extents`; what names none is left out."""
    ids = [tail for head, _colon, tail in (extent.partition(":") for extent in extents) if head == sort]
    known = (read_key(text) for text in ids)
    return sorted(key for key in known if key is not None and str(key) in ids)


def terms_below(ids: Iterable[int]) -> Select[int]:
    """Return the query of the ids of these categories and all below them."""
    table = Term.__table__
    return _below(table, table.c.id.in_(list(ids)) & (table.c.kind == CATEGORY))


def pages_below(ids: Iterable[int]) -> Select[int]:
    """Return the query of the ids of these pages and all below them."""
    table = Entry.__table__
    return _below(table, table.c.id.in_(list(ids)) & (table.c.kind == "page"))


def _below(table: Any, begin: ColumnElement[bool]) -> Select[int]:
    # UNION without ALL ends also where two of them lie below each other.
    tree = select(table.c.id).where(begin).cte(recursive=True)
    child = table.alias()
    tree = tree.union(select(child.c.id).join(tree, child.c.parent_id == tree.c.id))
    return select(tree.c.id)


def _named(sort: str, chains: Iterable[frozenset[int]]) -> frozenset[str]:
    return frozenset(place(sort, key) for chain in chains for key in chain)


def _chains(model: type[Entry] | type[Term], ids: Iterable[int]) -> list[frozenset[int]]:
    """Return for each id itself with the ids above it."""
    wanted, session = list(ids), current_session()
    known = _memory(session).setdefault(model.__name__, {})
    missing = {key for key in wanted if key not in known}
    if missing:
        # Whoever asks about one row of a list will ask about all others.
        held = {key[1][0] for key in session.identity_map.keys() if key[0] is model}  # noqa: SIM118 -- no dict
        found = _ask(session, model, missing | (held - known.keys()))
        # The first question of a session begins its transaction, and with it a new memory.
        known = _memory(session).setdefault(model.__name__, {})
        known.update(found)
    return [known.get(key) or frozenset([key]) for key in wanted]


def _ask(session: Session, model: type[Entry] | type[Term], ids: set[int]) -> Chains:
    table: Any = model.__table__
    begin = table.c.id.in_(ids)
    chain = select(table.c.id.label("begin"), table.c.id.label("key"), table.c.parent_id).where(begin)
    tree = chain.cte(recursive=True)
    above = table.alias()
    tree = tree.union(select(tree.c.begin, above.c.id, above.c.parent_id).join(above, above.c.id == tree.c.parent_id))
    found: dict[int, set[int]] = {key: {key} for key in ids}
    for start, key in session.execute(select(tree.c.begin, tree.c.key)):
        found[start].add(key)
    return {start: frozenset(keys) for start, keys in found.items()}


# -- what was asked is remembered until the transaction ends or the tree changes -------------------------------


def _memory(session: Session) -> dict[str, Chains]:
    begun = session.get_transaction()
    known: tuple[object, dict[str, Chains]] | None = session.info.get(_MEMORY)
    if known is None or known[0] is not begun:
        known = (begun, {})
        session.info[_MEMORY] = known
    return known[1]


def forget_places(session: Session, *_more: object) -> None:
    """Ask anew where things lie."""
    session.info.pop(_MEMORY, None)


@event.listens_for(Session, "after_flush")
def _notice_moves(session: Session, _context: object) -> None:
    if _MEMORY not in session.info:
        return
    for thing in (*session.new, *session.dirty, *session.deleted):
        if isinstance(thing, Term | Page) and (
            thing not in session.dirty or get_history(thing, "parent_id").has_changes()
        ):
            forget_places(session)
            return


event.listen(Session, "after_soft_rollback", forget_places)
