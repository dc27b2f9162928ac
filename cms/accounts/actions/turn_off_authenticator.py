"""Turning off codes of an authenticator app."""

from __future__ import annotations

from cms.accounts.authenticators import find_authenticator
from cms.accounts.factor_changes import after_last_factor
from cms.accounts.factor_events import AuthenticatorTurnedOff
from cms.accounts.factor_letters import send_authenticator_letter
from cms.accounts.models import User
from cms.accounts.policies import is_oneself
from cms.core.db import current_session
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require


def turn_off_authenticator(user: User, *, by: Actor) -> None:
    """Ask `user` for no codes of an app any more, forget its secret, and tell them by mail.

    Raises Forbidden for another person's account, and Conflict for the last factor of somebody who has to have one.
    """
    require(is_oneself(by, user.id), _("Only the person themselves can change how they sign in."))
    session = current_session()
    session.get_one(User, user.id, with_for_update=True)
    found = find_authenticator(user.id)
    if found is None:
        return
    was_on = found.confirmed_at is not None
    session.delete(found)
    session.flush()
    if not was_on:
        return
    after_last_factor(user)
    send_authenticator_letter(user, on=False)
    record(AuthenticatorTurnedOff(user.id))
