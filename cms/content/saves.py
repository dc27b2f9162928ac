"""The newest saves of several entries at once, with what they name: for lists, in questions that rows do not add to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import literal, select, tuple_, union_all

from cms.accounts.models import User
from cms.content.fields import EntryFields, from_snapshot
from cms.content.models import Category, Entry, Page, Revision, Tag, Term
from cms.content.rendering import summary_of
from cms.content.saving import Named, named_beside, without_gone
from cms.core.db import current_session
from cms.lib.document import word_count
from cms.media.models import MediaFile

#: What was found of what saves name and rows do not.
Things = Mapping[Named, Any]
#: Names of people and terms are told by records that no session knows.
_MADE: Mapping[str, type[Any]] = {"person": User, "category": Category, "tag": Tag}


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
    """Return the newest save of each entry that holds something else than its row, by id, in at most two queries.

    `parts` (of `reading.PARTS`, loaded with the entries, too) may take one more, for pictures.
    """
    waiting = {entry.id: entry for entry in entries if entry.has_newer_draft}
    if not waiting:
        return {}
    # By the numbers that the rows name: what is told goes with the version that is told.
    numbers = [(entry.id, entry.working_revision_number) for entry in waiting.values()]
    known = select(Revision.entry_id, Revision.snapshot)
    rows = current_session().execute(known.where(tuple_(Revision.entry_id, Revision.number).in_(numbers)))
    # An entry whose history is missing is told as its row has it.
    saved = {row.entry_id: from_snapshot(row.snapshot) for row in rows}
    named = {key: named_beside(waiting[key], fields) for key, fields in saved.items()}
    found = _find(set().union(*named.values()), parts)
    return {key: _save(waiting[key], fields, named[key], found, parts) for key, fields in saved.items()}


def _find(named: Collection[Named], parts: Collection[str]) -> Things:
    """Return what there is of what is named: people and terms by their names, pictures whole where they are shown."""
    ids: dict[type[Any], list[int]] = {model: [] for model in (User, Term, Page, MediaFile)}
    for model, key in named:
        ids[model].append(key)
    found: dict[Named, Any] = {}
    if "featured_media" in parts and (pictures := ids.pop(MediaFile)):
        for file in current_session().scalars(select(MediaFile).where(MediaFile.id.in_(pictures))):
            found[MediaFile, file.id] = file
    nothing = literal("")
    asked: Mapping[type[Any], Any] = {
        User: select(literal("person"), User.id, User.name, User.slug, nothing),
        Term: select(Term.kind, Term.id, Term.name, Term.slug, Term.path),
        Page: select(literal("page"), Page.id, nothing, nothing, nothing),
        MediaFile: select(literal("picture"), MediaFile.id, nothing, nothing, nothing),
    }
    questions = [asked[model].where(model.id.in_(keys)) for model, keys in ids.items() if keys]
    for sort, key, name, slug, path in current_session().execute(union_all(*questions)) if questions else ():
        if sort == "person":
            found[User, key] = User(id=key, name=name, slug=slug)
        elif sort in _MADE:
            found[Term, key] = _MADE[sort](id=key, name=name, slug=slug, path=path)
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
