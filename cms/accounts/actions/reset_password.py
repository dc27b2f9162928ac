"""Letting a person choose a new password."""

from __future__ import annotations

from cms.accounts.events import ResetSent
from cms.accounts.letters import send_reset_letter
from cms.accounts.locks import lock_people
from cms.accounts.models import User
from cms.accounts.policies import may_deactivate
from cms.core.errors import Conflict
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require


def send_reset(user: User, *, mail: bool = True, by: Actor) -> None:
    """Mail `user` the link by which they choose a new password; the old one works until then.

    Without `mail` whoever acts hands the link on themselves. Raises Forbidden, and Conflict for a closed account.
    """
    lock_people(user, by=by)
    require(may_deactivate(by, user), _("You may not send a reset to this person."))
    if not user.active:
        raise Conflict(_("The account of %(name)s is not active. Reactivate it first.", name=user.name))
    if mail:
        send_reset_letter(user)
    record(ResetSent(user.id, by.id))
