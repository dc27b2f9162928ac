"""Removing a passkey."""

from __future__ import annotations

from cms.accounts.factor_changes import after_last_factor
from cms.accounts.factor_events import PasskeyRemoved
from cms.accounts.factor_letters import send_passkey_removed_letter
from cms.accounts.models import Passkey, User
from cms.accounts.policies import is_oneself
from cms.core.db import current_session
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require


def remove_passkey(passkey: Passkey, *, by: Actor) -> None:
    """Let a passkey open nothing any more, and tell its person by mail.

    Raises Forbidden for another person's, and Conflict for the last factor of somebody who has to have one.
    """
    require(is_oneself(by, passkey.user_id), _("Only the person themselves can change how they sign in."))
    session = current_session()
    user = session.get_one(User, passkey.user_id, with_for_update=True)
    passkey_id, name = passkey.id, passkey.name
    session.delete(passkey)
    session.flush()
    after_last_factor(user)
    send_passkey_removed_letter(user, name)
    record(PasskeyRemoved(user.id, passkey_id, name))
