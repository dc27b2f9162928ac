"""An entry as it is told: to readers what the site shows, to who writes it the newest save and where it stands."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from cms.api.v1.bodies import show_body
from cms.api.v1.presenting import absolute, moment, person_link, picture_link, term_link
from cms.content import policies, states
from cms.content.fields import EntryFields
from cms.content.models import Category, Entry, Term
from cms.content.saving import working_fields
from cms.core.db import current_session
from cms.core.permissions import Actor
from cms.lib.clock import utcnow
from cms.lib.document import normalise

#: Told alike of a row and of a save.
_SHARED = (
    "title", "excerpt", "language", "visibility", "featured_media_id", "seo_title", "seo_description", "canonical_url",
    "noindex", "sticky", "comments_open", "parent_id", "menu_order",
)  # fmt: skip


@dataclass(frozen=True)
class Showing:
    """How entries are told: to whom, with the text in which form (None: without), which parts and fields."""

    user: Actor | None
    form: str | None = None
    include: Collection[str] = ()
    fields: Sequence[str] = ()
    live: bool = False


def show_entry(entry: Entry, how: Showing) -> dict[str, Any]:
    """Return an entry as plain values; the newest save where a text is asked for by who may edit it."""
    sees_all = policies.may_see(how.user, entry)
    # A list tells rows: what waits beside what readers see is looked at one by one.
    save = working_fields(entry) if sees_all and how.form is not None and not how.live else None
    shown = _values(entry, save)
    if sees_all:
        shown |= _standing(entry)
    shown |= _included(entry, save, how)
    if how.form is not None:
        shown |= {"body": _body(entry, save, how), "body_format": how.form}
    if entry.visibility == "password" and not sees_all:
        # What a password protects is told by its title alone.
        shown |= {"excerpt": "", "summary": None, "word_count": 0, "seo_description": ""}
        shown |= {"body": None} if how.form is not None else {}
    return {name: value for name, value in shown.items() if name in how.fields or name == "id"} if how.fields else shown


def _values(entry: Entry, save: EntryFields | None) -> dict[str, Any]:
    source: Entry | EntryFields = save if save is not None else entry
    terms = _terms(entry, save)
    shown: dict[str, Any] = {
        "id": entry.id,
        "type": entry.kind,
        "slug": (save.slug if save is not None else "") or entry.slug,
        "url": absolute(entry.address) if entry.address else None,
        "state": states.shown_state(entry, utcnow()),
        "summary": entry.summary,
        "word_count": entry.word_count,
        "published_at": moment(entry.published_at),
        "revised_at": moment(entry.revised_at),
        "author_ids": list(save.author_ids if save is not None else entry.owner_ids),
        "category_ids": [term.id for term in terms if isinstance(term, Category)],
        "tag_ids": [term.id for term in terms if not isinstance(term, Category)],
    }
    return shown | {name: getattr(source, name) for name in _SHARED}


def _terms(entry: Entry, save: EntryFields | None) -> Sequence[Term]:
    if save is None or set(save.term_ids) == {term.id for term in entry.terms}:
        return entry.terms
    chosen = select(Term).where(Term.id.in_(save.term_ids)).order_by(Term.path)
    return current_session().scalars(chosen).all()


def _standing(entry: Entry) -> dict[str, Any]:
    return {
        "version": entry.version,
        "has_newer_draft": entry.has_newer_draft and entry.state in states.LIVE,
        "created_at": moment(entry.created_at),
        "updated_at": moment(entry.updated_at),
        "binned_at": moment(entry.binned_at),
    }


def _included(entry: Entry, save: EntryFields | None, how: Showing) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    if "authors" in how.include:
        shown["authors"] = [person_link(user) for user in entry.authors]
    if "featured_media" in how.include:
        shown["featured_media"] = picture_link(entry.featured_media)
    if not {"categories", "tags"}.isdisjoint(how.include):
        terms = _terms(entry, save)
        for name, wanted in (("categories", True), ("tags", False)):
            if name in how.include:
                shown[name] = [term_link(term) for term in terms if isinstance(term, Category) == wanted]
    return shown


def _body(entry: Entry, save: EntryFields | None, how: Showing) -> Any:
    document: Mapping[str, Any] = save.body if save is not None else entry.body
    return show_body(normalise(document), how.form or "json", user=how.user)
