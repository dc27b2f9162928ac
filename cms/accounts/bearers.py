"""Whom a bearer token stands for (RFC 6750): a personal token, or the access token of somebody who signed in."""

from __future__ import annotations

from flask import request

from cms.accounts import personal_tokens, sign_ins
from cms.accounts.access_tokens import ACCESS, InvalidToken, read_token
from cms.accounts.afterwards import after_answer
from cms.accounts.models import User
from cms.accounts.people import current_sign_in_id, note_sign_in, note_token
from cms.accounts.program_sign_ins import CONFINED, find_program_sign_in
from cms.core.i18n import _


def find_bearer(secret: str) -> User:
    """Return whose token this is, with all rights that it gives, in two queries.

    Raises InvalidToken when it is worth nothing, also while a role asks for a second factor that was not shown.
    """
    return _by_personal_token(secret) if secret.startswith(personal_tokens.PREFIX) else _by_access_token(secret)


def _by_personal_token(secret: str) -> User:
    found = personal_tokens.find_token(secret)
    if found is None:
        raise InvalidToken(_("This token is not known, or has ended. Make another one in the back office."))
    token, user = found
    note_token(token.id)
    personal_tokens.note_used(token, request.remote_addr)
    return user


def _by_access_token(token: str) -> User:
    found = find_program_sign_in(read_token(token, ACCESS))
    if found is None:
        raise InvalidToken
    sign_in, user = found
    if sign_in.is_confined:
        raise InvalidToken(CONFINED)
    note_sign_in(sign_in.id)
    if sign_ins.is_seen_long_ago(sign_in):
        after_answer(lambda: sign_ins.note_seen(current_sign_in_id(), ip=request.remote_addr))
    return user
