"""The newest saves of several entries at once, with what they name: for lists, in questions that rows do not add to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, literal, select, union_all

from cms.accounts.models import User
from cms.content.fields import EntryFields, from_snapshot
from cms.content.models import Category, Entry, Page, Tag, Term
from cms.content.rendering import summary_of
from cms.content.saving import Named, named_beside, without_gone
from cms.core.db import current_session
from cms.lib.document import word_count
from cms.media.models import MediaFile

#: What was found of what saves name and rows do not.
Things = Mapping[Named, Any]
#: Names of people, terms and pictures are told by records that no session knows.
_MADE: Mapping[str, type[Any]] = {"category": Category, "tag": Tag}
_NOTHING, _NONE = literal(""), literal(0)
_PICTURE = case((MediaFile.deleted_at.is_(None), "picture"), else_="binned")
_ASKED: Mapping[type[Any], Any] = {
    User: select(literal("person"), User.id, User.name, User.slug, _NOTHING, _NONE, _NONE),
    Term: select(Term.kind, Term.id, Term.name, Term.slug, Term.path, _NONE, _NONE),
    Page: select(literal("page"), Page.id, _NOTHING, _NOTHING, _NOTHING, _NONE, _NONE),
    MediaFile: select(
        _PICTURE, MediaFile.id, MediaFile.filename, MediaFile.key, MediaFile.alt, MediaFile.width, MediaFile.height
    ),
}


@dataclass(frozen=True)
class Save:
    """What waits beside a row: its fields without what was deleted since, and what would follow from them."""

    fields: EntryFields
    summary: str
    word_count: int
    terms: Sequence[Term]
    authors: Sequence[User] = ()
    picture: MediaFile | None = None


def newest_saves(entries: Sequence[Entry], *, parts: Collection[str] = ()) -> dict[int, Save]:
    """Return the newest save of each entry that holds something else than its row, by id, in at most one query.

    The entries bring their waiting revisions and `parts` (of `reading.PARTS`), as `reading` loads them.
    """
    waiting = {entry.id: entry for entry in entries if entry.has_newer_draft}
    # An entry whose history is missing is told as its row has it.
    saved = {
        key: from_snapshot(entry.waiting_revision.snapshot)
        for key, entry in waiting.items()
        if entry.waiting_revision is not None
    }
    named = {key: named_beside(waiting[key], fields) for key, fields in saved.items()}
    found = _find(set().union(*named.values()))
    return {key: _save(waiting[key], fields, named[key], found, parts) for key, fields in saved.items()}


def _find(named: Collection[Named]) -> Things:
    """Return what there is of what is named: people, terms and pictures by what is told of them; none in the bin."""
    ids: dict[type[Any], list[int]] = {model: [] for model in _ASKED}
    for model, key in named:
        ids[model].append(key)
    questions = [_ASKED[model].where(model.id.in_(keys)) for model, keys in ids.items() if keys]
    found: dict[Named, Any] = {}
    rows = current_session().execute(union_all(*questions)) if questions else ()
    for sort, key, name, slug, more, width, height in rows:
        if sort == "person":
            found[User, key] = User(id=key, name=name, slug=slug)
        elif sort == "picture":
            found[MediaFile, key] = MediaFile(id=key, filename=name, key=slug, alt=more, width=width, height=height)
        elif sort in _MADE:
            found[Term, key] = _MADE[sort](id=key, name=name, slug=slug, path=more)
        else:
            found[Page if sort == "page" else MediaFile, key] = None
    return found


def _save(entry: Entry, saved: EntryFields, named: Collection[Named], found: Things, parts: Collection[str]) -> Save:
    fields = without_gone(entry, saved, {thing for thing in named if thing not in found})
    terms = {term.id: term for term in entry.terms}
    chosen = [terms.get(key) or found[Term, key] for key in fields.term_ids]
    authors: list[User] = []
    picture: MediaFile | None = None
    if "authors" in parts:
        people = {user.id: user for user in entry.authors}
        authors = [people.get(key) or found[User, key] for key in fields.author_ids]
    if "featured_media" in parts and fields.featured_media_id is not None:
        is_same = fields.featured_media_id == entry.featured_media_id
        picture = entry.featured_media if is_same else found[MediaFile, fields.featured_media_id]
    body = dict(fields.body)
    ordered = sorted(chosen, key=lambda term: term.path)
    return Save(fields, summary_of(fields.excerpt, body), word_count(body), ordered, authors, picture)
