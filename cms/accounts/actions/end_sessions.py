"""Signing a person out everywhere."""

from __future__ import annotations

from cms.accounts.events import SignInsEnded
from cms.accounts.models import User
from cms.accounts.policies import is_oneself, may_deactivate
from cms.accounts.sign_ins import end_sign_ins
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require


def end_sessions(user: User, *, by: Actor) -> None:
    """Sign `user` out in every browser: oneself always, others as an admin. Raises Forbidden."""
    require(is_oneself(by, user.id) or may_deactivate(by, user), _("You may sign out only yourself."))
    end_sign_ins(user.id)
    record(SignInsEnded(user.id, by.id))
