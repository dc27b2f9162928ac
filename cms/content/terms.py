"""What the actions on terms share: names, and addresses in the tree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select

from cms.content.addresses import point, term_path, to_url
from cms.content.models import Category, Redirect, Term
from cms.core.db import current_session, take_turn
from cms.core.errors import Invalid
from cms.core.i18n import _
from cms.lib.slugs import first_free, slugify

_LONGEST_NAME = 200
_LONGEST_PATH = 900
#: As it is sent, percent-encoded, like the addresses of entries.
_LONGEST_URL = 2900
#: For a number behind it, and the kind before it.
_ROOM = 20


def check_name(name: str) -> str:
    """Return the name without superfluous spaces; raises Invalid for an empty or too long one."""
    clean = " ".join(name.split())
    if not clean:
        raise Invalid(fields={"name": _("A term needs a name.")})
    if len(clean) > _LONGEST_NAME:
        raise Invalid(fields={"name": _("Please use at most %(limit)s characters.", limit=_LONGEST_NAME)})
    return clean


def place_term(term: Term, slug: str, parent: Term | None) -> None:
    """Give a term its place under `parent` and a free path near `slug`; raises Invalid for an impossible place."""
    _check_parent(term, parent)
    stem = f"{parent.path}/" if parent is not None else ""
    base = slugify(slug, max_length=120) or slugify(term.name, max_length=120) or term.kind
    wanted = f"{stem}{base}"
    if len(wanted) > _LONGEST_PATH - _ROOM or len(to_url(wanted)) > _LONGEST_URL - _ROOM:
        raise Invalid(fields={"parent_id": _("This category would lie too deep. Choose another parent.")})
    session = current_session()

    def find_taken(slugs: Sequence[str]) -> set[str]:
        paths = {f"{stem}{candidate}": candidate for candidate in slugs}
        others = select(Term.path).where(Term.kind == term.kind, Term.path.in_(paths), Term.id != term.id)
        with session.no_autoflush:
            return {paths[path] for path in session.scalars(others)}

    take_turn(f"address /{term.kind}/{wanted}")
    term.slug = first_free(base, find_taken)
    term.path = f"{stem}{term.slug}"
    term.parent_id = parent.id if parent is not None else None
    term.parent = parent


def _check_parent(term: Term, parent: Term | None) -> None:
    if parent is not None and not (isinstance(parent, Category) and isinstance(term, Category)):
        raise Invalid(fields={"parent_id": _("Only categories can lie below a category.")})
    above: Term | None = parent
    seen = set[int]()
    while above is not None and above.id not in seen:
        if above.id == term.id:
            raise Invalid(fields={"parent_id": _("A category cannot lie below itself.")})
        seen.add(above.id)
        above = above.parent


def remember_term(term: Term, old_path: str) -> None:
    """Have the old address of a term lead to its new one."""
    session = current_session()
    session.execute(delete(Redirect).where(Redirect.path == term_path(term)))
    if old_path != term.path:
        point(f"/{term.kind}/{old_path}/", term_id=term.id)


def move_terms(above: Term) -> None:
    """Give the terms below a moved one their new paths."""
    session = current_session()
    for child in session.scalars(select(Term).where(Term.parent_id == above.id)).all():
        old = child.path
        place_term(child, child.slug, above)
        session.flush()
        remember_term(child, old)
        move_terms(child)


def term_facts(term: Term) -> dict[str, Any]:
    """Return the values of a term that events tell, plain."""
    return {
        "name": term.name,
        "slug": term.slug,
        "path": term.path,
        "description": term.description,
        "parent_id": term.parent_id,
    }
