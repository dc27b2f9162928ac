"""Erasing who somebody was: the account closes for ever, what they published may stay, their data go."""

from __future__ import annotations

from sqlalchemy import delete

from cms.accounts.events import PersonalDataErased
from cms.accounts.locks import keep_an_admin, lock_people
from cms.accounts.models import User, groups_users, new_uniquifier
from cms.accounts.policies import may_erase_data
from cms.core.db import current_session
from cms.core.errors import Conflict
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require
from cms.core.privacy import DataSubject, holdings
from cms.lib.clock import utcnow

#: What stands in place of a name, in the language of the rows (pages translate it, `name_of_who_left`).
LEFT = "Somebody who left"


def erase_user(user: User, *, keep_name: bool = False, by: Actor) -> int:
    """Erase the personal data of `user` and close the account for ever; return how many records were touched.

    What they wrote stays, under "Somebody who left", or under their name where `keep_name` says that the byline is
    part of what was published. Comments lose their writer, sign-ins and factors go, the record of acts keeps acts and
    numbers. Raises Forbidden, and Conflict for the last active admin and for somebody who is erased already.
    """
    lock_people(user, by=by)
    require(may_erase_data(by, user), _("You may not erase the data of this person. An admin can."))
    if user.erased_at is not None:
        raise Conflict(_("The data of this person are erased already."))
    keep_an_admin(user)
    touched = _erase(DataSubject(user.email, user.id))
    user.email = f"erased-{user.id}@erased.invalid"
    user.password = user.passkey_handle = user.last_login_ip = user.current_login_ip = user.picture_id = None
    user.fs_uniquifier, user.active, user.biography, user.links = new_uniquifier(), False, "", []
    user.roles = []
    current_session().execute(delete(groups_users).where(groups_users.c.user_id == user.id))
    if not keep_name:
        user.name, user.slug, user.slug_skeleton = LEFT, f"left-{user.id}", f"left-{user.id}"
    user.erased_at = utcnow()
    current_session().flush()
    current_session().expire(user, ["held"])
    record(PersonalDataErased(user.id, by.id, records=touched + 1))
    return touched + 1


def erase_address(email: str, *, by: Actor) -> int:
    """Erase what is held about a mail address that belongs to no account (comments, say); return how many records.

    Raises Forbidden.
    """
    require(may_erase_data(by, None), _("You may not erase data of others. An admin can."))
    touched = _erase(DataSubject(email))
    record(PersonalDataErased(None, by.id, records=touched))
    return touched


def _erase(subject: DataSubject) -> int:
    return sum(holding.erase(subject) for holding in holdings() if holding.erase is not None)
