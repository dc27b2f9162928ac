"""Changing what a person signs in with."""

from __future__ import annotations

from sqlalchemy import delete

from cms.accounts import fields
from cms.accounts.events import EmailChanged
from cms.accounts.locks import lock_people
from cms.accounts.models import EmailChange, User, new_uniquifier
from cms.accounts.policies import may_change_email
from cms.accounts.safety_letters import send_email_changed_letters
from cms.core.db import current_session
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require


def change_email(user: User, *, email: str, by: Actor) -> None:
    """Let `user` sign in with another mail address; links mailed to the old one are worthless from then on.

    Both addresses are told. Raises Forbidden, Invalid for an address that cannot be written to, and EmailTaken for one
    of another account.
    """
    lock_people(user, by=by)
    require(may_change_email(by, user), _("Only an admin may change what somebody signs in with."))
    address = fields.read_free_email(email, of=user)
    if address == user.email:
        return
    session = current_session()
    before, user.email = user.email, address
    user.fs_uniquifier = new_uniquifier()
    # What the person had asked for is about an address that is not theirs any more.
    session.execute(delete(EmailChange).where(EmailChange.user_id == user.id))
    session.flush()
    send_email_changed_letters(user, before=before, by=by.name if isinstance(by, User) else str(_("The operator")))
    record(EmailChanged(user.id, by.id, before, address))
