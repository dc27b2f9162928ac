"""Challenges: what is asked of one browser and ends soon. The browser's session holds a key, the row all the rest."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from cms.accounts.models import Challenge
from cms.core.db import current_session
from cms.lib.clock import utcnow


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def open_challenge(
    kind: str,
    *,
    lasts: timedelta,
    user_id: int | None = None,
    data: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> tuple[str, Challenge]:
    """Add a challenge and return the key for the browser (256 bits) with it; within a transaction."""
    key, moment = secrets.token_urlsafe(32), now or utcnow()
    challenge = Challenge(
        kind=kind,
        key_hash=_hash(key),
        user_id=user_id,
        data=dict(data or {}),
        attempts=0,
        created_at=moment,
        expires_at=moment + lasts,
    )
    current_session().add(challenge)
    current_session().flush()
    return key, challenge


def find_challenge(kind: str, key: object, *, now: datetime | None = None) -> Challenge | None:
    """Return the challenge whose key the browser holds; None for one that is unknown, ended or of another kind."""
    if not isinstance(key, str) or not key:
        return None
    return current_session().scalar(
        select(Challenge).where(
            Challenge.key_hash == _hash(key), Challenge.kind == kind, Challenge.expires_at > (now or utcnow())
        )
    )


def count_attempt(challenge: Challenge, *, most: int) -> bool:
    """Count a try before anybody looks at it; False when there were `most` already. Within a transaction.

    Counted in the database, so that many tries at once are as many tries.
    """
    counted = current_session().execute(
        update(Challenge)
        .where(Challenge.id == challenge.id, Challenge.attempts < most)
        .values(attempts=Challenge.attempts + 1)
    )
    return bool(counted.rowcount)  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult


def end_challenge(challenge: Challenge) -> bool:
    """End a challenge; False when somebody else was faster, so that it is used once. Within a transaction."""
    ended = current_session().execute(delete(Challenge).where(Challenge.id == challenge.id))
    return bool(ended.rowcount)  # type: ignore[attr-defined]  # a DELETE gives a CursorResult


def end_challenges(user_id: int) -> None:
    """End everything that waits for an answer of a person; within a transaction."""
    current_session().execute(delete(Challenge).where(Challenge.user_id == user_id))


def use_once(kind: str, key: str, *, lasts: timedelta, now: datetime | None = None) -> bool:
    """Note that `key` was used; False when it was before. Within a transaction.

    For questions that are kept, signed, in the browser alone: `lasts` is how long one could be answered.
    """
    moment = now or utcnow()
    session = current_session()
    try:
        with session.begin_nested():
            session.add(Challenge(kind=kind, key_hash=_hash(key), created_at=moment, expires_at=moment + lasts))
            session.flush()
    except IntegrityError:
        return False
    return True


def forget_expired_challenges(*, now: datetime | None = None) -> None:
    """Delete challenges that have ended by themselves; within a transaction."""
    current_session().execute(delete(Challenge).where(Challenge.expires_at <= (now or utcnow())))
