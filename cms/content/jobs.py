"""Work that time or a new version causes."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, select, update

from cms.content import states
from cms.content.events import EntryPublished
from cms.content.models import Entry
from cms.content.rendering import render
from cms.content.saving import facts
from cms.core.db import current_session, transaction
from cms.core.events import record
from cms.core.jobs import enqueue, job, periodic
from cms.core.permissions import system_user
from cms.lib.clock import utcnow
from cms.lib.document import RENDERER_VERSION

_AT_ONCE = 50
_log = logging.getLogger("cms.content")


@periodic("publish_due", every=timedelta(seconds=15))
def publish_due() -> None:
    """Say of scheduled entries whose time has come that they are published; readers see them already by the clock."""
    due = (Entry.state == states.SCHEDULED, Entry.published_at <= utcnow(), Entry.binned_at.is_(None))
    ids = current_session().scalars(select(Entry.id).where(*due).limit(_AT_ONCE)).all()
    for entry_id in ids:
        try:
            _say_published(entry_id, due)
        except Exception:  # noqa: BLE001 -- whoever fails to hear of one entry must not keep the others waiting
            current_session().rollback()
            _log.exception("that entry %s is published could not be told; it is tried again", entry_id)


def _say_published(entry_id: int, due: Sequence[ColumnElement[bool]]) -> None:
    with transaction() as session:
        entry = session.scalar(select(Entry).where(Entry.id == entry_id, *due).with_for_update())
        if entry is None:
            return
        before = facts(entry)
        entry.state = states.PUBLISHED
        session.flush()
        record(EntryPublished(entry.id, entry.kind, utcnow(), system_user().id, before=before, after=facts(entry)))


@periodic("rerender_outdated", every=timedelta(minutes=1))
def rerender_outdated() -> None:
    """Have entries rendered anew that an older renderer left behind."""
    if (
        current_session().scalar(select(Entry.id).where(Entry.renderer_version != RENDERER_VERSION).limit(1))
        is not None
    ):
        with transaction():
            enqueue("rerender", key="rerender")


@job("rerender")
def rerender(_payload: dict[str, Any]) -> None:
    """Render some outdated entries anew and, while there are more, record the next piece of the work.

    Versions and dates stay: nobody has changed anything, and no editor's save is refused because of it.
    """
    with transaction() as session:
        outdated = select(Entry).where(Entry.renderer_version != RENDERER_VERSION).limit(_AT_ONCE)
        entries = session.scalars(outdated.with_for_update(skip_locked=True)).all()
        for entry in entries:
            values = _rendered(entry)
            session.expire(entry)
            session.execute(
                update(Entry).where(Entry.id == entry.id).values(**values, updated_at=Entry.updated_at),
                execution_options={"synchronize_session": False},
            )
        if len(entries) == _AT_ONCE:
            enqueue("rerender", key="rerender")


_RENDERED = ("body_html", "body_text", "word_count", "summary", "renderer_version")


def _rendered(entry: Entry) -> dict[str, Any]:
    """Return what to store of an entry; one that cannot be rendered keeps its HTML and is not tried again."""
    try:
        with current_session().no_autoflush:
            render(entry)
    except Exception:  # noqa: BLE001 -- one text must not keep all the others as they were
        _log.exception("entry %s could not be rendered anew and stays as it was", entry.id)
        return {"renderer_version": RENDERER_VERSION}
    return {name: getattr(entry, name) for name in _RENDERED}
