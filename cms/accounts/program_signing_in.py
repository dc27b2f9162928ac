"""Signing in for programs: the same questions, counters, letters and record as for browsers (`signing_in`).

What differs: nothing is kept in a session, the second step is named by a key that the program is told, and who has
yet to set up a second factor that a role asks for is not let in at all. Passkeys need a browser.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from sqlalchemy import select

from cms.accounts import devices, limits, passwords, second_step, trying
from cms.accounts.datastore import do_what_waits
from cms.accounts.events import SignedIn
from cms.accounts.factors import factors_of, must_have_second_factor
from cms.accounts.models import User
from cms.accounts.program_sign_ins import (
    METHOD,
    Tokens,
    open_program_sign_in,
)
from cms.accounts.queries import find_user_by_email
from cms.accounts.second_step import MAIL, PASSKEY, RECOVERY
from cms.core.db import current_session, transaction
from cms.core.errors import Forbidden, Invalid, Unauthenticated
from cms.core.events import record
from cms.core.i18n import Text, _
from cms.lib.clock import utcnow

#: Second steps of programs and those of browsers are not each other's.
STEP = "program_step"


class WrongCredentials(Unauthenticated):
    """Mail address and password do not belong together, or there is no such account; which of them is not told."""

    code = "wrong_credentials"
    default = _("Mail address and password do not belong together.")


class SecondFactorRequired(Unauthenticated):
    """The password is right, and the account asks for more; `more` says how to go on."""

    code = "second_factor_required"
    default = _("Now show the second factor: send a code, with the challenge, to /api/v1/auth/second-factor.")

    def __init__(self, challenge: str | None, ways: Sequence[str], message: Text | None = None) -> None:
        super().__init__(message)
        lasts = int(second_step.LASTS.total_seconds()) if challenge is not None else 0
        self.more: Mapping[str, Any] = {"challenge": challenge, "ways": list(ways), "expires_in": lasts}


class SecondFactorSetupRequired(Forbidden):
    """A role of the person asks for a second factor, and there is none yet."""

    code = "second_factor_setup_required"
    default = _("Your role asks for a second factor. Set one up in the back office, then sign in here again.")


class WrongCode(Unauthenticated):
    """The code of the second step is not right; it can be tried again."""

    code = "wrong_code"
    default = _("This is not the right code.")


class StepOver(Unauthenticated):
    """The second step ended, or was tried too often: signing in begins anew."""

    code = "second_step_over"
    default = second_step.OVER


@dataclass(frozen=True)
class SignedInProgram:
    """Who signed in, the tokens, and the key by which the program is known the next time."""

    user: User
    tokens: Tokens
    device: str


def sign_in_with_password(email: str, password: str) -> SignedInProgram:
    """Sign in who has mail address and password; opens its own transactions.

    Raises WrongCredentials, TooManyTries, SecondFactorRequired and SecondFactorSetupRequired.
    """
    attempt = trying.begin_with_address(limits.SIGN_IN, email)
    user = find_user_by_email(email)
    if not passwords.is_right(user, password) or user is None:
        trying.note_failure(attempt, email=email)
        raise WrongCredentials
    attempt.succeeded()
    with transaction(adopt=True):
        do_what_waits()
        outcome = _after_password(user)
    if not isinstance(outcome, SignedInProgram):
        # What was counted and opened above is kept, so it is raised only now.
        raise outcome
    return outcome


def take_second_step(challenge: str, way: str, code: str) -> SignedInProgram:
    """Sign in who shows the second factor that SecondFactorRequired asked for; opens its own transactions.

    Raises StepOver, WrongCode, TooManyTries and SecondFactorSetupRequired, and Invalid for a way that is not offered.
    """
    found = second_step.find_step(challenge, kind=STEP)
    if found is None:
        raise StepOver
    step, user = found
    if way not in step.ways:
        raise Invalid(fields={"way": _("This account offers another way: %(ways)s.", ways=", ".join(step.ways))})
    attempt = second_step.begin_try(user)
    with transaction() as session:
        person = session.get_one(User, step.user_id)
        tried = second_step.try_code(step, person, way, code)
        if tried.right:
            attempt.succeeded()
            outcome = admit(person, second_factor=way != MAIL)
            if way == RECOVERY:
                second_step.note_recovery_used(person)
    if not tried.right:
        second_step.note_wrong(attempt, user)
        raise StepOver if tried.over else WrongCode(second_step.WRONG[way])
    if not isinstance(outcome, SignedInProgram):
        raise outcome
    return outcome


Outcome = SignedInProgram | SecondFactorRequired | SecondFactorSetupRequired | WrongCredentials


def _after_password(user: User) -> Outcome:
    """Return what comes of a right password; within a transaction."""
    if not _is_unchanged(user):
        return WrongCredentials()
    factors = factors_of(user.id)
    ways = second_step.ways_for(user, factors, "password")
    if not ways:
        return admit(user, second_factor=False)
    usable = [way for way in ways if way != PASSKEY]
    if not usable:
        return SecondFactorRequired(
            None,
            (),
            _(
                "This account is signed in with a passkey, which needs a browser. Set up an authenticator app in the "
                "back office, or make a personal token there."
            ),
        )
    key = second_step.open_step(user, usable, METHOD, True, "", kind=STEP)
    if len(usable) < len(ways):
        return SecondFactorRequired(
            key,
            usable,
            _(
                "Now show the second factor: send a code of the authenticator app, or a recovery code, with the "
                "challenge, to /api/v1/auth/second-factor. Passkeys need a browser."
            ),
        )
    return SecondFactorRequired(key, usable)


def _is_unchanged(user: User) -> bool:
    """Tell whether account and password are as they were when the password was looked at, before the transaction."""
    now = current_session().execute(select(User.active, User.fs_uniquifier).where(User.id == user.id)).one_or_none()
    return now is not None and bool(now[0]) and now[1] == user.fs_uniquifier


def admit(user: User, *, second_factor: bool) -> SignedInProgram | SecondFactorSetupRequired:
    """Open a sign-in for the program that sent the request in hand, unless a role asks for more; in a transaction."""
    if not second_factor and must_have_second_factor(user):
        return SecondFactorSetupRequired()
    moment, ip = utcnow(), request.remote_addr
    user.last_login_at, user.current_login_at = user.current_login_at or moment, moment
    user.last_login_ip, user.current_login_ip = user.current_login_ip, ip
    user.login_count = (user.login_count or 0) + 1
    tokens = open_program_sign_in(
        user, ip=ip, user_agent=request.user_agent.string, second_factor=second_factor, now=moment
    )
    device, known = devices.renew_key(user, now=moment)
    record(SignedIn(user.id, ip, True, METHOD, second_factor, known))
    return SignedInProgram(user, tokens, device)
