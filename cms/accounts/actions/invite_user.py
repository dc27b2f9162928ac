"""Inviting somebody by mail."""

from __future__ import annotations

from collections.abc import Iterable

from cms.accounts.actions.create_user import create_user
from cms.accounts.ending import end_links
from cms.accounts.events import UserInvited
from cms.accounts.letters import send_invitation_letter
from cms.accounts.locks import lock_people
from cms.accounts.models import Role, User
from cms.accounts.policies import may_deactivate
from cms.core.errors import Conflict
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require
from cms.lib.clock import utcnow


def invite_user(*, email: str, name: str, roles: Iterable[Role] = (), by: Actor) -> User:
    """Make an account without a password, mail the link by which its person chooses one, and return it.

    Raises Forbidden, and Invalid naming the fields that cannot be taken.
    """
    user = create_user(email=email, name=name, roles=roles, by=by)
    _send(user, by)
    return user


def send_invitation(user: User, *, by: Actor) -> None:
    """Mail the invitation (again) to somebody without a password, whose account becomes active.

    Raises Forbidden, and Conflict for somebody who has a password (a reset is for them), or who is erased.
    """
    lock_people(user, by=by)
    require(may_deactivate(by, user), _("You may not invite this person."))
    if user.password is not None:
        raise Conflict(_("%(name)s has a password already; send a reset instead.", name=user.name))
    if user.erased_at is not None:
        raise Conflict(_("The data of this person are erased, and the account stays closed. Invite them anew."))
    user.active = True
    # Links that were mailed before stop working.
    end_links(user)
    _send(user, by)


def _send(user: User, by: Actor) -> None:
    user.invited_at = utcnow()
    send_invitation_letter(user, invited_by=by.name if isinstance(by, User) else "")
    record(UserInvited(user.id, by.id))
