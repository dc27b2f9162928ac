"""Closing an account."""

from __future__ import annotations

from cms.accounts.ending import end_everything
from cms.accounts.events import UserDeactivated
from cms.accounts.locks import keep_an_admin, lock_people
from cms.accounts.models import User
from cms.accounts.policies import may_deactivate
from cms.core.db import current_session
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require


def deactivate_user(user: User, *, by: Actor) -> None:
    """Close the account: whoever is signed in with it is out, and links mailed to it are worthless.

    What the person made stays as it is. Raises Forbidden, and Conflict for the last active admin.
    """
    lock_people(user, by=by)
    require(may_deactivate(by, user), _("You may not deactivate this person. An admin can."))
    if not user.active:
        return
    keep_an_admin(user)
    user.active = False
    end_everything(user)
    current_session().flush()
    record(UserDeactivated(user.id, by.id))
