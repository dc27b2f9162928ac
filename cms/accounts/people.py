"""Who is asking: the signed-in person of a request."""

from __future__ import annotations

from flask import has_request_context
from flask_security import current_user

from cms.accounts.models import User


def current_person() -> User | None:
    """Return the signed-in person with all rights loaded; None for a stranger and outside a request."""
    if not has_request_context():
        return None
    someone = current_user._get_current_object()
    return someone if isinstance(someone, User) else None
