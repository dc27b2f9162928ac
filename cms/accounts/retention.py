"""How long traces of people are kept: as long as the settings say, and not a day longer."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_, update

from cms.accounts.models import PersonalToken, SignIn, User
from cms.core.db import current_session, transaction
from cms.core.jobs import periodic
from cms.lib.clock import utcnow
from cms.settings.queries import get_settings


@periodic("accounts.forget_addresses", every=timedelta(hours=12))
def forget_addresses_by_setting() -> None:
    """Forget network addresses that are older than the settings allow; 0 days: they are kept."""
    days = get_settings().keep_addresses_days
    if days:
        with transaction():
            forget_addresses(before=utcnow() - timedelta(days=days))


def forget_addresses(*, before: datetime) -> None:
    """Forget the network addresses of sign-ins and tokens from before a moment; within a transaction."""
    session = current_session()
    # The row of a person is not made newer by this: nothing of them that anybody sees has changed.
    session.execute(
        update(User)
        .where(User.current_login_at < before, or_(User.current_login_ip.is_not(None), User.last_login_ip.is_not(None)))
        .values(current_login_ip=None, last_login_ip=None, updated_at=User.updated_at)
    )
    session.execute(
        update(User)
        .where(User.last_login_at < before, User.last_login_ip.is_not(None))
        .values(last_login_ip=None, updated_at=User.updated_at)
    )
    session.execute(update(SignIn).where(SignIn.created_at < before).values(ip=None))
    session.execute(update(SignIn).where(SignIn.last_seen_at < before).values(last_ip=None))
    session.execute(update(PersonalToken).where(PersonalToken.last_used_at < before).values(last_used_ip=None))
