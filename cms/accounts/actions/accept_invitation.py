"""Accepting an invitation."""

from __future__ import annotations

from cms.accounts.events import InvitationAccepted
from cms.accounts.links import find_invited
from cms.accounts.models import User, new_uniquifier
from cms.core.db import current_session
from cms.core.errors import Conflict
from cms.core.events import record
from cms.core.i18n import _
from cms.lib.clock import utcnow


def accept_invitation(token: str, *, password_hash: str) -> User:
    """Give the invited person their first password and return them; the token is the permission.

    Raises Conflict when it does not hold any more: used, replaced, too old, or the account was closed.
    """
    user, _late = find_invited(token)
    if user is None:
        raise Conflict(_("This invitation does not hold any more. Ask for another."))
    user.password = password_hash
    user.fs_uniquifier = new_uniquifier()
    user.confirmed_at = utcnow()
    current_session().flush()
    record(InvitationAccepted(user.id))
    return user
