"""Passkeys: whose there are, and for which host they are made."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import select

from cms.accounts.models import Passkey
from cms.core.db import current_session


def relying_party() -> tuple[str, str]:
    """Return for which host passkeys are made, and the one origin they are used at, both of CMS_BASE_URL."""
    parts = urlsplit(str(current_app.config["CMS_BASE_URL"]))
    host = (parts.hostname or "").encode("idna").decode("ascii")
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    port = f":{parts.port}" if parts.port is not None and parts.port != usual else ""
    return host, f"{parts.scheme}://{host}{port}"


def list_passkeys(user_id: int) -> Sequence[Passkey]:
    """Return the passkeys of a person, the oldest first."""
    query = select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.created_at, Passkey.id)
    return current_session().scalars(query).all()


def find_passkey(user_id: int, passkey_id: int) -> Passkey | None:
    """Return a passkey of a person; None for one that is not theirs."""
    return current_session().scalar(select(Passkey).where(Passkey.id == passkey_id, Passkey.user_id == user_id))


def are_in_use() -> bool:
    """Tell whether anybody here has a passkey."""
    return current_session().scalar(select(Passkey.id).limit(1)) is not None
