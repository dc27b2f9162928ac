"""What somebody finds of entries, by whatever way they look: what readers see, and what they see in the back office."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, literal, or_, select
from sqlalchemy.orm import joinedload, load_only, selectinload

from cms.accounts.models import User
from cms.content import policies, states
from cms.content.cursors import SORTS, read_batch
from cms.content.models import Entry, EntryAuthor, Revision, entry_terms
from cms.content.queries import has_author, holds, in_state, is_listed, is_out, words
from cms.content.reach import reach
from cms.core.db import current_session, hold_rows, in_transaction
from cms.core.errors import Forbidden, NotFound
from cms.core.i18n import _
from cms.core.pagination import Batch
from cms.core.permissions import ALL, OWN, Actor, extents_of
from cms.lib.clock import utcnow

#: What a list may be narrowed to besides states: drafts newer than what readers see, and the bin.
VIEWS = (*states.STATES, "newer", "binned")
#: Of these only that which somebody may edit is there for them.
_UNSEEN = (states.DRAFT, states.IN_REVIEW, states.SCHEDULED, states.ARCHIVED, "newer", "binned")
#: What stands in other tables and may be asked for with each entry.
PARTS = ("authors", "categories", "tags", "featured_media")
_SHOWN = (
    Entry.id, Entry.kind, Entry.title, Entry.slug, Entry.address, Entry.state, Entry.visibility, Entry.published_at,
    Entry.revised_at, Entry.binned_at, Entry.created_at, Entry.updated_at, Entry.version, Entry.excerpt, Entry.summary,
    Entry.language, Entry.word_count, Entry.sticky, Entry.comments_open, Entry.noindex, Entry.seo_title,
    Entry.seo_description, Entry.canonical_url, Entry.parent_id, Entry.menu_order, Entry.featured_media_id,
    Entry.live_revision_number, Entry.working_revision_number,
)  # fmt: skip


#: When drafts were begun and saved is told to who may edit them alone, not even by the order of a list.
_TOLD_READERS = {way + name: f"{way}published" for name in ("updated", "created") for way in ("", "-")}


@dataclass(frozen=True)
class ReadFilter:
    """What is looked for; `view` is one of VIEWS, or empty for all outside the bin; `live` is only what readers see."""

    kind: str = "post"
    view: str = ""
    search: str = ""
    author_id: int | None = None
    term_id: int | None = None
    parent_id: int | None = None
    visibility: str = ""
    published_after: datetime | None = None
    published_before: datetime | None = None
    sort: str = ""
    slug: str = ""
    updated_after: datetime | None = None
    live: bool = False


def sees_more(user: Actor | None, kind: str) -> bool:
    """Tell whether somebody sees any entries of `kind` besides those that readers do."""
    return bool(extents_of(user, f"content:{kind}:edit"))


def usual_sort(wanted: ReadFilter, user: Actor | None) -> str:
    """Return how a list is sorted when nobody says: by change where `user` may edit all, else by date."""
    return "-updated" if _edits_all(wanted, user) else "-published"


def _edits_all(wanted: ReadFilter, user: Actor | None) -> bool:
    """Tell whether `user` may edit whatever such a list can show: what readers do not see, or what is their own."""
    held = extents_of(user, f"content:{wanted.kind}:edit")
    own = user is not None and wanted.author_id == user.id and OWN in held
    return ALL in held or own or bool(held and wanted.view in _UNSEEN)


def list_visible(
    wanted: ReadFilter,
    *,
    user: Actor | None,
    cursor: str | None = None,
    offset: int = 0,
    limit: int = 20,
    parts: Sequence[str] = (),
) -> Batch[Entry]:
    """Return a batch of what `user` finds, without bodies, in a number of queries that rows do not change.

    `parts` (of PARTS, and `body`) are loaded with it; ids of authors and terms always are. Raises NotFound for a
    broken cursor.
    """
    sort = wanted.sort or usual_sort(wanted, user)
    return read_batch(
        visible(wanted, user),
        sort=sort if _edits_all(wanted, user) else _TOLD_READERS.get(sort, sort),
        cursor=cursor,
        offset=offset,
        limit=limit,
        parts=_options(parts if wanted.live else _told(parts, user, wanted.kind)),
        dated=not sees_more(user, wanted.kind),
    )


def count_visible(wanted: ReadFilter, *, user: Actor | None, most: int | None = None) -> int:
    """Count what `user` finds: at most `most` of it, for a count that costs no more than that; all for None."""
    found = select(literal(1)).select_from(Entry).where(*visible(wanted, user))
    counted = select(func.count()).select_from((found.limit(most) if most is not None else found).subquery())
    return current_session().scalar(counted) or 0


def visible(wanted: ReadFilter, user: Actor | None) -> list[ColumnElement[bool]]:
    """Return what the rows of a list must be: of the kind, narrowed, and for `user` to see."""
    found: list[ColumnElement[bool]] = [Entry.kind == wanted.kind]
    found.append(Entry.binned_at.is_not(None) if wanted.view == "binned" else Entry.binned_at.is_(None))
    found.append(_for(user, wanted.kind))
    if wanted.live:
        found.append(is_out(utcnow()))
    found += _narrowed(wanted)
    if wanted.view == "newer":
        # Others are not told that something waits.
        found.append(reach(user, f"content:{wanted.kind}:edit"))
    if wanted.updated_after is not None:
        found.append(_updated_after(wanted.updated_after, user, wanted.kind))
    # A text that a password protects is told by nothing but its title, so texts are not looked through here.
    found += [or_(holds(Entry.title, word), holds(Entry.slug, word)) for word in words(wanted.search)]
    return found


def _for(user: Actor | None, kind: str) -> ColumnElement[bool]:
    held = extents_of(user, f"content:{kind}:edit")
    if ALL in held:
        return reach(user, f"content:{kind}:edit")
    read = is_listed(user, utcnow())
    return or_(read, reach(user, f"content:{kind}:edit")) if held else read


def _updated_after(moment: datetime, user: Actor | None, kind: str) -> ColumnElement[bool]:
    """Return the condition that something changed for `user` since: readers are not told when drafts are saved."""
    held = extents_of(user, f"content:{kind}:edit")
    if ALL in held:
        return Entry.updated_at >= moment
    revised = Entry.revised_at >= moment
    return or_(revised, and_(reach(user, f"content:{kind}:edit"), Entry.updated_at >= moment)) if held else revised


def _named(wanted: ReadFilter) -> ColumnElement[bool]:
    if wanted.kind == "post" and wanted.view != "binned":
        # An index knows addresses, and each post outside the bin has one made of its slug.
        return Entry.address == f"/posts/{wanted.slug}/"
    return Entry.slug == wanted.slug


def _narrowed(wanted: ReadFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.view in states.STATES:
        found.append(in_state(wanted.view))
    elif wanted.view == "newer":
        newer = Entry.working_revision_number != Entry.live_revision_number
        found.append(and_(newer, Entry.state.in_(states.LIVE)))
    if wanted.slug:
        found.append(_named(wanted))
    if wanted.author_id is not None:
        found.append(has_author(wanted.author_id))
    if wanted.term_id is not None:
        found.append(Entry.id.in_(select(entry_terms.c.entry_id).where(entry_terms.c.term_id == wanted.term_id)))
    if wanted.parent_id is not None:
        found.append(Entry.parent_id == wanted.parent_id)
    if wanted.visibility:
        found.append(Entry.visibility == wanted.visibility)
    if wanted.published_after is not None:
        found.append(Entry.published_at >= wanted.published_after)
    if wanted.published_before is not None:
        found.append(Entry.published_at < wanted.published_before)
    return found


@cache
def _one(parts: tuple[str, ...]) -> Select[Entry]:
    """Return the question of `get_visible`, its text with it; to make it takes longer than to ask it."""
    known = select(Entry).where(Entry.id == bindparam("entry_id"), Entry.kind == bindparam("kind"))
    return known.options(*_options((*parts, "body")))


def _told(parts: Sequence[str], user: Actor | None, kind: str) -> Sequence[str]:
    """Return the parts with what waits beside rows, for who may be told of that."""
    return (*parts, "waiting") if sees_more(user, kind) else parts


def _options(parts: Sequence[str]) -> list[Any]:
    # In the same statement: an entry has few authors, and one save that waits.
    authors = joinedload(Entry.author_links)
    if "authors" in parts:
        authors = authors.joinedload(EntryAuthor.user).load_only(User.id, User.name, User.slug)
    body = (Entry.body,) if "body" in parts else ()
    found: list[Any] = [load_only(*_SHOWN, *body), authors, selectinload(Entry.terms)]
    if "featured_media" in parts:
        found.append(joinedload(Entry.featured_media))
    if "waiting" in parts:
        found.append(joinedload(Entry.waiting_revision).load_only(Revision.snapshot))
    return found


def get_visible(kind: str, entry_id: int, *, user: Actor | None, parts: Sequence[str] = PARTS) -> Entry:
    """Return an entry that `user` sees as a reader or in the back office; raises NotFound, whatever the reason."""
    query = _one(tuple(sorted(_told(parts, user, kind))))
    found = current_session().scalars(query, {"entry_id": entry_id, "kind": kind}).unique().one_or_none()
    if found is None or not (policies.may_see(user, found) or policies.may_read(user, found)):
        raise NotFound
    return found


def get_for_change(kind: str, entry_id: int, *, user: Actor | None) -> Entry:
    """Return an entry that `user` sees in the back office, before others change it; what may be done is asked later.

    Others wait where a transaction is open. Raises Forbidden for what `user` sees as a reader alone, else NotFound.
    """
    if in_transaction():
        hold_rows(select(Entry.id).where(Entry.id == entry_id, Entry.kind == kind))
    found = get_visible(kind, entry_id, user=user)
    if not policies.may_see(user, found):
        raise Forbidden(_("You may read this, but not change it. Its authors and editors can."))
    return found


__all__ = [
    "PARTS", "SORTS", "VIEWS", "ReadFilter", "count_visible", "get_for_change", "get_visible", "list_visible",
    "sees_more", "usual_sort", "visible",
]  # fmt: skip
