"""The outbox, and the lease by which one process leads."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cms.core.db import Base, IntegerKey, UtcDateTime
from cms.lib.clock import utcnow


class Job(IntegerKey, Base):
    """A piece of work; `state` is waiting, running, done or failed (given up after the last try)."""

    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_due", "state", "run_at", "id"),)

    name: Mapped[str] = mapped_column(String(80))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    #: Work with the same key is recorded once as long as it waits; None: no such limit.
    key: Mapped[str | None] = mapped_column(String(200), unique=True)
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    run_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    #: Until when the process that runs it is believed to be alive.
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str] = mapped_column(Text, default="")


class Lease(Base):
    """Who leads in what, and until when."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    holder: Mapped[str] = mapped_column(String(80))
    until: Mapped[datetime] = mapped_column(UtcDateTime)
