"""Taking away the second factors of somebody who has lost them all."""

from __future__ import annotations

from sqlalchemy import delete

from cms.accounts.challenges import end_challenges
from cms.accounts.devices import end_devices
from cms.accounts.factor_events import FactorsReset
from cms.accounts.factor_letters import send_factors_reset_letter
from cms.accounts.factors import factors_of
from cms.accounts.locks import lock_people
from cms.accounts.models import Authenticator, Passkey, User
from cms.accounts.policies import may_reset_factors
from cms.accounts.recovery import drop_codes
from cms.accounts.sign_ins import end_sign_ins
from cms.core.db import current_session
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require


def reset_factors(user: User, *, by: Actor) -> None:
    """Take every passkey, the app and all recovery codes from `user`, sign them out everywhere and tell them by mail.

    The password stays. Raises Forbidden for one's own account, and for that of somebody who holds more.
    """
    lock_people(user, by=by)
    require(may_reset_factors(by, user), _("You may not reset the second factors of this person. An admin can."))
    had = factors_of(user.id)
    session = current_session()
    session.execute(delete(Passkey).where(Passkey.user_id == user.id))
    session.execute(delete(Authenticator).where(Authenticator.user_id == user.id))
    drop_codes(user.id)
    end_sign_ins(user.id)
    end_devices(user.id)
    end_challenges(user.id)
    session.flush()
    name = getattr(by, "name", "") or str(_("Somebody"))
    send_factors_reset_letter(user, name if by.id is not None else str(_("The operator of the site")))
    record(FactorsReset(user.id, had.passkeys, had.has_app, by.id))
