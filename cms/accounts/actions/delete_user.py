"""Deleting an account."""

from __future__ import annotations

from cms.accounts.events import UserDeleted
from cms.accounts.locks import keep_an_admin, lock_people
from cms.accounts.models import User
from cms.accounts.policies import may_delete_user
from cms.core.db import current_session
from cms.core.errors import Conflict
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require
from cms.core.references import references_to


class HeirNeeded(Conflict):
    """Something was made that somebody else must take over."""


def delete_user(user: User, *, hand_over_to: User | None = None, by: Actor) -> None:
    """Delete the account and hand over what it made to another person.

    Raises Forbidden, Conflict for the last active admin and for oneself, and HeirNeeded when something was made that
    nobody else takes over.
    """
    lock_people(user, by=by)
    require(may_delete_user(by, user), _("You may not delete this person. An admin can."))
    if by.id == user.id:
        raise Conflict(_("Nobody deletes their own account. Ask another admin."))
    keep_an_admin(user)
    heir_id = hand_over_to.id if hand_over_to is not None else None
    if heir_id == user.id:
        raise HeirNeeded(_("Choose somebody else to take over."))
    for reference in references_to("user"):
        # What nobody else can take over (comments) stays under the name it was written with.
        if reference.hand_over is None or reference.count(user.id) == 0:
            continue
        if heir_id is None:
            raise HeirNeeded(_("%(name)s made things that somebody must take over. Choose who.", name=user.name))
        reference.hand_over(user.id, heir_id)
    before = {"name": user.name, "email": user.email, "slug": user.slug, "roles": list(user.role_names)}
    event = UserDeleted(user.id, user.name, user.slug, heir_id, by.id, before)
    session = current_session()
    session.delete(user)
    session.flush()
    record(event)
