"""What follows when somebody sets up a second factor, or loses the last."""

from __future__ import annotations

from cms.accounts.factors import factors_of, must_have_second_factor
from cms.accounts.models import User
from cms.accounts.recovery import drop_codes
from cms.accounts.sign_ins import end_sign_ins, note_second_factor
from cms.core.errors import Conflict
from cms.core.i18n import _


def after_first_factor(user: User, *, first: bool, sign_in_id: int) -> None:
    """Note that the browser at hand has shown a second factor; with the first one, end every other sign-in.

    So nobody is signed in without one who was there before.
    """
    if sign_in_id:
        note_second_factor(sign_in_id)
    if first:
        end_sign_ins(user.id, but=sign_in_id or None)


def after_last_factor(user: User) -> None:
    """End recovery codes that stand in for nothing any more.

    Raises Conflict when that was the last factor of somebody whose role asks for one.
    """
    if factors_of(user.id).any:
        return
    if must_have_second_factor(user):
        raise Conflict(_("Your role asks for a second factor. Set up another one before you take this one away."))
    drop_codes(user.id)
