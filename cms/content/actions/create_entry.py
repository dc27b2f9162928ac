"""Begin an entry."""

from __future__ import annotations

from cms.content import policies
from cms.content.events import EntryCreated
from cms.content.field_rules import check_fields
from cms.content.fields import EntryFields
from cms.content.models import Entry, Page, Post
from cms.content.moving import begin_fields, check_begin
from cms.content.saving import apply, clean, facts, write_revision
from cms.core.db import current_session
from cms.core.errors import Invalid
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require
from cms.lib.clock import utcnow

KINDS: dict[str, type[Entry]] = {"post": Post, "page": Page}


def create_entry(kind: str, fields: EntryFields, *, by: Actor) -> Entry:
    """Begin a draft of `kind` (post, page) and return it; its author is whoever begins it unless others are named.

    Raises Forbidden, or Invalid naming each wrong field.
    """
    if kind not in KINDS:
        raise Invalid(_("An entry is a post or a page."))
    require(policies.may_create(by, kind), _("You may not begin this. An admin can change what your role allows."))
    checked = clean(fields, entry=None, by=by)
    check_begin(kind, checked, by=by)
    check_fields(begin_fields(kind, by=by), checked, kind=kind, entry=None, by=by)
    session = current_session()
    entry = KINDS[kind](slug="", body={}, created_by_id=by.id)
    session.add(entry)
    with session.no_autoflush:
        apply(entry, checked)
    written = write_revision(entry, checked.changed(slug=entry.slug), by=by)
    session.flush()
    record(EntryCreated(entry.id, kind, utcnow(), by.id, after=facts(entry), written=written))
    return entry
