"""Delete a term."""

from __future__ import annotations

from sqlalchemy import select

from cms.content import policies
from cms.content.events import TermDeleted
from cms.content.models import Term, entry_terms
from cms.content.terms import move_terms, place_term, remember_term, term_facts
from cms.core.db import current_session
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require
from cms.lib.clock import utcnow


def delete_term(term: Term, *, by: Actor) -> None:
    """Delete a term: entries lose it and stay, terms below it move up one level. Raises Forbidden."""
    require(policies.may_edit_term(by), _("You may not delete terms. An editor can."))
    before, session = term_facts(term), current_session()
    term_id, kind, above = term.id, term.kind, term.parent
    children = session.scalars(select(Term).where(Term.parent_id == term_id)).all()
    of_term = select(entry_terms.c.entry_id).where(entry_terms.c.term_id == term_id).order_by(entry_terms.c.entry_id)
    before |= {"child_ids": [child.id for child in children], "entry_ids": list(session.scalars(of_term))}
    for child in children:
        old = child.path
        place_term(child, child.slug, above)
        session.flush()
        remember_term(child, old)
        move_terms(child)
    session.delete(term)
    session.flush()
    record(TermDeleted(term_id, kind, utcnow(), by.id, before=before))
