"""Ceasing to see as somebody else."""

from __future__ import annotations

from cms.accounts.events import SeeingEnded
from cms.accounts.models import SignIn
from cms.core.db import current_session
from cms.core.events import record
from cms.core.permissions import Actor


def stop_seeing(*, sign_in_id: int, by: Actor) -> None:
    """Let the sign-in `sign_in_id` of `by` see with their own eyes again; when it does already, nothing happens."""
    sign_in = current_session().get(SignIn, sign_in_id)
    if sign_in is None or sign_in.user_id != by.id:
        return
    user_id, role_id = sign_in.seen_as_user_id, sign_in.seen_as_role_id
    if user_id is None and role_id is None:
        return
    sign_in.seen_as_user_id = sign_in.seen_as_role_id = None
    current_session().flush()
    record(SeeingEnded(by.id, user_id=user_id, role_id=role_id))
