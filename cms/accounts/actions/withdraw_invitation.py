"""Taking back an invitation."""

from __future__ import annotations

from cms.accounts.ending import end_everything
from cms.accounts.identities import signs_in_without_password
from cms.accounts.locks import lock_people
from cms.accounts.models import User
from cms.accounts.policies import may_withdraw
from cms.accounts.role_events import InvitationWithdrawn
from cms.accounts.snapshots import user_values
from cms.core.db import current_session
from cms.core.errors import Conflict
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require
from cms.core.references import count_uses


def withdraw_invitation(user: User, *, by: Actor) -> bool:
    """Take back the invitation of `user`, whose link is void at once, and tell whether the account is gone with it.

    An account that things belong to (imported posts, say) stays, and can be invited again. Raises Forbidden, and
    Conflict for somebody who has come already.
    """
    lock_people(user, by=by)
    require(may_withdraw(by, user), _("You may not take back this invitation."))
    if user.password is not None or user.invited_at is None or signs_in_without_password(user):
        raise Conflict(_("%(name)s has no open invitation.", name=user.name))
    end_everything(user)
    gone = count_uses("user", user.id) == 0
    event = InvitationWithdrawn(user.id, user.name, user_values(user), gone, by.id)
    user.invited_at = None
    session = current_session()
    if gone:
        session.delete(user)
    session.flush()
    record(event)
    return gone
