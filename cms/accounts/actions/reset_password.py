"""Letting a person choose a new password."""

from __future__ import annotations

from cms.accounts.letters import send_reset_letter
from cms.accounts.locks import lock_people
from cms.accounts.models import User
from cms.accounts.policies import may_deactivate
from cms.core.errors import Conflict
from cms.core.i18n import _
from cms.core.permissions import Actor, require


def send_reset(user: User, *, by: Actor) -> None:
    """Mail `user` the link by which they choose a new password; the old one works until then.

    Raises Forbidden, and Conflict for an account that is closed.
    """
    lock_people(user, by=by)
    require(may_deactivate(by, user), _("You may not send a reset to this person."))
    if not user.active:
        raise Conflict(_("The account of %(name)s is not active. Reactivate it first.", name=user.name))
    send_reset_letter(user)
