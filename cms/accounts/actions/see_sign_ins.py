"""Looking up where somebody is signed in."""

from __future__ import annotations

from cms.accounts.models import User
from cms.accounts.policies import is_oneself, may_deactivate
from cms.accounts.safety_events import SignInsSeen
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require


def see_sign_ins(user: User, *, by: Actor) -> None:
    """Keep in the record that `by` reads where `user` is signed in, which is private. Raises Forbidden."""
    require(is_oneself(by, user.id) or may_deactivate(by, user), _("Where somebody is signed in is for admins to see."))
    if by.id != user.id:
        record(SignInsSeen(user.id, by.id))
