"""What the actions share: checking fields, writing revisions, and bringing a revision before readers."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, inspect, select

from cms.accounts.models import User
from cms.content import policies
from cms.content.addresses import move_children, place, remember, wanted_slug
from cms.content.fields import VISIBILITIES, EntryFields, from_snapshot
from cms.content.models import Entry, EntryAuthor, Page, Revision, Term
from cms.content.rendering import render
from cms.core.db import Base, current_session
from cms.core.errors import CmsError, Conflict, Forbidden, Invalid
from cms.core.i18n import Text, _, lib_message
from cms.core.permissions import Actor
from cms.lib.clock import utcnow
from cms.lib.document import normalise, references, to_text, validate
from cms.lib.errors import LibError
from cms.media import policies as media_policies
from cms.media.models import MediaFile, MediaUse

#: Fields that are typed.
_TYPED = ("title", "slug", "excerpt", "language", "seo_title", "seo_description", "canonical_url")
#: What saved fields name: the sort of thing, and its id.
Named = tuple[type[Any], int]
#: Where an entry keeps which of its revisions was read last.
_READ_LAST = "_revision_read_last"
_USES = Base.metadata.tables[MediaUse.__tablename__]
_FORGET_USES = delete(_USES).where(_USES.c.thing == bindparam("of"), _USES.c.thing_id == bindparam("of_id"))
_LONGEST = {"title": 500, "slug": 200, "seo_title": 300, "canonical_url": 1000, "language": 35}


def fresh(entry: Entry, version: int | None = None) -> Entry:
    """Return the entry as it is now; raises Conflict when `version` is not what the person had before them."""
    if version is not None and entry.version != version:
        raise Conflict()
    return entry


def clean(fields: EntryFields, *, entry: Entry | None, by: Actor) -> EntryFields:
    """Return the fields with their body normalised and their ids known; raises Invalid naming each wrong field."""
    errors: dict[str, Text] = {}
    fields = fields.changed(**{name: _text(getattr(fields, name)) for name in _TYPED})
    try:
        validate(fields.body)
        body: Mapping[str, Any] = normalise(fields.body)
    except LibError as error:
        body, errors["body"] = fields.body, lib_message(error)
    for name, limit in _LONGEST.items():
        if len(getattr(fields, name)) > limit:
            errors[name] = _("Please use at most %(limit)s characters.", limit=limit)
    if fields.visibility not in VISIBILITIES:
        errors["visibility"] = _("Choose who may read this.")
    elif fields.visibility == "password" and not fields.password_hash:
        errors["password"] = _("Type the password that readers will need.")
    if fields.canonical_url and not fields.canonical_url.startswith(("https://", "http://")):
        errors["canonical_url"] = _("An address of another site begins with https://.")
    errors |= _unknown(fields, entry)
    errors |= _not_theirs(fields.changed(body=body), entry, by) if "body" not in errors else {}
    if errors:
        raise Invalid(fields=errors)
    checked = fields.changed(body=body, title=" ".join(fields.title.split()), author_ids=_authors(fields, entry, by))
    _guard_raw_html(checked, entry, by)
    return checked


def _text(typed: str) -> str:
    """Return what was typed as text: letters put together (NFC), without characters that are none."""
    composed = unicodedata.normalize("NFC", typed)
    return "".join(char for char in composed if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs"))


def _unknown(fields: EntryFields, entry: Entry | None) -> dict[str, Text]:
    """Return a sentence for each id that names nothing, and for a page that would lie below itself."""
    session, errors = current_session(), dict[str, Text]()
    terms = set(session.scalars(select(Term.id).where(Term.id.in_(fields.term_ids)))) if fields.term_ids else set[int]()
    if terms != set(fields.term_ids):
        errors["terms"] = _("One of the chosen terms does not exist any more.")
    if fields.featured_media_id is not None and session.get(MediaFile, fields.featured_media_id) is None:
        errors["featured_media_id"] = _("The chosen picture does not exist any more.")
    if fields.parent_id is not None:
        # Whoever moves a page holds those above it in place, or two at once could hang each below the other, or a
        # new page below an address that is just being given up (PostgreSQL; on SQLite nobody else writes).
        moves = entry is None or fields.parent_id != entry.parent_id
        held: dict[str, Any] = {"with_for_update": {"read": True}} if moves else {}
        above: Page | None = session.get(Page, fields.parent_id, **held)
        seen = set[int]()
        if above is None or (entry is not None and not isinstance(entry, Page)):
            errors["parent_id"] = _("The chosen page does not exist any more.")
        while above is not None and above.id not in seen:
            if entry is not None and above.id == entry.id:
                errors["parent_id"] = _("A page cannot lie below itself.")
            seen.add(above.id)
            above = session.get(Page, above.parent_id, **held) if above.parent_id is not None else None
    return errors


def _not_theirs(fields: EntryFields, entry: Entry | None, by: Actor) -> dict[str, Text]:
    """Return a sentence for files and a page above that `by` may not know of, unless they stood there before.

    It tells no more than if there were no such thing.
    """
    errors = dict[str, Text]()
    above = _above(fields) if entry is None or fields.parent_id != entry.parent_id else None
    if above is not None and not (policies.may_see(by, above) or policies.may_read(by, above)):
        working = working_fields(entry) if entry is not None and entry.id is not None else None
        if working is None or working.parent_id != above.id:
            errors["parent_id"] = _("The chosen page does not exist any more.")
    if media_policies.may_list(by):
        return errors
    asked = _media_of(fields)
    if asked and entry is not None and entry.id is not None:
        asked -= _media_of(working_fields(entry)) | set(references(entry.body).media_ids) | {entry.featured_media_id}
    theirs = select(MediaFile.id).where(MediaFile.id.in_(asked), MediaFile.uploaded_by_id == by.id)
    hidden = asked - set(current_session().scalars(theirs)) if asked else set[int | None]()
    if fields.featured_media_id in hidden:
        errors["featured_media_id"] = _("The chosen picture does not exist any more.")
    if hidden - {fields.featured_media_id}:
        errors["body"] = _("A picture in the text does not exist any more, or is not yours to use. Take it out.")
    return errors


def _media_of(fields: EntryFields) -> set[int | None]:
    named: set[int | None] = set(references(dict(fields.body)).media_ids)
    return named | {fields.featured_media_id} - {None}


def _above(fields: EntryFields) -> Page | None:
    return current_session().get(Page, fields.parent_id) if fields.parent_id is not None else None


def _authors(fields: EntryFields, entry: Entry | None, by: Actor) -> tuple[int, ...]:
    """Return the authors: as asked by who may name them, else as they were, else whoever writes."""
    is_known = entry is not None and entry.id is not None
    before = entry.owner_ids if entry is not None and is_known else ()
    wanted = tuple(dict.fromkeys(fields.author_ids))
    if wanted and wanted != before:
        if entry is not None and is_known and wanted == working_fields(entry).author_ids:
            return wanted
        if not policies.may_assign(by) and (before or wanted != (by.id,)):
            raise Forbidden(_("You may not name other authors. An editor can."))
        known = set(current_session().scalars(select(User.id).where(User.id.in_(wanted))))
        if known != set(wanted):
            raise Invalid(fields={"author_ids": _("One of the chosen authors does not exist any more.")})
        return wanted
    return before or ((by.id,) if by.id is not None else ())


def _guard_raw_html(fields: EntryFields, entry: Entry | None, by: Actor) -> None:
    """Raise Forbidden when raw HTML is new or changed and the person may not write it."""
    new = Counter(_raw_html(fields.body))
    if not new or policies.may_edit_raw_html(by):
        return
    known = Counter[str]()
    if entry is not None and entry.id is not None:
        working = working_revision(entry)
        known = Counter(_raw_html(entry.body)) | Counter(_raw_html(working.snapshot.get("body") if working else {}))
    if new - known:
        raise Forbidden(_("You may keep or move raw HTML, but not write it. An editor or admin can."))


def _raw_html(node: Any) -> Iterator[str]:
    stack = [node]
    while stack:
        item = stack.pop()
        if not isinstance(item, Mapping):
            continue
        if item.get("type") == "rawHtml":
            yield str((item.get("attrs") or {}).get("html", ""))
        stack.extend(item.get("content") or ())


def working_revision(entry: Entry) -> Revision | None:
    """Return the newest save of the entry."""
    return get_revision(entry, entry.working_revision_number)


def get_revision(entry: Entry, number: int | None) -> Revision | None:
    """Return the revision with that number of the entry; none is ever changed, so the last one read is kept with it."""
    known: Revision | None = entry.__dict__.get(_READ_LAST)
    if known is not None:
        state = inspect(known)
        if state.persistent and not state.expired and known.number == number:
            return known
    chosen = select(Revision).where(Revision.entry_id == entry.id, Revision.number == number)
    found = current_session().scalar(chosen)
    entry.__dict__[_READ_LAST] = found
    return found


def working_fields(entry: Entry) -> EntryFields:
    """Return what the newest save of the entry holds: what its editor sees, without what was deleted since."""
    return fields_of(entry, entry.working_revision_number)


def fields_of(entry: Entry, number: int | None) -> EntryFields:
    """Return what one revision of the entry holds, without what was deleted since; CmsError when it is missing."""
    revision = get_revision(entry, number)
    if revision is None:
        raise CmsError(_("The history of this entry is missing."))
    return _existing(entry, from_snapshot(revision.snapshot))


def _existing(entry: Entry, fields: EntryFields) -> EntryFields:
    session = current_session()
    gone = {(model, key) for model, key in named_beside(entry, fields) if session.get(model, key) is None}
    return without_gone(entry, fields, gone)


def named_beside(entry: Entry, fields: EntryFields) -> set[Named]:
    """Return the people, terms, picture and parent that saved fields name and the row does not: they may be gone."""
    row: set[tuple[type[Any], int | None]] = {
        *((User, key) for key in entry.owner_ids),
        *((Term, term.id) for term in entry.terms),
        (MediaFile, entry.featured_media_id),
        (Page, entry.parent_id),
    }
    saved: list[tuple[type[Any], int | None]] = [
        *((User, key) for key in fields.author_ids),
        *((Term, key) for key in fields.term_ids),
        (MediaFile, fields.featured_media_id),
        (Page, fields.parent_id),
    ]
    return {(model, key) for model, key in saved if key is not None and (model, key) not in row}


def without_gone(entry: Entry, fields: EntryFields, gone: Collection[Named]) -> EntryFields:
    """Return saved fields without people, terms, picture and parent that are gone: nobody could take them out.

    Where all its saved authors are gone, an entry keeps those it has.
    """

    def left(model: type[Any], *keys: int | None) -> tuple[int, ...]:
        return tuple(key for key in keys if key is not None and (model, key) not in gone)

    return fields.changed(
        author_ids=left(User, *fields.author_ids) or entry.owner_ids,
        term_ids=left(Term, *fields.term_ids),
        featured_media_id=next(iter(left(MediaFile, fields.featured_media_id)), None),
        parent_id=next(iter(left(Page, fields.parent_id)), None),
    )


def write_revision(entry: Entry, fields: EntryFields, *, by: Actor, note: str = "") -> dict[str, tuple[Any, Any]]:
    """Keep the fields as the newest revision and return those that differ from the one before (see `EntryEvent`).

    Nothing is written when they are what it holds already.
    """
    last = working_revision(entry) if entry.working_revision_number else None
    snapshot = fields.snapshot()
    if last is not None and last.snapshot == snapshot:
        return {}
    entry.working_revision_number += 1
    entry.updated_by_id = by.id
    entry.updated_at = utcnow()
    number = entry.working_revision_number
    current_session().add(Revision(entry_id=entry.id, number=number, created_by_id=by.id, snapshot=snapshot, note=note))
    use_media("draft", entry.id, fields)
    return _written(last.snapshot if last is not None else EntryFields().snapshot(), snapshot)


def check_says_something(fields: EntryFields) -> None:
    """Raise Invalid for an entry that has neither title, text nor picture: nobody means to publish that."""
    shows = fields.title.strip() or fields.featured_media_id or to_text(dict(fields.body)).strip()
    if not shows and not references(dict(fields.body)).media_ids:
        raise Invalid(fields={"title": _("Give this a title, or some text, before readers see it.")})


def apply(entry: Entry, fields: EntryFields) -> None:
    """Bring the fields into the row: address (the old one remembered), authors, terms, HTML, media uses."""
    session = current_session()
    parent = session.get(Page, fields.parent_id) if fields.parent_id else None
    for name in (
        "title", "excerpt", "language", "visibility", "password_hash", "featured_media_id", "seo_title",
        "seo_description", "canonical_url", "noindex", "sticky", "menu_order", "comments_open", "parent_id",
    ):  # fmt: skip
        setattr(entry, name, getattr(fields, name))
    # As it is: a body that has just been cleaned need not be cleaned again to be rendered.
    entry.body = fields.body if isinstance(fields.body, dict) else dict(fields.body)
    entry.meta = dict(fields.meta)
    entry.author_links[:] = _links(entry, fields.author_ids)
    terms = select(Term).where(Term.id.in_(fields.term_ids)).order_by(Term.path)
    entry.terms = list(session.scalars(terms)) if fields.term_ids else []
    render(entry)
    _place(entry, fields, parent)
    if entry in session.new:
        session.flush()
    use_media("entry", entry.id, fields)


def _links(entry: Entry, author_ids: tuple[int, ...]) -> list[EntryAuthor]:
    known = {link.user_id: link for link in entry.author_links}
    return [known.get(user_id) or EntryAuthor(user_id=user_id) for user_id in author_ids]


def _place(entry: Entry, fields: EntryFields, parent: Page | None) -> None:
    """Give the entry its address; one that readers knew leads on to the new one."""
    old, was_out = entry.address, entry.published_at is not None
    slug = wanted_slug(fields.slug, fields.title, entry.kind)
    stem = parent.address if parent is not None and parent.address else "/"
    if entry.address is not None and entry.slug == slug and (entry.kind == "post" or entry.address == f"{stem}{slug}/"):
        return
    place(entry, slug, parent)
    current_session().flush()
    remember(entry, old if was_out else None)
    if isinstance(entry, Page) and old is not None and entry.address != old:
        move_children(entry)


def use_media(thing: str, thing_id: int, fields: EntryFields | None) -> None:
    """Note which media files an entry (`entry`: what readers see, `draft`: its newest save) uses; None: none."""
    session = current_session()
    session.execute(_FORGET_USES, {"of": thing, "of_id": thing_id})
    if fields is None:
        return
    ids = set(references(dict(fields.body)).media_ids)
    if fields.featured_media_id is not None:
        ids.add(fields.featured_media_id)
    known = session.scalars(select(MediaFile.id).where(MediaFile.id.in_(ids))) if ids else ()
    uses = [{"media_id": media_id, "thing": thing, "thing_id": thing_id} for media_id in known]
    if uses:
        session.execute(insert(_USES), uses)


def _written(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return the fields of two snapshots that differ, as events tell them: of a body its size, no password."""
    differing = [name for name in after if before.get(name) != after[name]]
    return {name: (_told(name, before.get(name)), _told(name, after[name])) for name in differing}


def _told(name: str, value: Any) -> Any:
    if name == "password_hash":
        return bool(value)
    if name != "body" or value is None:
        return value
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return {"bytes": len(text), "sha256": hashlib.sha256(text).hexdigest()}


def facts(entry: Entry) -> dict[str, Any]:
    """Return the values of the row that events tell, plain."""

    def plain(moment: datetime | None) -> str | None:
        return moment.isoformat() if moment else None

    return {
        "title": entry.title,
        "address": entry.address,
        "state": entry.state,
        "visibility": entry.visibility,
        "published_at": plain(entry.published_at),
        "revised_at": plain(entry.revised_at),
        "binned_at": plain(entry.binned_at),
        "revision": entry.live_revision_number,
        "newest_revision": entry.working_revision_number,
        "author_ids": list(entry.owner_ids),
        "term_ids": sorted(term.id for term in entry.terms),
    }
