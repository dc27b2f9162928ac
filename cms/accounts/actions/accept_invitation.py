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


def accept_invitation(token: str, *, password_hash: str, by: User) -> User:
    """Give the person whom `token` invites, and who acts, their first password and return them.

    Raises Conflict when it does not hold any more: used, replaced, too old, or the account was closed.
    """
    # Locked first: of two who send the same link at once, the second finds a password there.
    current_session().refresh(by, with_for_update=True)
    user, _late = find_invited(token)
    if user is None or user.id != by.id:
        raise Conflict(_("This invitation does not hold any more. Ask for another."))
    user.password = password_hash
    user.fs_uniquifier = new_uniquifier()
    user.confirmed_at = utcnow()
    current_session().flush()
    record(InvitationAccepted(user.id))
    return user
