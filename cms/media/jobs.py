"""Sweeping: what a process that died in the middle of an upload left behind goes a day later."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from cms.core.db import current_session
from cms.core.jobs import periodic
from cms.core.storage import TEMPORARY, storages
from cms.lib.clock import utcnow
from cms.media.files import original_name
from cms.media.models import MediaFile

#: An upload takes minutes at most; whatever has no row after this long will never have one.
GRACE: Final = timedelta(days=1)
_BATCH: Final = 500
# Files that do not look like ours are somebody's, and stay.
_OURS: Final = re.compile(rf"[0-9a-f]{{2}}/(?:([0-9a-f]{{32}})[./].+|{re.escape(TEMPORARY)}[0-9a-f]+)")
# So many files without a row mean the wrong database, not unfinished uploads.
_SUSPICIOUS: Final = 100
_log = logging.getLogger("cms.media")


@dataclass(frozen=True)
class SweepReport:
    """How many files that no row owns were removed (or left, when suspiciously many), and the ids of lost files."""

    removed: int
    left: int
    lost_ids: tuple[int, ...]


@periodic("sweep_uploads", every=timedelta(hours=6))
def sweep_uploads() -> None:
    """Remove what unfinished uploads left behind and log what the storage has lost."""
    report = sweep()
    if report.removed:
        _log.info("removed %s files that no media file owns", report.removed)
    if report.left:
        _log.error("%s files belong to no media file and were left: is this the right database?", report.left)
    if report.lost_ids:
        _log.error("the storage has lost media files %s", ", ".join(map(str, report.lost_ids[:50])))


def sweep(*, now: datetime | None = None) -> SweepReport:
    """Remove unfinished and unowned files older than a day, and look for rows without a file."""
    before = (now or utcnow()) - GRACE
    removed = left = 0
    for storage in (storages().originals, storages().variants):
        found = [stored.name for stored in storage.list() if stored.modified_at < before and _OURS.match(stored.name)]
        unowned = _unowned(found)
        if len(unowned) > max(_SUSPICIOUS, len(found) // 2):
            left += len(unowned)
            continue
        for name in unowned:
            storage.delete(name)
        removed += len(unowned)
    return SweepReport(removed, left, tuple(_lost()))


def _unowned(names: Sequence[str]) -> list[str]:
    """Return the names of unfinished files and of those whose key has no row."""
    keys = [key for name in names if (match := _OURS.match(name)) and (key := match.group(1))]
    known: set[str] = set()
    for at in range(0, len(keys), _BATCH):
        wanted = keys[at : at + _BATCH]
        known.update(current_session().scalars(select(MediaFile.key).where(MediaFile.key.in_(wanted))))
    return [name for name in names if TEMPORARY in name or not known.intersection(_OURS.findall(name))]


def _lost() -> Iterator[int]:
    """Go through the ids of media files that the storage does not have."""
    last = 0
    while True:
        columns = select(MediaFile.id, MediaFile.key, MediaFile.extension)
        rows = current_session().execute(columns.where(MediaFile.id > last).order_by(MediaFile.id).limit(_BATCH)).all()
        for media_id, key, extension in rows:
            last = media_id
            if not storages().originals.exists(original_name(key, extension)):
                yield media_id
        if len(rows) < _BATCH:
            return
