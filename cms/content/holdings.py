"""What people wrote: entries, with their words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import undefer_group

from cms.content.models import Entry, EntryAuthor
from cms.core.db import current_session
from cms.core.i18n import _
from cms.core.privacy import DataSubject, Holding, register_holding
from cms.lib.document import to_markdown

_AT_ONCE = 100


def _count(subject: DataSubject) -> int:
    theirs = select(func.count()).select_from(EntryAuthor).where(EntryAuthor.user_id == subject.user_id)
    return (current_session().scalar(theirs) or 0) if subject.user_id is not None else 0


def _rows(subject: DataSubject) -> Iterable[Mapping[str, Any]]:
    """The newest words of everything they are named an author of, as Markdown, with dates and address."""
    if subject.user_id is None:
        return
    theirs = select(EntryAuthor.entry_id).where(EntryAuthor.user_id == subject.user_id)
    query = select(Entry).where(Entry.id.in_(theirs)).order_by(Entry.id).options(undefer_group("body"))
    for entry in current_session().scalars(query.execution_options(yield_per=_AT_ONCE)):
        yield {
            "kind": entry.kind,
            "title": entry.title,
            "address": entry.address,
            "state": entry.state,
            "visibility": entry.visibility,
            "created_at": entry.created_at.isoformat(),
            "published_at": entry.published_at.isoformat() if entry.published_at else None,
            "markdown": to_markdown(entry.body) if entry.body else "",
        }


register_holding(Holding("entries", _("Posts and pages they wrote"), _count, _rows))
