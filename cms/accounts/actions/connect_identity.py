"""Connecting an account elsewhere, so that a person signs in with it."""

from __future__ import annotations

from cms.accounts.identities import find_identity, may_connect
from cms.accounts.identity_events import IdentityConnected
from cms.accounts.identity_letters import send_connected_letter
from cms.accounts.locks import lock_people
from cms.accounts.models import Identity, User
from cms.accounts.providers.account import Account
from cms.accounts.providers.configuration import Provider
from cms.core.db import current_session
from cms.core.errors import Conflict
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require
from cms.lib.clock import utcnow


def connect_identity(user: User, account: Account, provider: Provider, *, by: Actor, tell: bool = True) -> Identity:
    """Let `user` sign in with an account elsewhere that has just been proven; tells them by mail.

    Connecting it again changes nothing. Raises Forbidden, and Conflict when it opens another account here, whose
    owner is not told.
    """
    lock_people(user, by=by)
    require(may_connect(by, user) and user.active)
    known = find_identity(account.issuer, account.subject)
    if known is not None:
        if known.user_id != user.id:
            raise Conflict(
                _("This %(provider)s account cannot be connected: it is in use here already.", provider=provider.label)
            )
        return known
    identity = Identity(
        user_id=user.id,
        provider=provider.name,
        issuer=account.issuer,
        subject=account.subject,
        label=account.label,
        created_at=utcnow(),
    )
    session = current_session()
    session.add(identity)
    session.flush()
    if tell:
        send_connected_letter(user, provider.label, account.label)
    record(IdentityConnected(user.id, identity.id, provider.label, identity.label, by.id))
    return identity
