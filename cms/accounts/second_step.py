"""The second step of signing in: by what it can be taken, and what is right. The views are in `second_step_views`."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from cms.accounts import limits, trying
from cms.accounts.authenticators import use_app_code
from cms.accounts.challenges import count_attempt, end_challenge, find_challenge, open_challenge
from cms.accounts.devices import find_device
from cms.accounts.factor_events import RecoveryCodeUsed
from cms.accounts.factor_letters import send_code_letter, send_recovery_used_letter
from cms.accounts.factors import Factors
from cms.accounts.limits import Attempt
from cms.accounts.models import Challenge, User
from cms.accounts.recovery import count_codes, use_recovery_code
from cms.core.db import current_session, transaction
from cms.core.events import record
from cms.core.i18n import Text, _
from cms.core.mail import leaves_the_house
from cms.core.secrets import keyed_hashes
from cms.lib.clock import utcnow
from cms.settings.queries import get_settings

KIND = "second_step"
PASSKEY, APP, RECOVERY, MAIL = "passkey", "app", "recovery", "mail"
LASTS = timedelta(minutes=15)
CODE_LASTS = timedelta(minutes=10)
NEW_CODE_AFTER = timedelta(minutes=1)
MOST_TRIES = 5
_CODE = "sign-in code"
OVER = _("That took too long, or was tried too often. Please sign in once more.")
#: What is said of a wrong code, by the way it was to be one of.
WRONG: dict[str, Text] = {
    APP: _("This is not the code that the app shows now. Each code holds once: wait for the next one."),
    RECOVERY: _("This is not one of your recovery codes, or it was used before."),
    MAIL: _("This is not the code we sent, or it is too old."),
}


@dataclass(frozen=True)
class SecondStep:
    """What a browser is asked for after the first factor, and what comes after."""

    challenge_id: int
    user_id: int
    ways: Sequence[str]
    method: str
    remember: bool
    next_address: str
    #: Until when the mailed code holds; None without one.
    code_until: datetime | None
    #: From when another code can be asked for.
    new_code_from: datetime


def ways_for(user: User, factors: Factors, method: str) -> tuple[str, ...]:
    """Return by what the second step can be taken, the best first; nothing when none is asked for.

    A code by mail is asked for after a password only: who comes by a link from a mail has shown that, and a provider
    looks after its own.
    """
    if factors.any:
        offered = ((PASSKEY, factors.passkeys), (APP, factors.has_app), (RECOVERY, factors.recovery_codes))
        return tuple(way for way, there in offered if there)
    if method != "password" or not mails_codes() or find_device(user) is not None:
        return ()
    return (MAIL,)


def mails_codes() -> bool:
    """Tell whether codes are mailed for new devices: when that is on, and mails really leave the house."""
    return get_settings().mail_code_on_new_device and leaves_the_house()


def open_step(
    user: User, ways: Sequence[str], method: str, remember: bool, next_address: str, *, kind: str = KIND
) -> str:
    """Ask a browser for its second step and return the key for its session; within a transaction."""
    data = {
        "ways": list(ways),
        "method": method,
        "remember": remember,
        "next": next_address,
        # Another password, or a closed account, ends it.
        "person": _mark(user),
    }
    key, challenge = open_challenge(kind, lasts=LASTS, user_id=user.id, data=data)
    if MAIL in ways:
        _mail_code(challenge, user)
    return key


def find_step(key: object, *, kind: str = KIND) -> tuple[SecondStep, User] | None:
    """Return what the browser with this key is asked for, and of whom; None when that has ended."""
    challenge = find_challenge(kind, key)
    if challenge is None or challenge.user_id is None:
        return None
    user = current_session().get(User, challenge.user_id)
    if user is None or not user.active or not hmac.compare_digest(_mark(user), str(challenge.data.get("person"))):
        return None
    return _read(challenge), user


def _mark(user: User) -> str:
    return hashlib.sha256(user.fs_uniquifier.encode()).hexdigest()


def _read(challenge: Challenge) -> SecondStep:
    data: dict[str, Any] = challenge.data
    mailed = datetime.fromisoformat(data["mailed_at"]) if data.get("mailed_at") else None
    return SecondStep(
        challenge.id,
        challenge.user_id or 0,
        tuple(data["ways"]),
        data["method"],
        bool(data["remember"]),
        data["next"],
        mailed + CODE_LASTS if mailed is not None and challenge.code_hash is not None else None,
        (mailed or challenge.created_at) + NEW_CODE_AFTER,
    )


# -- codes -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tried:
    """What came of a try: whether it was right, and whether it was the last that this step allows."""

    right: bool
    over: bool = False


def begin_try(user: User) -> Attempt:
    """Count that somebody tries a code of a person; raises TooManyTries. Outside the transaction that checks it."""
    return trying.begin_as(limits.CODE, user)


def try_code(step: SecondStep, user: User, way: str, code: str, *, now: datetime | None = None) -> Tried:
    """Look whether a code is right; within a transaction. Whoever is right has used it up, and the step too.

    Each try counts before anybody looks at the code.
    """
    challenge = current_session().get(Challenge, step.challenge_id, populate_existing=True)
    if challenge is None or way not in step.ways or not count_attempt(challenge, most=MOST_TRIES):
        if challenge is not None:
            end_challenge(challenge)
        return Tried(False, over=True)
    checks = {APP: use_app_code, RECOVERY: use_recovery_code}
    right = checks[way](user, code, now=now) if way in checks else _is_mailed_code(challenge, code, now or utcnow())
    if right:
        return Tried(end_challenge(challenge))
    left = current_session().scalar(select(Challenge.attempts).where(Challenge.id == step.challenge_id)) or 0
    if left >= MOST_TRIES:
        end_challenge(challenge)
        return Tried(False, over=True)
    return Tried(False)


def note_recovery_used(user: User) -> int:
    """Tell a person by mail, and the record, that a recovery code was used; return how many are left.

    Within the transaction that used it.
    """
    left = count_codes(user.id)
    send_recovery_used_letter(user, left)
    record(RecoveryCodeUsed(user.id, left))
    return left


def end_step(step: SecondStep) -> bool:
    """End a step that was answered otherwise (by a passkey); False when it was over. Within a transaction."""
    challenge = current_session().get(Challenge, step.challenge_id)
    return challenge is not None and end_challenge(challenge)


def note_wrong(attempt: Attempt, user: User) -> None:
    """Have it kept that a code was wrong; outside the transaction that checked it."""
    trying.note_failure(attempt, email=user.email)


def _is_mailed_code(challenge: Challenge, code: str, now: datetime) -> bool:
    until = _read(challenge).code_until
    typed = "".join(code.split())
    if until is None or until <= now or challenge.code_hash is None:
        return False
    return any(hmac.compare_digest(made, challenge.code_hash) for made in _hashes(challenge, typed))


def _hashes(challenge: Challenge, code: str) -> list[str]:
    return keyed_hashes(f"{challenge.key_hash} {code}", purpose=_CODE)


def _mail_code(challenge: Challenge, user: User) -> None:
    code = f"{secrets.randbelow(10**6):06d}"
    challenge.code_hash = _hashes(challenge, code)[0]
    challenge.data = {**challenge.data, "mailed_at": utcnow().isoformat()}
    current_session().flush()
    send_code_letter(user, code, minutes=int(CODE_LASTS.total_seconds() // 60))


def mail_again(step: SecondStep, user: User) -> SecondStep:
    """Mail another code, which takes the place of the one before; the step as it is then.

    Within a minute of the last one nothing is mailed. Raises TooManyTries. Opens its own transactions.
    """
    if MAIL not in step.ways or step.new_code_from > utcnow():
        return step
    limits.begin(limits.MAIL_CODE, account=user.id)
    with transaction() as session:
        challenge = session.get(Challenge, step.challenge_id, with_for_update=True)
        if challenge is None or _read(challenge).new_code_from > utcnow():
            return replace(step)
        _mail_code(challenge, session.get_one(User, step.user_id))
        return _read(challenge)
