"""Disconnecting an account elsewhere."""

from __future__ import annotations

from collections.abc import Collection

from cms.accounts.identities import get_identity, has_another_way_in, may_connect
from cms.accounts.identity_events import IdentityDisconnected
from cms.accounts.identity_letters import send_disconnected_letter
from cms.accounts.locks import lock_people
from cms.accounts.models import User
from cms.core.db import current_session
from cms.core.errors import Conflict
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require


def disconnect_identity(user: User, identity_id: int, *, label: str, providers: Collection[str], by: Actor) -> None:
    """Let an account elsewhere open nothing here any more; tells the person by mail.

    `label` is what the provider is called, `providers` are the names of those that people can sign in with now.
    Raises NotFound, Forbidden, and Conflict when it is the last way in.
    """
    lock_people(user, by=by)
    require(may_connect(by, user))
    identity = get_identity(identity_id, of=user)
    if not has_another_way_in(user, identity, providers):
        raise Conflict(_("This is your only way in. Add a passkey or a password first, then disconnect it."))
    name = identity.label
    session = current_session()
    session.delete(identity)
    session.flush()
    send_disconnected_letter(user, label, name)
    record(IdentityDisconnected(user.id, identity_id, label, name, by.id))
