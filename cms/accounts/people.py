"""Who is asking: the signed-in person of a request."""

from __future__ import annotations

from flask import g, has_request_context
from flask_security import current_user
from flask_security.core import AnonymousUser

from cms.accounts.models import User

_SIGN_IN = "masthead_sign_in_id"
_TOKEN = "masthead_token_id"  # noqa: S105 -- a name, no secret
_WAY = "masthead_way"


def current_person() -> User | None:
    """Return the signed-in person with all rights loaded; None for a stranger and outside a request."""
    if not has_request_context():
        return None
    someone = current_user._get_current_object()
    return someone if isinstance(someone, User) else None


def note_sign_in(sign_in_id: int) -> None:
    """Remember by which sign-in the request in hand came."""
    setattr(g, _SIGN_IN, sign_in_id)


def forget_sign_in() -> int | None:
    """Forget by which sign-in the request in hand came, and return it; None when it came by none."""
    found: int | None = g.pop(_SIGN_IN, None)
    return found


def current_sign_in_id() -> int:
    """Return the id of the sign-in that the request in hand came with; 0 when it came with none."""
    found: int = g.get(_SIGN_IN, 0)
    return found


def note_token(token_id: int) -> None:
    """Remember by which personal token the request in hand came."""
    setattr(g, _TOKEN, token_id)


def current_token_id() -> int:
    """Return the id of the personal token that the request in hand came with; 0 when it came with none."""
    found: int = g.get(_TOKEN, 0)
    return found


def come_as(user: User | None) -> None:
    """Say who is asking (None: nobody), whatever cookies say: for ways in that know no cookies."""
    setattr(g, _WAY, "api")
    # Where Flask-Login keeps whom it found.
    g._login_user = user if user is not None else AnonymousUser()  # type: ignore[no-untyped-call]  # the library is untyped there


def ask_nobody() -> None:
    """Take whoever asks for a stranger from now on: who they are cannot be looked up, for an error is being told."""
    g._login_user = AnonymousUser()  # type: ignore[no-untyped-call]  # the library is untyped there


def current_way() -> str:
    """Return by which way the request in hand came in: `api` for programs, else `web`."""
    return str(g.get(_WAY, "web"))
