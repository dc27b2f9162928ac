"""Known devices: browsers and programs in which a person has signed in before. What they keep alone opens nothing.

A device that is known is not asked for a code by mail, and whoever guesses passwords elsewhere does not lock its
person out. The key is new after every sign-in, so that one planted by somebody else is worth nothing. A browser keeps
it in a cookie, a program as it likes: it is told the key when it signs in, and shows it the next time (`come_with`).
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from flask import after_this_request, g, has_request_context, request
from sqlalchemy import delete, select, update
from werkzeug.wrappers import Response

from cms.accounts.models import Device, User
from cms.accounts.people import current_way
from cms.core.cookies import keep_cookie, read_cookie
from cms.core.db import current_session
from cms.lib.clock import utcnow

COOKIE = "masthead-device"
#: Since the last sign-in.
LASTS = timedelta(days=365)
_SHOWN = "masthead_device"


def hash_key(key: str) -> str:
    """Return what is kept of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


def come_with(key: str) -> None:
    """Say which key the program shows that sent the request in hand; empty for none."""
    setattr(g, _SHOWN, key)


def shown_key() -> str:
    """Return the key that came with the request in hand, empty for none; it may be anything."""
    if not has_request_context():
        return ""
    # The way in for programs knows no cookies.
    return str(g.get(_SHOWN, "")) if current_way() == "api" else read_cookie(COOKIE)


def find_device(user: User, *, now: datetime | None = None) -> Device | None:
    """Return the device of this request when `user` has signed in from it before, or None. One query, if any."""
    key = shown_key()
    if not key:
        return None
    return current_session().scalar(
        select(Device).where(
            Device.key_hash == hash_key(key), Device.user_id == user.id, Device.expires_at > (now or utcnow())
        )
    )


def note_device(user: User, *, now: datetime | None = None) -> bool:
    """Know the browser of this request from now on, after a sign-in of `user`; tell whether it was known before.

    What is written is committed with the sign-in.
    """
    key, known = renew_key(user, now=now)

    @after_this_request
    def keep(response: Response) -> Response:
        keep_cookie(response, COOKIE, key, lasts=LASTS)
        return response

    return known


def renew_key(user: User, *, now: datetime | None = None) -> tuple[str, bool]:
    """Know the device of this request by a key of its own; return that and whether `user` had signed in there before.

    What is written is committed with the sign-in.
    """
    moment, before, key = now or utcnow(), shown_key(), secrets.token_urlsafe(32)
    session, seen = current_session(), request.user_agent.string[:255]
    known = False
    if before:
        # Those who share the browser stay known in it.
        session.execute(update(Device).where(Device.key_hash == hash_key(before)).values(key_hash=hash_key(key)))
        known = bool(
            session.execute(
                update(Device)
                .where(Device.key_hash == hash_key(key), Device.user_id == user.id)
                .values(last_seen_at=moment, expires_at=moment + LASTS, user_agent=seen)
            ).rowcount  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult
        )
    if not known:
        session.add(
            Device(
                user_id=user.id,
                key_hash=hash_key(key),
                user_agent=seen,
                created_at=moment,
                last_seen_at=moment,
                expires_at=moment + LASTS,
            )
        )
    return key, known


def end_devices(user_id: int) -> None:
    """Know no device of a person any more; within a transaction."""
    current_session().execute(delete(Device).where(Device.user_id == user_id))


def forget_expired_devices(*, now: datetime | None = None) -> None:
    """Delete devices nobody has signed in from for LASTS; within a transaction."""
    current_session().execute(delete(Device).where(Device.expires_at <= (now or utcnow())))
