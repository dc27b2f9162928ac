"""Personal tokens: secrets by which programs act for a person, with some of their rights and for a time.

A secret is `mhp_`, 43 characters of A-Z, a-z, 0-9, `-` and `_` (256 bits of chance), and 6 more of these: the
beginning of the SHA-256, as base64url, of all that stands before them. So whoever looks for leaked secrets knows one
by its form, and one that was copied badly is refused before anybody asks the database. The database keeps the SHA-256
of a secret, which is enough to find it by and no use to show: there is nothing to guess in 256 bits.

What a token allows is what it names and its person holds at that moment (`User.narrowed_to`). Closing the account and
another password end it (`end_tokens`).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, delete, not_, select, update
from sqlalchemy.orm import selectinload

from cms.accounts.afterwards import after_answer
from cms.accounts.factors import has_second_factor, wants_second_factor
from cms.accounts.models import PersonalToken, RefreshToken, User
from cms.core.db import LARGEST_KEY, current_session
from cms.core.errors import NotFound
from cms.core.i18n import _
from cms.core.keysets import count_rows, read_batch, read_order
from cms.core.pagination import Batch
from cms.lib.clock import utcnow

#: What every secret begins with.
PREFIX = "mhp_"
#: How long a token lasts at most.
LONGEST = timedelta(days=366)
#: How exactly the last use is known; a write with every request would cost more than it tells.
USED_EVERY = timedelta(minutes=5)
_CHECKED = 6
_FORM = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{{43 + _CHECKED}}}")


def new_secret() -> str:
    """Return a fresh secret (256 bits)."""
    secret = PREFIX + secrets.token_urlsafe(32)
    return secret + _check_of(secret)


def is_well_formed(secret: str) -> bool:
    """Tell whether a text is a secret that could be known; one with a slip of the pen is not."""
    return _FORM.fullmatch(secret) is not None and hmac.compare_digest(
        _check_of(secret[:-_CHECKED]), secret[-_CHECKED:]
    )


def _check_of(secret: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(secret.encode()).digest()).decode()[:_CHECKED]


def hash_secret(secret: str) -> str:
    """Return what is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def find_token(secret: str, *, now: datetime | None = None) -> tuple[PersonalToken, User] | None:
    """Return the token that `secret` is and its person, narrowed to the token's rights, in two queries.

    None for a secret that is unknown, expired or badly copied (which asks nothing), for an account that is not active,
    and for one that has no second factor while a role asks for one: nobody gets further by a token than by signing in.
    """
    if not is_well_formed(secret):
        return None
    confined = and_(wants_second_factor(User.id), not_(has_second_factor(User.id)))
    found = current_session().execute(
        select(PersonalToken, User)
        .join(User, PersonalToken.user_id == User.id)
        .where(
            PersonalToken.key_hash == hash_secret(secret),
            PersonalToken.expires_at > (now or utcnow()),
            User.active.is_(True),
            not_(confined),
        )
        .options(selectinload(User.held))
    )
    row = found.first()
    if row is None:
        return None
    token, user = row
    user.narrowed_to = frozenset(token.scopes)
    return token, user


def note_used(token: PersonalToken, ip: str | None, *, now: datetime | None = None) -> None:
    """Note, once the answer is ready, that a token was used and from where; at most every USED_EVERY."""
    moment, token_id = now or utcnow(), token.id
    if token.last_used_at is not None and token.last_used_at + USED_EVERY > moment:
        return
    used = update(PersonalToken).where(PersonalToken.id == token_id).values(last_used_at=moment, last_used_ip=ip)

    def write() -> None:
        current_session().execute(used)

    after_answer(write)


def _working(user_id: int, now: datetime | None) -> Select[PersonalToken]:
    return select(PersonalToken).where(PersonalToken.user_id == user_id, PersonalToken.expires_at > (now or utcnow()))


def list_tokens(user_id: int, *, now: datetime | None = None) -> Sequence[PersonalToken]:
    """Return the tokens of a person that work, the newest first."""
    return current_session().scalars(_working(user_id, now).order_by(PersonalToken.id.desc())).all()


def list_tokens_in_parts(
    user_id: int, *, cursor: str | None = None, offset: int = 0, limit: int = 20
) -> Batch[PersonalToken]:
    """Return a batch of the tokens of a person that work, the newest first; raises NoSuchPlace."""
    order = read_order("-created", {"created": PersonalToken.created_at}, PersonalToken.id)
    return read_batch(_working(user_id, None), order, cursor=cursor, offset=offset, limit=limit)


def count_tokens(user_id: int, most: int | None = None, *, now: datetime | None = None) -> int:
    """Count the tokens of a person that work; at most `most` of them, all for None."""
    return count_rows(_working(user_id, now), most)


def list_token_holders() -> Sequence[User]:
    """Return everybody who has a token, by name."""
    holding = User.id.in_(select(PersonalToken.user_id))
    return current_session().scalars(select(User).where(holding).order_by(User.name, User.id)).all()


def get_token(token_id: int, *, of: User, now: datetime | None = None) -> PersonalToken:
    """Return a token of a person that works; raises NotFound for one of somebody else, too."""
    known = 0 < token_id <= LARGEST_KEY
    found = current_session().scalar(_working(of.id, now).where(PersonalToken.id == token_id)) if known else None
    if found is None:
        raise NotFound(_("There is no such token, or it has ended already."))
    return found


def end_tokens(user_id: int) -> None:
    """End every token of a person; within a transaction."""
    current_session().execute(delete(PersonalToken).where(PersonalToken.user_id == user_id))


def forget_expired_tokens(*, now: datetime | None = None) -> None:
    """Delete personal tokens and refresh tokens whose time is over; within a transaction."""
    for kind in (PersonalToken, RefreshToken):
        current_session().execute(delete(kind).where(kind.expires_at <= (now or utcnow())))
