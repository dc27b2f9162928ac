"""Counters and wishes that are over are forgotten."""

from __future__ import annotations

from datetime import timedelta

from cms.accounts.actions.move_email import forget_expired_emails
from cms.accounts.limits import forget_expired_limits
from cms.core.db import transaction
from cms.core.jobs import periodic


@periodic("accounts.forget_limits", every=timedelta(hours=1))
def forget_limits() -> None:
    """Delete counters whose window is over, and mail addresses that nobody confirmed in time."""
    with transaction():
        forget_expired_limits()
        forget_expired_emails()
