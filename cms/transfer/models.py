"""What was imported from where: the memory that makes an import repeatable."""

from __future__ import annotations

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cms.core.db import Base, IntegerKey, Timestamps


class ImportRecord(IntegerKey, Timestamps, Base):
    """One thing of a source and what it became here.

    `source` is the address of the site it came from, `source_id` names the thing there
    (`post/12`, `comment/7`, `category/news`), `thing` and `thing_id` name it here.
    `checksum` is the SHA-256 of what the source said. `thing_version` is the version of our row
    right after the import: a higher one now means that somebody has edited it here.
    `links_open` says that the body links to entries that had not been imported yet.
    No foreign key: a thing deleted here is remembered, so that a second run does not bring it back.
    """

    __tablename__ = "import_records"
    __table_args__ = (
        UniqueConstraint("source", "source_id", name="uq_import_records_source_source_id"),
        Index("ix_import_records_thing_thing_id", "thing", "thing_id"),
    )

    source: Mapped[str] = mapped_column(String(500))
    source_id: Mapped[str] = mapped_column(String(500))
    thing: Mapped[str] = mapped_column(String(40))
    thing_id: Mapped[int]
    checksum: Mapped[str] = mapped_column(String(64))
    thing_version: Mapped[int | None] = mapped_column(default=None)
    links_open: Mapped[bool] = mapped_column(default=False)
