"""Revisions: snapshots of everything that can be edited about an entry."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cms.accounts.models import User
from cms.core.db import Base, IntegerKey, UtcDateTime
from cms.lib.clock import utcnow


class Revision(IntegerKey, Base):
    """What an entry was at one save; `number` counts from 1 within the entry."""

    __tablename__ = "revisions"
    __table_args__ = (Index("uq_revisions_entry_id_number", "entry_id", "number", unique=True),)

    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id", ondelete="CASCADE"))
    number: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    note: Mapped[str] = mapped_column(String(200), default="")
    snapshot: Mapped[dict[str, Any]] = mapped_column(JSON)

    created_by: Mapped[User | None] = relationship(foreign_keys=[created_by_id])
