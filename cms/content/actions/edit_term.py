"""Change a term."""

from __future__ import annotations

from cms.content import policies
from cms.content.events import TermEdited
from cms.content.models import Term
from cms.content.moving import check_term_move
from cms.content.terms import check_name, move_terms, place_term, remember_term, term_facts
from cms.core.db import current_session
from cms.core.errors import Conflict
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require
from cms.lib.clock import utcnow


def edit_term(
    term: Term,
    *,
    name: str,
    slug: str = "",
    parent: Term | None = None,
    description: str = "",
    version: int | None = None,
    by: Actor,
) -> Term:
    """Rename, move or describe a term; its old address, and those below it, lead to the new ones.

    Raises Forbidden, Conflict for an old `version`, or Invalid naming each wrong field.
    """
    require(policies.may_edit_term(by), _("You may not change terms. An editor can."))
    if version is not None and term.version != version:
        raise Conflict()
    check_term_move(term, parent, by=by)
    before, old_path = term_facts(term), term.path
    term.name, term.description = check_name(name), description.strip()
    place_term(term, slug or term.slug, parent)
    session = current_session()
    session.flush()
    if term.path != old_path:
        remember_term(term, old_path)
        move_terms(term)
    after = term_facts(term)
    if after != before:
        record(TermEdited(term.id, term.kind, utcnow(), by.id, before=before, after=after))
    return term
