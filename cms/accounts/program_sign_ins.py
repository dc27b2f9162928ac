"""Programs that signed in: rows of `sign_ins` that no cookie can ever hold, named by tokens (`access_tokens`).

Like a browser's, such a sign-in stands in its person's list, and ends there, with another password, with the account.
Its name (`sid`, 256 bits) is in its tokens alone; it is kept as a hash in a form that no key of a cookie has, so that
a token never opens the back office, whatever is sent as a cookie, and no number is mistaken for one of before.

Each refresh token works once. One that comes again was copied: whichever of the two came first, the sign-in ends
(RFC 9700, 4.14.2). A sign-in that is renewed goes on for REFRESH_LASTS, up to LONGEST after it began.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from cms.accounts import sign_ins
from cms.accounts.access_tokens import ACCESS_LASTS, REFRESH_LASTS, Claims, make_access_token, make_refresh_token
from cms.accounts.models import RefreshToken, SignIn, User
from cms.core.db import current_session, hold_rows
from cms.core.i18n import _
from cms.lib.clock import utcnow

#: What the row says of how somebody signed in.
METHOD = "api"
#: Programs in which one person is signed in at a time; with one more, the one that was silent longest is out.
MOST = 200
LONGEST = timedelta(days=180)
CONFINED = _("Your role asks for a second factor by now. Sign in anew, and show it.")


@dataclass(frozen=True)
class Tokens:
    """What a program that signed in is given."""

    access_token: str
    refresh_token: str

    #: Seconds for which the first one opens the API.
    expires_in: int = int(ACCESS_LASTS.total_seconds())


def _hash(sid: str) -> str:
    """Return what the row of a sign-in is found by; as it is no hexadecimal number, no cookie's key leads to it."""
    return f"{METHOD}:{hashlib.sha256(sid.encode()).hexdigest()[:60]}"


def _hash_of_refresh(jti: str) -> str:
    return hashlib.sha256(jti.encode()).hexdigest()


def open_program_sign_in(
    user: User,
    *,
    ip: str | None = None,
    user_agent: str = "",
    second_factor: bool = False,
    now: datetime | None = None,
) -> Tokens:
    """Add the row for a program that signs in as `user`, and return its tokens; within a transaction."""
    sid, moment = secrets.token_urlsafe(32), now or utcnow()
    sign_in = SignIn(
        user_id=user.id,
        key_hash=_hash(sid),
        created_at=moment,
        last_seen_at=moment,
        expires_at=moment + REFRESH_LASTS,
        # A program may be silent for as long as its refresh token lasts.
        remembered=True,
        ip=ip,
        user_agent=user_agent[:255],
        method=METHOD,
        second_factor=second_factor,
        confirmed_at=moment,
    )
    current_session().add(sign_in)
    current_session().flush()
    _end_silent(user.id)
    return _issue(sign_in, sid, moment)


def _end_silent(user_id: int) -> None:
    """End the sign-ins of programs beyond MOST: whoever signs in anew each time does not fill the table."""
    silent = (
        select(SignIn.id)
        .where(SignIn.user_id == user_id, SignIn.method == METHOD)
        .order_by(SignIn.last_seen_at.desc(), SignIn.id.desc())
        .offset(MOST)
    )
    current_session().execute(delete(SignIn).where(SignIn.id.in_(silent)))


def find_program_sign_in(claims: Claims, *, now: datetime | None = None) -> tuple[SignIn, User] | None:
    """Return the sign-in that a token names and its person with all rights, in two queries (`find_sign_in`)."""
    found = sign_ins.find_kept(_hash(claims.sid), now=now)
    return found if found is not None and found[1].id == claims.user_id else None


def hold_program_sign_in(claims: Claims) -> None:
    """Let nobody else use or end the sign-in that a token names until the transaction ends."""
    hold_rows(select(SignIn.id).where(SignIn.key_hash == _hash(claims.sid)))


def use_refresh_token(claims: Claims, *, now: datetime | None = None) -> bool | None:
    """Use a refresh token up; False when it was before, None when it is not known (any more). Within a transaction."""
    session, moment, kept = current_session(), now or utcnow(), _hash_of_refresh(claims.jti)
    used = session.execute(
        update(RefreshToken)
        .where(RefreshToken.key_hash == kept, RefreshToken.used_at.is_(None), RefreshToken.expires_at > moment)
        .values(used_at=moment)
    )
    if used.rowcount:  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult
        return True
    known = session.scalar(select(RefreshToken.used_at).where(RefreshToken.key_hash == kept))
    return False if known is not None else None


def renew(sign_in: SignIn, claims: Claims, *, now: datetime | None = None) -> Tokens:
    """Return other tokens for a sign-in, which goes on; within a transaction."""
    moment = now or utcnow()
    sign_in.expires_at = min(moment + REFRESH_LASTS, sign_in.created_at + LONGEST)
    return _issue(sign_in, claims.sid, moment)


def _issue(sign_in: SignIn, sid: str, now: datetime) -> Tokens:
    jti = secrets.token_urlsafe(16)
    row = RefreshToken(
        sign_in_id=sign_in.id, key_hash=_hash_of_refresh(jti), created_at=now, expires_at=sign_in.expires_at
    )
    current_session().add(row)
    return Tokens(
        make_access_token(sign_in.user_id, sid),
        make_refresh_token(sign_in.user_id, sid, jti, lasts=sign_in.expires_at - now),
    )
