"""Bring a deleted term back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, select

from cms.content import policies
from cms.content.actions.create_term import KINDS
from cms.content.events import TermRestored
from cms.content.models import Category, Entry, Term, entry_terms
from cms.content.moving import check_term_move
from cms.content.terms import check_name, move_terms, place_term, remember_term, term_facts
from cms.core.db import current_session
from cms.core.errors import Conflict, Invalid
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require
from cms.lib.clock import utcnow


def restore_term(term_id: int, kind: str, was: Mapping[str, Any], *, by: Actor) -> Term:
    """Make a deleted term again, with the id that saved entries know it by, and give it back its place.

    `was` is what `TermDeleted.before` told: entries that are still there carry it again, terms that lay below it do
    too. Raises Forbidden, Conflict when the id or the address belongs to another term now, Invalid for no term.
    """
    require(policies.may_edit_term(by), _("You may not bring terms back. An editor can."))
    if kind not in KINDS:
        raise Invalid(_("A term is a category or a tag."))
    session = current_session()
    if session.get(Term, term_id) is not None:
        raise Conflict(_("Another term has taken the place of this one. Make it anew."))
    above = session.get(Category, was.get("parent_id")) if was.get("parent_id") is not None else None
    term = KINDS[kind](id=term_id, name=check_name(str(was["name"])), slug="", path="")
    term.description = str(was.get("description", ""))
    check_term_move(term, above, by=by)
    place_term(term, str(was["slug"]), above)
    if above is None and was.get("parent_id") is not None:
        raise Conflict(_("The category above this one is gone. Bring that back first."))
    if term.slug != was["slug"]:
        raise Conflict(_("Another term has this address now. Rename that one first."))
    session.add(term)
    session.flush()
    _mark_entries(term, was.get("entry_ids", ()))
    for child in session.scalars(select(Term).where(Term.id.in_(list(was.get("child_ids", ()))))).all():
        old = child.path
        if child.parent_id == was.get("parent_id") and isinstance(term, Category):
            place_term(child, child.slug, term)
            session.flush()
            remember_term(child, old)
            move_terms(child)
    record(TermRestored(term.id, kind, utcnow(), by.id, after=term_facts(term)))
    return term


def _mark_entries(term: Term, entry_ids: Any) -> None:
    """Give the term back to the entries that carried it and are still there, without changing when they changed."""
    session = current_session()
    ids = session.scalars(select(Entry.id).where(Entry.id.in_(list(entry_ids)))).all()
    if ids:
        session.execute(insert(entry_terms), [{"entry_id": entry_id, "term_id": term.id} for entry_id in ids])
        session.expire_all()
