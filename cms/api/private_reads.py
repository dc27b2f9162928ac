"""Keeping in the record that somebody looked at something private of somebody else, as the back office does."""

from __future__ import annotations

from cms.accounts.models import User
from cms.api.access import person
from cms.audit.actions.note_private_read import is_noted, note_private_read
from cms.core.db import transaction


def note_look_at(user: User, what: str) -> None:
    """Note that whoever asks looks at `what` of `user` (`account`), once an hour; not at oneself.

    Called before anything is shown: what cannot be noted is not shown. What was read before is read anew after it.
    """
    me = person()
    if user.id == me.id or is_noted("user", user.id, what, by=me):
        return
    user_id, name = user.id, user.name
    with transaction():
        note_private_read("user", user_id, what, title=name, about=(user_id,), by=person())
