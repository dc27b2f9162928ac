"""Have the links of an entry name other entries by id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cms.content import policies
from cms.content.events import EntrySaved
from cms.content.models import Entry
from cms.content.rendering import render
from cms.content.saving import facts, fresh, use_media, working_fields, working_revision
from cms.core.db import current_session
from cms.core.errors import Invalid
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require
from cms.lib.clock import utcnow
from cms.lib.document import normalise, to_text


def relink_entry(entry: Entry, body: Mapping[str, Any], *, version: int | None = None, by: Actor) -> Entry:
    """Take a body that says the same with better links, in what readers see and in its newest save alike.

    No revision is written and no date changes: for readers and writers nothing happened. Raises Forbidden,
    Conflict for an old `version`, and Invalid when the words differ or a newer save waits.
    """
    require(policies.may_edit(by, entry), _("You may not edit this entry. Its authors and editors can."))
    fresh(entry, version)
    revision, new = working_revision(entry), normalise(body)
    if revision is None or entry.has_newer_draft or to_text(new) != to_text(entry.body):
        raise Invalid(_("This entry was edited in the meantime."))
    before = facts(entry)
    entry.body = new
    revision.snapshot = {**revision.snapshot, "body": new}
    render(entry)
    use_media("entry", entry.id, working_fields(entry))
    current_session().flush()
    record(EntrySaved(entry.id, entry.kind, utcnow(), by.id, before=before, after=facts(entry)))
    return entry
