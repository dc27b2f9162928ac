"""A person changes what they sign in with: asked for, confirmed from the old and the new address, done.

Whether the new address belongs to an account already is looked at when both have said yes, and not before: whoever
asks learns nothing about it, and neither does the time it takes. Whose old address cannot be read any more asks an
admin, who changes it at once (`change_email`).
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select

from cms.accounts import fields
from cms.accounts.events import EmailChanged
from cms.accounts.locks import lock_people
from cms.accounts.models import Challenge, EmailChange, SignIn, User, new_uniquifier
from cms.accounts.policies import is_oneself
from cms.accounts.safety_events import EmailChangeAsked, EmailChangeCancelled
from cms.accounts.safety_letters import send_email_changed_letters, send_email_letters
from cms.core.db import current_session
from cms.core.errors import Conflict, Invalid
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require
from cms.lib.clock import utcnow

LASTS = timedelta(hours=24)


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def ask_for_email(user: User, *, email: str, by: Actor) -> None:
    """Mail the old and the new address a link to confirm with; what was asked for before is worthless from then on.

    Raises Forbidden, and Invalid for what is no mail address, or the one there is.
    """
    require(is_oneself(by, user.id), _("You may change only your own mail address here."))
    try:
        address = fields.read_email(email)
    except Invalid as error:
        raise Invalid(fields={"email": error.args[0]}) from None
    if address == user.email:
        raise Invalid(fields={"email": _("This is your mail address already.")})
    session, now = current_session(), utcnow()
    old_key, new_key = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    session.execute(delete(EmailChange).where(EmailChange.user_id == user.id))
    session.add(
        EmailChange(
            user_id=user.id,
            email=address,
            old_key_hash=_hash(old_key),
            new_key_hash=_hash(new_key),
            created_at=now,
            expires_at=now + LASTS,
        )
    )
    session.flush()
    send_email_letters(user, address=address, old_key=old_key, new_key=new_key)
    record(EmailChangeAsked(user.id, by.id, address))


def find_email_change(key: str) -> tuple[EmailChange, User, bool] | None:
    """Return the change that a link is about, whose, and whether it came to the new address; None if it is void."""
    session, mark = current_session(), _hash(key)
    change = session.scalar(
        select(EmailChange).where(
            or_(EmailChange.old_key_hash == mark, EmailChange.new_key_hash == mark), EmailChange.expires_at > utcnow()
        )
    )
    user = session.get(User, change.user_id) if change is not None else None
    if change is None or user is None or not user.active:
        return None
    return change, user, change.new_key_hash == mark


def confirm_email(key: str, *, keep_sign_in: int | None = None) -> User | None:
    """Say yes by the key from a letter; return the person once both addresses have, and the change is made.

    Every other sign-in and every link in a mail ends then, `keep_sign_in` apart. Raises Conflict for a link that is
    void, and for an address that belongs to somebody else by now.
    """
    session = current_session()
    found = find_email_change(key)
    if found is None:
        raise Conflict(_("This link does not work any more."))
    # Locked: of two who say yes at once, the second sees the first.
    session.refresh(found[0], with_for_update=True)
    change, user, is_new = found
    if is_new:
        change.new_confirmed_at = change.new_confirmed_at or utcnow()
    else:
        change.old_confirmed_at = change.old_confirmed_at or utcnow()
    session.flush()
    if change.old_confirmed_at is None or change.new_confirmed_at is None:
        return None
    _change(user, change.email, keep_sign_in)
    return user


def _change(user: User, address: str, keep_sign_in: int | None) -> None:
    lock_people(user, by=user)
    session = current_session()
    session.execute(delete(EmailChange).where(EmailChange.user_id == user.id))
    if session.scalar(select(User.id).where(User.email == address)) is not None:
        raise Conflict(_("This address cannot be used here. Ask for another one."))
    before, user.email = user.email, address
    user.fs_uniquifier = new_uniquifier()
    session.flush()
    session.execute(delete(SignIn).where(SignIn.user_id == user.id, SignIn.id != (keep_sign_in or 0)))
    session.execute(delete(Challenge).where(Challenge.user_id == user.id))
    send_email_changed_letters(user, before=before, by="")
    record(EmailChanged(user.id, user.id, before, address))


def cancel_email(user: User, *, by: Actor) -> None:
    """Leave the mail address as it is; the links in both letters are worthless from then on. Raises Forbidden."""
    require(is_oneself(by, user.id), _("You may change only your own mail address here."))
    session = current_session()
    address = session.scalar(select(EmailChange.email).where(EmailChange.user_id == user.id))
    if address is None:
        return
    session.execute(delete(EmailChange).where(EmailChange.user_id == user.id))
    record(EmailChangeCancelled(user.id, by.id, address))


def forget_expired_emails(*, now: datetime | None = None) -> None:
    """Delete wishes that were not confirmed in time; within a transaction."""
    current_session().execute(delete(EmailChange).where(EmailChange.expires_at <= (now or utcnow())))
