"""The link "it was not me": signed, dated, for one use."""

from __future__ import annotations

from datetime import timedelta

from itsdangerous import BadData
from sqlalchemy import select

from cms.accounts.links import site_link
from cms.accounts.models import User
from cms.core.db import current_session
from cms.core.secrets import CurrentSerializer

NOT_ME_LASTS = timedelta(days=3)
_tokens = CurrentSerializer("masthead-not-me")


def not_me_link(user: User) -> str:
    """Return the address at which a person says that it was not them; another password makes it worthless."""
    return site_link("accounts.not_me", token=str(_tokens.dumps([user.fs_uniquifier])))


def find_not_me(token: str) -> User | None:
    """Return whose link it is; None for one that does not hold."""
    try:
        data = _tokens.loads(token, max_age=int(NOT_ME_LASTS.total_seconds()))
    except BadData:
        return None
    if not isinstance(data, list) or len(data) != 1 or not isinstance(data[0], str):
        return None
    user = current_session().scalar(select(User).where(User.fs_uniquifier == data[0]))
    return user if user is not None and user.active else None
