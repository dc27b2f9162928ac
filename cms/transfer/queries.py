"""What was imported before."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from cms.core.db import current_session
from cms.transfer.models import ImportRecord


def find_record(source: str, source_id: str) -> ImportRecord | None:
    """Return what is remembered of a thing of a source, or None."""
    asked = select(ImportRecord).where(ImportRecord.source == source, ImportRecord.source_id == source_id)
    return current_session().scalar(asked)


def map_things(source: str, thing: str) -> dict[str, int]:
    """Return every id there with the id here, for one sort of thing (`entry`, `media` …) of a source."""
    asked = select(ImportRecord.source_id, ImportRecord.thing_id)
    rows = current_session().execute(asked.where(ImportRecord.source == source, ImportRecord.thing == thing))
    return {source_id.partition("/")[2]: thing_id for source_id, thing_id in rows}


def list_open_links(source: str) -> Sequence[int]:
    """Return the ids of the records whose bodies link to entries that had not been imported yet."""
    asked = select(ImportRecord.id).where(ImportRecord.source == source, ImportRecord.links_open)
    return current_session().scalars(asked.order_by(ImportRecord.id)).all()
