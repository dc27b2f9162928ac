"""Traces of people are kept as long as the settings say."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from cms.accounts.models import SignIn, User
from cms.accounts.retention import forget_addresses_by_setting
from cms.core.db import transaction
from cms.core.permissions import system_user
from cms.extensions import db
from cms.lib.clock import utcnow
from cms.settings.actions import change_settings
from tests.clients import PageClient
from tests.people import ART, CON, Person


@pytest.fixture
def signed_in_long_ago(as_: Callable[[Person], PageClient], user_of: Callable[[Person], User]) -> tuple[int, int]:
    """Art signed in 100 days ago, Con just now."""
    as_(ART), as_(CON)
    art, con, then = user_of(ART).id, user_of(CON).id, utcnow() - timedelta(days=100)
    with transaction() as session:
        session.execute(update(User).where(User.id == art).values(current_login_at=then, last_login_at=then))
        session.execute(update(SignIn).where(SignIn.user_id == art).values(created_at=then, last_seen_at=then))
    return art, con


def addresses(user_id: int) -> list[str | None]:
    user = db.session.get_one(User, user_id)
    rows = db.session.query(SignIn).filter_by(user_id=user_id).all()
    return [user.current_login_ip, *(row.ip for row in rows)]


def test_old_addresses_are_forgotten_and_new_ones_kept(signed_in_long_ago: tuple[int, int]) -> None:
    art, con = signed_in_long_ago
    before = db.session.get_one(User, art).updated_at
    forget_addresses_by_setting()
    assert addresses(art) == [None, None]
    assert addresses(con) == ["127.0.0.1", "127.0.0.1"]
    assert db.session.get_one(User, art).updated_at == before


def test_nought_days_keep_them(signed_in_long_ago: tuple[int, int]) -> None:
    with transaction():
        change_settings({"keep_addresses_days": "0"}, by=system_user())
    forget_addresses_by_setting()
    assert addresses(signed_in_long_ago[0]) == ["127.0.0.1", "127.0.0.1"]
