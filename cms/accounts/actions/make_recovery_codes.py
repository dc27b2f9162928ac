"""Making recovery codes."""

from __future__ import annotations

from cms.accounts.factor_events import RecoveryCodesMade
from cms.accounts.factor_letters import send_recovery_codes_letter
from cms.accounts.factors import factors_of
from cms.accounts.models import User
from cms.accounts.policies import is_oneself
from cms.accounts.recovery import keep_codes, new_codes
from cms.core.errors import Conflict
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require


def make_recovery_codes(user: User, *, by: Actor) -> list[str]:
    """Give `user` ten new recovery codes and return them, this once; those of before are worth nothing any more.

    Raises Forbidden for another person's account, and Conflict for who has no second factor to recover from.
    """
    require(is_oneself(by, user.id), _("Only the person themselves can change how they sign in."))
    if not factors_of(user.id).any:
        raise Conflict(_("Recovery codes stand in for a second factor. Set one up first."))
    codes = new_codes()
    keep_codes(user.id, codes)
    send_recovery_codes_letter(user)
    record(RecoveryCodesMade(user.id, len(codes)))
    return codes
