"""Opening a closed account again."""

from __future__ import annotations

from cms.accounts.events import UserReactivated
from cms.accounts.locks import lock_people
from cms.accounts.models import User
from cms.accounts.policies import may_deactivate
from cms.core.db import current_session
from cms.core.errors import Conflict
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require


def reactivate_user(user: User, *, by: Actor) -> None:
    """Open a closed account again, with the roles and the password it had.

    Raises Forbidden, and Conflict for one whose person is erased: it is closed for ever.
    """
    lock_people(user, by=by)
    require(may_deactivate(by, user), _("You may not reactivate this person. An admin can."))
    if user.active:
        return
    if user.erased_at is not None:
        raise Conflict(_("The data of this person are erased, and the account stays closed. Invite them anew."))
    user.active = True
    current_session().flush()
    record(UserReactivated(user.id, by.id))
