"""Renewing and ending the sign-ins of programs."""

from __future__ import annotations

from flask import request

from cms.accounts import sign_ins
from cms.accounts.access_tokens import REFRESH, Claims, InvalidToken, read_token
from cms.accounts.events import SignedOut
from cms.accounts.people import current_sign_in_id
from cms.accounts.program_sign_ins import (
    CONFINED,
    Tokens,
    find_program_sign_in,
    hold_program_sign_in,
    renew,
    use_refresh_token,
)
from cms.accounts.safety_events import TokenReused
from cms.core.db import transaction
from cms.core.errors import Forbidden
from cms.core.events import record
from cms.core.i18n import _


class TokenWasReused(InvalidToken):
    """A refresh token came a second time, which ended the sign-in that it belongs to."""

    code = "token_reused"
    default = _("This token was used before, so somebody may have copied it. The sign-in is ended: sign in anew.")


def renew_tokens(refresh_token: str) -> Tokens:
    """Return other tokens for one that renews access, which is used up; opens its own transaction.

    Raises InvalidToken, TokenExpired, and TokenWasReused, which ends the sign-in.
    """
    claims = read_token(refresh_token, REFRESH)
    with transaction():
        outcome = _renew(claims)
    if not isinstance(outcome, Tokens):
        # What was ended above is kept, so it is raised only now.
        raise outcome
    return outcome


def _renew(claims: Claims) -> Tokens | InvalidToken:
    # In this order: of several with one token each would else hold what another waits for.
    hold_program_sign_in(claims)
    used = use_refresh_token(claims)
    found = find_program_sign_in(claims)
    if found is None or used is None:
        return InvalidToken()
    sign_in, user = found
    if not used:
        if not sign_ins.end_sign_in(sign_in.id):
            # Somebody else with the same token was faster, and has ended it.
            return InvalidToken()
        record(TokenReused(user.id))
        return TokenWasReused()
    if sign_in.is_confined:
        return InvalidToken(CONFINED)
    sign_ins.note_seen(sign_in.id, ip=request.remote_addr)
    return renew(sign_in, claims)


def sign_out(user_id: int) -> None:
    """End the sign-in that the request in hand came with; opens its own transaction.

    Raises Forbidden for a personal token, which is no sign-in.
    """
    sign_in_id = current_sign_in_id()
    if not sign_in_id:
        raise Forbidden(_("This is a personal token, which is revoked in the back office, or at /api/v1/me/tokens."))
    with transaction():
        sign_ins.end_sign_in(sign_in_id)
        record(SignedOut(user_id))
