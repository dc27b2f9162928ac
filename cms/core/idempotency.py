"""What was answered to a request that names itself, for whoever sends it once more (`Idempotency-Key`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, LargeBinary, String, UniqueConstraint, delete, select, update
from sqlalchemy.dialects.postgresql import insert as insert_into_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_into_sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, mapped_column

from cms.core.db import Base, IntegerKey, UtcDateTime, current_session, transaction
from cms.core.errors import Conflict
from cms.core.i18n import _
from cms.core.jobs import periodic
from cms.lib.clock import utcnow

#: How long an answer is kept for whoever asks once more.
KEPT_FOR = timedelta(hours=24)
#: What PostgreSQL calls a lock that was not had in time.
_LOCK_NOT_AVAILABLE = "55P03"


class InProgress(Conflict):
    """The same request is being answered at this moment."""

    code = "idempotency_in_progress"
    default = _("The same request is being worked on. Wait a second, then send it again to hear its answer.")
    #: Seconds to wait.
    retry_after = 1


class AnsweredAlready(Exception):  # noqa: N818 -- no error: somebody asked the same and was faster
    """The same request was answered between looking and claiming; nothing was done for this one."""


class IdempotentRequest(IntegerKey, Base):
    """A request with a key of its sender's choice; `status` is None until it is answered."""

    __tablename__ = "idempotent_requests"
    __table_args__ = (UniqueConstraint("owner", "key_hash", name="uq_idempotent_requests_owner_key_hash"),)

    #: Whose key it is, so that nobody is given the answer of another (`person_owner`).
    owner: Mapped[str] = mapped_column(String(80))
    #: SHA-256 of the key.
    key_hash: Mapped[str] = mapped_column(String(64))
    #: Keyed hash of what was asked: the same key with something else is a mistake.
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None] = mapped_column(default=None)
    headers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    body: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


def person_owner(user_id: int) -> str:
    """Return what the requests of a person are kept under, whichever token they came with."""
    return f"person:{user_id}"


def find_answered(owner: str, key_hash: str, *, now: datetime | None = None) -> IdempotentRequest | None:
    """Return the request that `owner` sent under this key, with its answer; None when none is kept."""
    return current_session().scalar(
        select(IdempotentRequest).where(
            IdempotentRequest.owner == owner,
            IdempotentRequest.key_hash == key_hash,
            IdempotentRequest.expires_at > (now or utcnow()),
        )
    )


def claim(owner: str, key_hash: str, fingerprint: str, *, now: datetime | None = None) -> int:
    """Note that this request is being answered, and return the note's id; first thing in the transaction of the act.

    Whoever sends the same meanwhile waits here until that transaction has ended. Raises AnsweredAlready when the other
    one was kept, InProgress when it took too long.
    """
    session, moment = current_session(), now or utcnow()
    session.execute(
        delete(IdempotentRequest).where(
            IdempotentRequest.owner == owner,
            IdempotentRequest.key_hash == key_hash,
            IdempotentRequest.expires_at <= moment,
        )
    )
    insert: Callable[[Any], Any] = (
        insert_into_sqlite if session.get_bind().dialect.name == "sqlite" else insert_into_postgresql
    )
    note = insert(IdempotentRequest).values(
        owner=owner, key_hash=key_hash, fingerprint=fingerprint, headers={}, body=b"", created_at=moment,
        expires_at=moment + KEPT_FOR,
    )  # fmt: skip
    try:
        claimed = session.execute(note.on_conflict_do_nothing().returning(IdempotentRequest.id)).scalar()
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            raise InProgress from error
        raise
    if claimed is None:
        raise AnsweredAlready
    return int(claimed)


def keep_answer(claimed: int, *, status: int, headers: Mapping[str, str], body: bytes) -> None:
    """Keep the answer of the request in hand with what it did; within the transaction of the act."""
    answer = {"status": status, "headers": dict(headers), "body": body}
    current_session().execute(update(IdempotentRequest).where(IdempotentRequest.id == claimed).values(answer))


def keep_nothing(claimed: int) -> None:
    """Let the same request be sent again as if it had not been; within the transaction of the act."""
    current_session().execute(delete(IdempotentRequest).where(IdempotentRequest.id == claimed))


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
