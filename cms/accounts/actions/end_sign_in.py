"""Ending single sign-ins: a browser that was left behind, or that is not one's own."""

from __future__ import annotations

from sqlalchemy import delete, func, select

from cms.accounts import sign_ins
from cms.accounts.models import SignIn, User
from cms.accounts.policies import is_oneself, may_deactivate
from cms.accounts.safety_events import OtherSignInsEnded, SignInEnded
from cms.core.db import current_session
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require


def end_sign_in(user: User, sign_in_id: int, *, by: Actor) -> None:
    """End one sign-in of `user`, whose browser is out with its next click; one that has ended already is fine.

    Raises Forbidden.
    """
    _require(user, by)
    session = current_session()
    if session.scalar(select(SignIn.id).where(SignIn.id == sign_in_id, SignIn.user_id == user.id)) is None:
        return
    sign_ins.end_sign_in(sign_in_id)
    record(SignInEnded(user.id, by.id))


def end_other_sign_ins(user: User, *, keep_id: int, by: Actor) -> int:
    """End every sign-in of `user` but the one with the id `keep_id`, and return how many those were.

    Raises Forbidden.
    """
    _require(user, by)
    others = select(func.count()).select_from(SignIn).where(SignIn.user_id == user.id, SignIn.id != keep_id)
    count = current_session().scalar(others) or 0
    current_session().execute(delete(SignIn).where(SignIn.user_id == user.id, SignIn.id != keep_id))
    if count:
        record(OtherSignInsEnded(user.id, by.id, count))
    return count


def _require(user: User, by: Actor) -> None:
    require(
        is_oneself(by, user.id) or may_deactivate(by, user), _("You may sign out only yourself. An admin can help.")
    )
