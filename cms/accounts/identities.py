"""The accounts elsewhere that people sign in with: finding them, and who may change them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import exists, or_, select

from cms.accounts.models import Identity, Passkey, User
from cms.accounts.policies import is_oneself
from cms.core.db import current_session
from cms.core.errors import NotFound
from cms.core.i18n import _
from cms.core.permissions import Actor


def find_identity(issuer: str, subject: str) -> Identity | None:
    """Return the identity that an issuer knows by this subject, letter by letter, or None."""
    found = current_session().scalar(select(Identity).where(Identity.issuer == issuer, Identity.subject == subject))
    # A database may compare without regard to case; whoever wrote the account's name elsewhere did not.
    return found if found is not None and (found.issuer, found.subject) == (issuer, subject) else None


def get_identity(identity_id: int, *, of: User) -> Identity:
    """Return an identity of a person; raises NotFound for one of somebody else too."""
    found = current_session().get(Identity, identity_id)
    if found is None or found.user_id != of.id:
        raise NotFound(_("This account is not connected any more."))
    return found


def list_identities(user: User) -> Sequence[Identity]:
    """Return the accounts elsewhere that a person signs in with, the oldest first."""
    return current_session().scalars(select(Identity).where(Identity.user_id == user.id).order_by(Identity.id)).all()


def may_connect(actor: Actor, user: User) -> bool:
    """Tell whether `actor` may connect an account elsewhere with `user`: the person, and the system for them."""
    return actor.id is None or is_oneself(actor, user.id)


def has_another_way_in(user: User, identity: Identity, providers: Collection[str]) -> bool:
    """Tell whether a person can sign in without an identity: password, passkey, another of a provider still there."""
    if user.password is not None:
        return True
    session = current_session()
    if session.scalar(select(Passkey.id).where(Passkey.user_id == user.id).limit(1)) is not None:
        return True
    return any(other.id != identity.id and other.provider in providers for other in list_identities(user))


def signs_in_without_password(user: User) -> bool:
    """Tell whether a person has a passkey or an account elsewhere: they have come, without ever choosing a password."""
    ways = [exists().where(way.user_id == user.id) for way in (Passkey, Identity)]
    return bool(current_session().scalar(select(or_(*ways))))
