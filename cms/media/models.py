"""Media files and where they are used."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cms.accounts.models import User
from cms.core.db import Base, IntegerKey, Timestamps, UtcDateTime, Versioned


class MediaFile(IntegerKey, Timestamps, Versioned, Base):
    """A file somebody uploaded: stored under a random `key`, shown under `filename`."""

    __tablename__ = "media_files"
    __table_args__ = (Index("ix_media_files_list", "deleted_at", "created_at", "id"),)

    key: Mapped[str] = mapped_column(String(64), unique=True)
    filename: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(16), index=True)
    media_type: Mapped[str] = mapped_column(String(100))
    extension: Mapped[str] = mapped_column(String(16))
    bytes: Mapped[int]
    width: Mapped[int | None]
    height: Mapped[int | None]
    animated: Mapped[bool] = mapped_column(default=False)
    alt: Mapped[str] = mapped_column(Text, default="")
    caption: Mapped[str] = mapped_column(Text, default="")
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    uploaded_by: Mapped[User | None] = relationship(foreign_keys=[uploaded_by_id])


class MediaUse(Base):
    """One place that uses a media file: `thing` is `entry` (what readers see), `draft`, `user` or `setting`."""

    __tablename__ = "media_uses"
    __table_args__ = (Index("ix_media_uses_thing", "thing", "thing_id"),)

    media_id: Mapped[int] = mapped_column(ForeignKey("media_files.id", ondelete="CASCADE"), primary_key=True)
    thing: Mapped[str] = mapped_column(String(16), primary_key=True)
    thing_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
