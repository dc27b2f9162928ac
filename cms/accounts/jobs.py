"""Work that is done after a request, so that its time tells nothing about who has an account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from cms.accounts.actions import register_user
from cms.accounts.challenges import forget_expired_challenges
from cms.accounts.devices import forget_expired_devices
from cms.accounts.letters import send_reset_letter
from cms.accounts.personal_tokens import forget_expired_tokens
from cms.accounts.queries import find_user_by_email
from cms.accounts.sign_ins import forget_expired
from cms.core.db import transaction
from cms.core.errors import Forbidden, Invalid
from cms.core.jobs import job, periodic
from cms.core.permissions import system_user

RESET = "accounts.send_reset"
REGISTER = "accounts.register"


@job(RESET)
def send_reset_if_known(payload: dict[str, Any]) -> None:
    """Mail a link for a new password to whoever has an active account with this address."""
    with transaction():
        user = find_user_by_email(payload["email"])
        if user is not None and user.active:
            send_reset_letter(user)


@job(REGISTER)
def register(payload: dict[str, Any]) -> None:
    """Make the account that a reader asked for, or tell them by mail that they have one."""
    try:
        with transaction():
            register_user(email=payload["email"], name=payload["name"], by=system_user())
    except (Forbidden, Invalid):
        # Registration was closed meanwhile, or somebody else took the address: trying again changes nothing.
        return


@periodic("accounts.forget_sign_ins", every=timedelta(hours=6))
def forget_sign_ins() -> None:
    """Delete sign-ins and tokens that have expired, devices not used for long, and what nobody answered."""
    with transaction():
        forget_expired_challenges()
        forget_expired_devices()
        forget_expired()
        forget_expired_tokens()
