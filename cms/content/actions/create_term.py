"""Make a term."""

from __future__ import annotations

from cms.content import policies
from cms.content.events import TermCreated
from cms.content.models import Category, Tag, Term
from cms.content.terms import check_name, place_term, term_facts
from cms.core.db import current_session
from cms.core.errors import Invalid
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require
from cms.lib.clock import utcnow

KINDS: dict[str, type[Term]] = {"category": Category, "tag": Tag}


def create_term(
    kind: str, *, name: str, slug: str = "", parent: Term | None = None, description: str = "", by: Actor
) -> Term:
    """Make a category (under `parent`, if given) or a tag and return it, at a free address near `slug` or `name`.

    Raises Forbidden, or Invalid naming each wrong field.
    """
    if kind not in KINDS:
        raise Invalid(_("A term is a category or a tag."))
    require(policies.may_create_term(by), _("You may not make new terms. An editor can."))
    term = KINDS[kind](name=check_name(name), slug="", path="", description=description.strip())
    place_term(term, slug, parent)
    session = current_session()
    session.add(term)
    session.flush()
    record(TermCreated(term.id, kind, utcnow(), by.id, after=term_facts(term)))
    return term
