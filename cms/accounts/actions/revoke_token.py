"""Revoking personal tokens."""

from __future__ import annotations

from cms.accounts.models import PersonalToken, User
from cms.accounts.personal_tokens import count_tokens, end_tokens
from cms.accounts.policies import is_narrowed, may_revoke_tokens
from cms.accounts.token_events import TokenRevoked, TokensRevoked
from cms.core.db import current_session
from cms.core.events import record
from cms.core.i18n import _
from cms.core.origin import current_origin
from cms.core.permissions import Actor, require

_NOT_YOURS = _("You may not revoke tokens of this person. An admin can.")


def revoke_token(token: PersonalToken, *, by: Actor) -> None:
    """Let a token open nothing any more, from its next request on.

    Its person may, and who may close the account. A program that came with a personal token may revoke that one, so
    that whoever is done with it, or finds it, can put it out of action; others it may not. Raises Forbidden.
    """
    session = current_session()
    user = session.get_one(User, token.user_id)
    itself = is_narrowed(by) and by.id == user.id and current_origin().token_id == token.id
    require(itself or may_revoke_tokens(by, user), _NOT_YOURS)
    event = TokenRevoked(user.id, token.id, token.name, by.id)
    session.delete(token)
    session.flush()
    record(event)


def revoke_tokens(user: User, *, by: Actor) -> None:
    """Let no personal token of `user` open anything any more; when there is none, nothing happens. Raises Forbidden."""
    require(may_revoke_tokens(by, user), _NOT_YOURS)
    count = count_tokens(user.id)
    end_tokens(user.id)
    if count:
        record(TokensRevoked(user.id, count, by.id))
