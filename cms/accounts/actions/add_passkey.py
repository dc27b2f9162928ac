"""Adding a passkey."""

from __future__ import annotations

from sqlalchemy import func, select

from cms.accounts.factor_changes import after_first_factor
from cms.accounts.factor_events import PasskeyAdded
from cms.accounts.factor_letters import send_passkey_added_letter
from cms.accounts.factors import factors_of
from cms.accounts.models import Passkey, User
from cms.accounts.passkey_answers import NewPasskey
from cms.accounts.policies import is_oneself
from cms.core.db import current_session
from cms.core.errors import Conflict
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require
from cms.lib.clock import utcnow
from cms.settings.values import line

MOST = 20
LONGEST_NAME = 60
_OWN = _("Only the person themselves can change how they sign in.")


def add_passkey(user: User, made: NewPasskey, *, name: str, by: Actor, sign_in_id: int = 0) -> Passkey:
    """Let `user` sign in with a passkey that they have just made; it is the first factor's second, and tells them so.

    Raises Forbidden for another person's account, Conflict for a passkey that is known already or one too many.
    """
    require(is_oneself(by, user.id), _OWN)
    session = current_session()
    if session.scalar(select(Passkey.id).where(Passkey.credential_id == made.credential_id)) is not None:
        raise Conflict(_("This passkey is known here already."))
    if (session.scalar(select(func.count(Passkey.id)).where(Passkey.user_id == user.id)) or 0) >= MOST:
        raise Conflict(_("You have %(most)s passkeys already. Remove one that you do not use.", most=MOST))
    first = not factors_of(user.id).any
    passkey = Passkey(
        user_id=user.id,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        transports=list(made.transports),
        aaguid=made.aaguid,
        backed_up=made.backed_up,
        name=read_name(name),
        created_at=utcnow(),
    )
    session.add(passkey)
    session.flush()
    after_first_factor(user, first=first, sign_in_id=sign_in_id)
    send_passkey_added_letter(user, passkey.name)
    record(PasskeyAdded(user.id, passkey.id, passkey.name))
    return passkey


def read_name(name: str) -> str:
    """Return what a passkey is to be called; raises Invalid."""
    return str(line(LONGEST_NAME, required=True)(name))
