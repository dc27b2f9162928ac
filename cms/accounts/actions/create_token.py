"""Making a personal token."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from cms.accounts.factor_letters import send_token_letter
from cms.accounts.models import PersonalToken, User
from cms.accounts.personal_tokens import LONGEST, count_tokens, hash_secret, new_secret
from cms.accounts.policies import may_make_token
from cms.accounts.role_fields import read_each
from cms.accounts.token_events import TokenCreated
from cms.core.db import current_session
from cms.core.errors import Conflict, Invalid
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, may_some, registry, require
from cms.lib.clock import utcnow
from cms.settings.values import line, whole_number

#: Tokens that a person may have at once.
MOST = 50
LONGEST_NAME = 120


def create_token(user: User, *, name: str, scopes: Iterable[str], days: int, by: Actor) -> tuple[PersonalToken, str]:
    """Make a personal token of `user`, tell them by mail, and return it with its secret, which nobody can read again.

    `scopes` are names of permissions that the person holds in some extent; the token reaches as far as they do, and
    lasts `days` days, 1 to 366. Only the person themselves makes one, signed in: whoever came with a personal token
    makes none, not even with fewer rights, so that none outlives the one it came from. Raises Forbidden, Invalid
    naming the field, and Conflict for one too many.
    """
    require(may_make_token(by, user), _("Only the person themselves, signed in, can make a personal token."))
    session = current_session()
    # Locked: of two who make the last one at once, the second sees the first.
    session.refresh(user, with_for_update=True)
    read = read_each(
        name=lambda: line(LONGEST_NAME, required=True)(name),
        scopes=lambda: read_scopes(scopes, user),
        days=lambda: whole_number(1, LONGEST.days)(days),
    )
    if count_tokens(user.id) >= MOST:
        raise Conflict(_("You have %(most)s tokens already. Revoke one that you do not use.", most=MOST))
    secret, now = new_secret(), utcnow()
    token = PersonalToken(
        user_id=user.id,
        name=read["name"],
        key_hash=hash_secret(secret),
        hint=secret[-4:],
        scopes=read["scopes"],
        created_at=now,
        expires_at=now + timedelta(days=read["days"]),
    )
    session.add(token)
    session.flush()
    send_token_letter(user, token.name)
    record(TokenCreated(user.id, token.id, token.name, tuple(token.scopes), token.expires_at, by.id))
    return token, secret


def read_scopes(scopes: Iterable[str], user: User) -> list[str]:
    """Return the permissions that a token of `user` names, sorted; raises Invalid for one they do not hold."""
    wanted = sorted(set(scopes))
    if not wanted:
        raise Invalid(_("Choose at least one thing that it may do."))
    for name in wanted:
        if name not in registry:
            raise Invalid(_("There is no permission called “%(name)s”.", name=name[:80]))
        if not may_some(user, name):
            raise Invalid(_("You may not do this yourself: “%(sentence)s”", sentence=registry.get(name).sentence))
    return wanted
