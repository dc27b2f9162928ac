"""Entries as they are told: to readers what the site shows, to who writes them the newest save and where it stands."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cms.api.lists import only
from cms.api.v1.bodies import Text, show_bodies
from cms.api.v1.presenting import absolute, moment, person_link, picture_link, term_link
from cms.content import policies, states
from cms.content.fields import EntryFields
from cms.content.models import Category, Entry
from cms.content.saves import Save, newest_saves
from cms.core.permissions import Actor
from cms.lib.clock import utcnow
from cms.lib.document import normalise, without_targets

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


def show_entry(entry: Entry, how: Showing) -> Mapping[str, Any]:
    """Return an entry as plain values: the newest save where somebody may edit it and does not ask for the live one."""
    return show_entries([entry], how)[0]


def show_entries(entries: Sequence[Entry], how: Showing) -> list[Mapping[str, Any]]:
    """Return entries as `show_entry` does, in a number of queries that they do not add to."""
    seen = {entry.id for entry in entries if policies.may_see(how.user, entry)}
    saves = newest_saves([entry for entry in entries if entry.id in seen and not how.live], parts=how.include)
    bodies = _bodies(entries, saves, seen, how) if how.form is not None else {}
    return [_show(entry, saves.get(entry.id), bodies, how, sees_all=entry.id in seen) for entry in entries]


def _show(
    entry: Entry, save: Save | None, bodies: Mapping[int, Any], how: Showing, *, sees_all: bool
) -> Mapping[str, Any]:
    shown = _values(entry, save) | _included(entry, save, how)
    if sees_all:
        shown |= _standing(entry)
    if how.form is not None:
        shown |= {"body": bodies.get(entry.id), "body_format": how.form}
    if _is_locked(entry, sees_all):
        # What a password protects is told by its title alone.
        shown |= {"excerpt": "", "summary": None, "word_count": 0, "seo_description": "", "featured_media_id": None}
        shown |= {"featured_media": None} if "featured_media" in shown else {}
    return only(shown, (*how.fields, *how.include) if how.fields else ())


def _is_locked(entry: Entry, sees_all: bool) -> bool:
    return entry.visibility == "password" and not sees_all


def _values(entry: Entry, save: Save | None) -> dict[str, Any]:
    """Return what readers may hear; all that follows from a save comes from that save."""
    source: Entry | EntryFields = entry if save is None else save.fields
    reckoned, terms = save or entry, (save or entry).terms
    shown: dict[str, Any] = {
        "id": entry.id,
        "type": entry.kind,
        "slug": source.slug or entry.slug,
        "url": absolute(entry.address) if entry.address else None,
        "state": states.shown_state(entry, utcnow()),
        "summary": reckoned.summary,
        "word_count": reckoned.word_count,
        "published_at": moment(entry.published_at),
        "revised_at": moment(entry.revised_at),
        "author_ids": list(entry.owner_ids if save is None else save.fields.author_ids),
        "category_ids": [term.id for term in terms if isinstance(term, Category)],
        "tag_ids": [term.id for term in terms if not isinstance(term, Category)],
    }
    return shown | {name: getattr(source, name) for name in _SHARED}


def _standing(entry: Entry) -> dict[str, Any]:
    return {
        "version": entry.version,
        "has_newer_draft": entry.has_newer_draft and entry.state in states.LIVE,
        "created_at": moment(entry.created_at),
        "updated_at": moment(entry.updated_at),
        "binned_at": moment(entry.binned_at),
    }


def _included(entry: Entry, save: Save | None, how: Showing) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    if "authors" in how.include:
        shown["authors"] = [person_link(user) for user in (save or entry).authors]
    if "featured_media" in how.include:
        shown["featured_media"] = picture_link(entry.featured_media if save is None else save.picture)
    for name, wanted in (("categories", True), ("tags", False)):
        if name in how.include:
            terms = (save or entry).terms
            shown[name] = [term_link(term) for term in terms if isinstance(term, Category) == wanted]
    return shown


def _bodies(
    entries: Sequence[Entry], saves: Mapping[int, Save], seen: Collection[int], how: Showing
) -> Mapping[int, Any]:
    """Return the text of each entry in the form asked for, without those that a password protects."""
    texts = {}
    for entry in entries:
        if not _is_locked(entry, entry.id in seen):
            save = saves.get(entry.id)
            body: Mapping[str, Any] = entry.body if save is None else save.fields.body
            document = normalise(body)
            own = document if entry.id in seen else without_targets(document)
            texts[entry.id] = Text(own, absolute(entry.address or "/"))
    return show_bodies(texts, how.form or "json", user=how.user)
