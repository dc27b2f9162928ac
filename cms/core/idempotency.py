"""What was answered to a request that names itself, for whoever sends it once more (`Idempotency-Key`)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, LargeBinary, String, UniqueConstraint, delete
from sqlalchemy.orm import Mapped, mapped_column

from cms.core.db import Base, IntegerKey, UtcDateTime, current_session, transaction
from cms.core.jobs import periodic
from cms.lib.clock import utcnow


class IdempotentRequest(IntegerKey, Base):
    """A request with a key of its sender's choice; `status` is None until it is answered."""

    __tablename__ = "idempotent_requests"
    __table_args__ = (UniqueConstraint("owner", "key_hash", name="uq_idempotent_requests_owner_key_hash"),)

    #: Whose key it is, so that nobody is given the answer of another (`person_owner`).
    owner: Mapped[str] = mapped_column(String(80))
    #: SHA-256 of the key.
    key_hash: Mapped[str] = mapped_column(String(64))
    #: SHA-256 of what was asked: the same key with something else is a mistake.
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None] = mapped_column(default=None)
    headers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    body: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


def person_owner(user_id: int) -> str:
    """Return what the requests of a person are kept under, whichever token they came with."""
    return f"person:{user_id}"


def forget_requests_of(owner: str) -> int:
    """Delete what is kept for one owner and return how many answers that were; within a transaction."""
    gone = current_session().execute(delete(IdempotentRequest).where(IdempotentRequest.owner == owner))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # a DELETE gives a CursorResult


def forget_expired_requests(*, now: datetime | None = None) -> None:
    """Delete answers whose time is over; within a transaction."""
    current_session().execute(delete(IdempotentRequest).where(IdempotentRequest.expires_at <= (now or utcnow())))


@periodic("core.forget_requests", every=timedelta(hours=1))
def forget_requests() -> None:
    """Delete answers whose time is over."""
    with transaction():
        forget_expired_requests()
