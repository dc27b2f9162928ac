"""Links in mails: signed, dated, for one use, and always at the site's own address."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from itsdangerous import BadData, SignatureExpired
from sqlalchemy import select

from cms.accounts.models import User
from cms.core.db import current_session
from cms.core.secrets import CurrentSerializer
from cms.settings.queries import get_settings

RESET_LASTS = timedelta(hours=4)


def invitation_lasts() -> timedelta:
    """Return for how long an invitation holds, as the settings say."""
    return timedelta(days=get_settings().invitation_days)


_invitations = CurrentSerializer("masthead-invitation")


def invitation_token(user: User) -> str:
    """Return the token by which an invited person chooses a password; another password makes it worthless."""
    return str(_invitations.dumps([user.fs_uniquifier]))


def find_invited(token: str) -> tuple[User | None, bool]:
    """Return whom an invitation is for, and whether it came too late; (None, False) for one that is not valid."""
    try:
        data = _invitations.loads(token, max_age=int(invitation_lasts().total_seconds()))
    except SignatureExpired:
        return None, True
    except BadData:
        return None, False
    if not isinstance(data, list) or len(data) != 1 or not isinstance(data[0], str):
        return None, False
    user = current_session().scalar(select(User).where(User.fs_uniquifier == data[0]))
    return (user if user is not None and user.active and user.password is None else None), False


def reset_token(user: User) -> str:
    """Return a token that Flask-Security's reset page takes; a new password makes it worthless."""
    return str(current_app.extensions["security"].reset_serializer.dumps([user.fs_uniquifier, None]))


def site_link(endpoint: str, **values: Any) -> str:
    """Return the full address of a page, made of `CMS_BASE_URL` and never of what a request says."""
    base = urlsplit(current_app.config["CMS_BASE_URL"])
    adapter = current_app.url_map.bind(base.netloc, script_name=base.path or "/", url_scheme=base.scheme)
    build: Callable[..., str] = adapter.build
    return build(endpoint, values, force_external=True)


def invitation_link(user: User) -> str:
    """Return the address at which an invited person chooses a password."""
    return site_link("accounts.invitation", token=invitation_token(user))


def reset_link(user: User) -> str:
    """Return the address at which a person chooses a new password."""
    return site_link("security.reset_password", token=reset_token(user))
