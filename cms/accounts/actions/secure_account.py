"""It was not me: out with everybody, and another password."""

from __future__ import annotations

from cms.accounts.ending import end_everything
from cms.accounts.models import User
from cms.accounts.policies import is_oneself
from cms.accounts.safety_events import AccountSecured
from cms.core.db import current_session
from cms.core.errors import Forbidden
from cms.core.events import record
from cms.core.permissions import Actor


def secure_account(user: User, *, by: Actor) -> None:
    """End every sign-in, known browser and link of oneself, so that nobody is in; raises Forbidden."""
    if not is_oneself(by, user.id):
        raise Forbidden
    end_everything(user)
    current_session().flush()
    record(AccountSecured(user.id))
