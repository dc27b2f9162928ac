"""Who is signed in where: the cookie holds a key, the database the row that makes it worth something.

Signing out deletes the row, so that a copy of the cookie is worth nothing from then on, in this browser alone.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, delete, or_, select, update
from sqlalchemy.orm import selectinload

from cms.accounts.factors import wants_second_factor
from cms.accounts.models import SignIn, User
from cms.core.db import current_session
from cms.lib.clock import utcnow

#: Without "Stay signed in": out after half a day without a click, and after a week in any case.
IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
#: With "Stay signed in".
REMEMBERED = timedelta(days=30)
#: How exactly "last seen" is known; a write with every click would cost more than it tells.
SEEN_EVERY = timedelta(minutes=5)


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def open_sign_in(
    user: User,
    *,
    remembered: bool = False,
    ip: str | None = None,
    user_agent: str = "",
    method: str = "password",
    second_factor: bool = False,
    now: datetime | None = None,
) -> str:
    """Add the row for a new sign-in of `user` to the session and return the key for the cookie (256 bits)."""
    key, moment = secrets.token_urlsafe(32), now or utcnow()
    current_session().add(
        SignIn(
            user_id=user.id,
            key_hash=_hash(key),
            created_at=moment,
            last_seen_at=moment,
            expires_at=moment + (REMEMBERED if remembered else LONGEST),
            remembered=remembered,
            ip=ip,
            user_agent=user_agent[:255],
            method=method,
            second_factor=second_factor,
            confirmed_at=moment,
        )
    )
    return key


def find_sign_in(key: str, *, now: datetime | None = None) -> tuple[SignIn, User] | None:
    """Return the sign-in that `key` stands for and its person with all rights, in two queries.

    None for an unknown or ended key, an expired or idle sign-in, and an account that is not active. The sign-in's
    `is_confined` tells whether a role asks for a second factor that was not shown (`confinement`).
    """
    return find_kept(_hash(key), now=now)


def lasts(moment: Any, idle_since: Any) -> ColumnElement[bool]:
    """Return the condition that a sign-in lasts at `moment`: remembered, or seen after `idle_since` (IDLE before)."""
    awake = or_(SignIn.remembered.is_(True), SignIn.last_seen_at > idle_since)
    return and_(SignIn.expires_at > moment, awake)


def lasting_sign_ins(user_id: int, *, now: datetime | None = None) -> Select[SignIn]:
    """Return the question where a person is signed in."""
    moment = now or utcnow()
    return select(SignIn).where(SignIn.user_id == user_id, lasts(moment, moment - IDLE))


@cache
def _kept() -> Select[SignIn, User, bool]:
    """Return the question of `find_kept`, asked with every click of whoever is signed in; made once, it costs less."""
    return (
        select(SignIn, User, wants_second_factor(User.id))
        .join(User, SignIn.user_id == User.id)
        .where(SignIn.key_hash == bindparam("key_hash"), lasts(bindparam("moment"), bindparam("idle_since")))
        .where(User.active.is_(True))
        .options(selectinload(User.held))
    )


def find_kept(key_hash: str, *, now: datetime | None = None) -> tuple[SignIn, User] | None:
    """Return the sign-in that is kept under `key_hash`, as `find_sign_in` does."""
    moment = now or utcnow()
    asked = {"key_hash": key_hash, "moment": moment, "idle_since": moment - IDLE}
    row = current_session().execute(_kept(), asked).first()
    if row is None:
        return None
    sign_in, user, wanted = row
    sign_in.is_confined = wanted and not sign_in.second_factor
    return sign_in, user


def is_seen_long_ago(sign_in: SignIn, *, now: datetime | None = None) -> bool:
    """Tell whether it is time to note that the person is still here."""
    return sign_in.last_seen_at + SEEN_EVERY <= (now or utcnow())


def note_seen(sign_in_id: int, *, ip: str | None = None, now: datetime | None = None) -> None:
    """Note that the person is still here, and at which address; within a transaction."""
    seen = update(SignIn).where(SignIn.id == sign_in_id)
    current_session().execute(seen.values(last_seen_at=now or utcnow(), last_ip=ip))


def end_sign_in(sign_in_id: int) -> bool:
    """End one sign-in, and tell whether it had not ended already; within a transaction."""
    ended = current_session().execute(delete(SignIn).where(SignIn.id == sign_in_id))
    return bool(ended.rowcount)  # type: ignore[attr-defined]  # a DELETE gives a CursorResult


def end_sign_ins(user_id: int, *, but: int | None = None) -> None:
    """End every sign-in of a person, except the one with the id `but`; within a transaction."""
    ended = delete(SignIn).where(SignIn.user_id == user_id)
    current_session().execute(ended.where(SignIn.id != but) if but is not None else ended)


def note_second_factor(sign_in_id: int, *, now: datetime | None = None) -> None:
    """Note that a second factor was shown, or set up, in this browser; within a transaction."""
    shown = update(SignIn).where(SignIn.id == sign_in_id)
    current_session().execute(shown.values(second_factor=True, confirmed_at=now or utcnow()))


def was_second_factor_shown(sign_in_id: int) -> bool:
    """Tell whether a second factor was shown, or set up, in this browser or program."""
    return bool(current_session().scalar(select(SignIn.second_factor).where(SignIn.id == sign_in_id)))


def forget_expired(*, now: datetime | None = None) -> None:
    """Delete sign-ins that have expired; within a transaction."""
    current_session().execute(delete(SignIn).where(SignIn.expires_at <= (now or utcnow())))
