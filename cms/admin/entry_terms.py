"""Terms while writing: what is ticked and typed, with new categories and tags made on the way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cms.content.actions.create_term import create_term
from cms.content.models import Term
from cms.content.queries import list_terms
from cms.core.errors import Forbidden, Invalid
from cms.core.permissions import Actor

#: More tags than this on one entry help nobody.
MOST_TAGS = 50


def typed_tags(text: str) -> list[str]:
    """Return the names in a comma-separated field, each once, without superfluous spaces."""
    names: dict[str, str] = {}
    for part in text.replace("\n", ",").split(","):
        name = " ".join(part.split())
        names.setdefault(name.casefold(), name)
    return [name for name in names.values() if name][:MOST_TAGS]


def show_terms(form: Any, term_ids: Sequence[int]) -> None:
    """Tick the categories and name the tags among the terms of an entry."""
    chosen = set(term_ids)
    form.categories.data = [term.id for term in list_terms("category") if term.id in chosen]
    form.tags.data = ", ".join(term.name for term in list_terms("tag") if term.id in chosen)


def read_terms(form: Any, *, by: Actor) -> tuple[int, ...]:
    """Return the ids of the chosen terms, making the new ones; runs inside the transaction.

    Raises Invalid naming the field of a term that cannot be made.
    """
    chosen = [int(term_id) for term_id in form.categories.data or ()]
    if "new_category" in form and (form.new_category.data or "").strip():
        chosen.append(_new_category(form, by).id)
    names = typed_tags(form.tags.data or "")
    tags = list_terms("tag") if names else ()
    known = {key: tag.id for tag in tags for key in (tag.slug, tag.name.casefold())}
    chosen += [known.get(name.casefold()) or _make("tags", "tag", name, None, by).id for name in names]
    return tuple(dict.fromkeys(chosen))


def _new_category(form: Any, by: Actor) -> Term:
    parent_id = form.new_category_parent.data
    parent = next((item for item in list_terms("category") if item.id == parent_id), None)
    return _make("new_category", "category", form.new_category.data, parent, by)


def _make(field: str, kind: str, name: str, parent: Term | None, by: Actor) -> Term:
    try:
        return create_term(kind, name=name, parent=parent, by=by)
    except (Forbidden, Invalid) as error:
        raise Invalid(fields={field: error.message}) from error
