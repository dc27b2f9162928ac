"""Entries of the record: a chain that nobody changes unseen, and details that can be erased without breaking it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from cms.core.db import Base, UtcDateTime


class AuditEntry(Base):
    """One act. Everything here is sealed by `hash`, which holds that of the entry before; nothing here names a person.

    Rows are added, never changed; the oldest go when their time is over, and an entry says so.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_subject", "subject", "subject_id", "number"),
        Index("ix_audit_entries_act", "act", "number"),
        Index("ix_audit_entries_actor", "actor_id", "number"),
        Index("ix_audit_entries_at", "at", "number"),
    )

    #: 1, 2, 3 … without a gap, in the order of commits.
    number: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    act: Mapped[str] = mapped_column(String(80))
    #: Who did it (None: the system), and who was there while seeing the site as somebody else.
    actor_id: Mapped[int | None]
    seen_by_id: Mapped[int | None]
    token_id: Mapped[int | None]
    subject: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int | None] = mapped_column(BigInteger)
    #: The entry that this one took back.
    undoes: Mapped[int | None] = mapped_column(BigInteger, index=True)
    #: HMAC-SHA256 of the details with the salt kept beside them.
    details_digest: Mapped[str] = mapped_column(String(64))
    #: Which key the hashes are made with.
    key_id: Mapped[str] = mapped_column(String(40))
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class AuditDetails(Base):
    """What an entry says in words and values; erased, the chain still holds."""

    __tablename__ = "audit_details"

    number: Mapped[int] = mapped_column(
        ForeignKey("audit_entries.number", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    salt: Mapped[str] = mapped_column(String(64))
    #: `{"actor", "title", "before", "after", "way", "ip", "user_agent", "request_id", "about"}`, whatever is known.
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: Names and values in small letters, for the search.
    words: Mapped[str] = mapped_column(String(2000), default="")


class AuditPerson(Base):
    """Whose personal data the details of an entry hold, so that they can be found and erased."""

    __tablename__ = "audit_people"

    number: Mapped[int] = mapped_column(
        ForeignKey("audit_entries.number", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    user_id: Mapped[int] = mapped_column(primary_key=True, index=True, autoincrement=False)
