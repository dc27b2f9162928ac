"""Calling a passkey something else."""

from __future__ import annotations

from cms.accounts.actions.add_passkey import read_name
from cms.accounts.factor_events import PasskeyRenamed
from cms.accounts.models import Passkey
from cms.accounts.policies import is_oneself
from cms.core.db import current_session
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require


def rename_passkey(passkey: Passkey, *, name: str, by: Actor) -> None:
    """Call a passkey `name`; raises Forbidden for another person's, and Invalid."""
    require(is_oneself(by, passkey.user_id), _("Only the person themselves can change how they sign in."))
    before, after = passkey.name, read_name(name)
    if before == after:
        return
    passkey.name = after
    current_session().flush()
    record(PasskeyRenamed(passkey.user_id, passkey.id, before, after))
