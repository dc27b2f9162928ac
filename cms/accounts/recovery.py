"""Recovery codes: for the day on which the other factors are lost. Shown once, kept as keyed hashes, each used once."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update

from cms.accounts.factors import RECOVERY_PURPOSE, factors_of
from cms.accounts.models import RecoveryCode, User
from cms.core.db import current_session
from cms.core.secrets import key_marks, keyed_hashes
from cms.lib.clock import utcnow

HOW_MANY = 10
#: Without what is easily taken for something else (0 o, 1 i l); 12 of them are 59 bits.
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
_LENGTH, _GROUP = 12, 4


def new_codes() -> list[str]:
    """Return fresh codes, in groups of four as people write them down."""
    return [_grouped("".join(secrets.choice(_LETTERS) for _each in range(_LENGTH))) for _each in range(HOW_MANY)]


def _grouped(code: str) -> str:
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))


def _hashes(user_id: int, code: str) -> list[str]:
    plain = re.sub(r"[^0-9a-z]", "", code.lower())[:64]
    return keyed_hashes(f"{user_id} {plain}", purpose=RECOVERY_PURPOSE)


def keep_codes(user_id: int, codes: list[str]) -> None:
    """Keep these codes in place of all that there were; within a transaction."""
    session, moment = current_session(), utcnow()
    drop_codes(user_id)
    session.add_all(
        RecoveryCode(user_id=user_id, code_hash=_hashes(user_id, code)[0], created_at=moment) for code in codes
    )
    session.flush()


def drop_codes(user_id: int) -> None:
    """End all recovery codes of a person; within a transaction."""
    current_session().execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))


def use_recovery_code(user: User, code: str, *, now: datetime | None = None) -> bool:
    """Tell whether a recovery code is right, and use it up; within a transaction. Of two at once, one is right."""
    used = current_session().execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user.id,
            RecoveryCode.code_hash.in_(_hashes(user.id, code)),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now or utcnow())
    )
    return bool(used.rowcount)  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult


def count_codes(user_id: int) -> int:
    """Return how many recovery codes a person has left."""
    return factors_of(user_id).recovery_codes


def knows_codes(user_id: int, codes: Sequence[str]) -> bool:
    """Tell whether all of these are unused recovery codes of a person."""
    unused = current_session().scalars(
        select(RecoveryCode.code_hash).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    )
    known = set(unused)
    return all(known.intersection(_hashes(user_id, code)) for code in codes)


def count_codes_of_older_keys() -> int:
    """Return how many unused recovery codes, of whomever, stop working without the older CMS_DATA_KEYS."""
    newest = key_marks(RECOVERY_PURPOSE)[0]
    query = select(func.count(RecoveryCode.id)).where(
        RecoveryCode.used_at.is_(None), func.substr(RecoveryCode.code_hash, 1, 8) != newest
    )
    return current_session().scalar(query) or 0
