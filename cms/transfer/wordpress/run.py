"""One import while it runs: what the export holds, what became of it, and how changes are committed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from sqlalchemy.orm import Session

from cms.core.db import current_session
from cms.core.permissions import Actor
from cms.transfer.models import ImportRecord
from cms.transfer.queries import find_record
from cms.transfer.report import Report
from cms.transfer.wordpress.addresses import SiteMap
from cms.transfer.wordpress.folder import UploadFolder
from cms.transfer.wordpress.surroundings import Library
from cms.transfer.wordpress.survey import Survey

Unit = Callable[[], AbstractContextManager[Session]]

#: What stands for the id of a thing that a trial run would have made.
WOULD_BE = -1


@dataclass(slots=True)
class ImportRun:
    """Everything that the parts of an import share.

    `unit` opens the transaction of one item; None makes a trial run, in which nothing is written. The maps
    give the ids here of people by login, terms by taxonomy and slug, media and entries by their ids there.
    """

    survey: Survey
    by: Actor
    unit: Unit | None
    folder: UploadFolder | None = None
    invite: bool = False
    zone: tzinfo = UTC
    report: Report = field(default_factory=Report)
    users: dict[str, int] = field(default_factory=dict)
    terms: dict[tuple[str, str], int] = field(default_factory=dict)
    media: dict[str, int] = field(default_factory=dict)
    entries: dict[str, int] = field(default_factory=dict)
    #: Old archives of a year or a month that lead on already.
    archives: set[str] = field(default_factory=set)
    site_map: SiteMap = field(init=False)
    library: Library = field(init=False)

    def __post_init__(self) -> None:
        """Prepare what the survey tells about addresses and media."""
        self.site_map = SiteMap.of(self.survey)
        self.library = Library.of(self.survey)

    @property
    def source(self) -> str:
        """The name under which imports of this site are remembered."""
        return self.survey.source

    def find(self, source_id: str) -> ImportRecord | None:
        """Return what is remembered of a thing (`post/12`) of this source."""
        return find_record(self.source, source_id)

    def remember(
        self, source_id: str, thing: str, thing_id: int, checksum: str, *, version: int | None = None
    ) -> ImportRecord:
        """Remember, inside the open transaction, what a thing became."""
        record = self.find(source_id) or ImportRecord(source=self.source, source_id=source_id)
        record.thing, record.thing_id, record.checksum = thing, thing_id, checksum
        record.thing_version = version
        session = current_session()
        session.add(record)
        session.flush()
        return record
