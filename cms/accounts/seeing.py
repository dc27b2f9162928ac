"""Seeing the back office and the site as somebody else, or as a role, would: read-only, and never more than oneself.

The sign-in stays that of the person who is really there; its row says whom they see as. Whoever asks who is signed
in (`current_person`) hears of the person seen as, so that every door answers as it would to them.
"""

from __future__ import annotations

from flask import current_app, g, has_request_context, request
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.attributes import set_committed_value

from cms.accounts.models import Role, SignIn, User
from cms.accounts.people import current_person
from cms.accounts.policies import may_see_as_role, may_see_as_user
from cms.core.db import current_session
from cms.core.errors import Forbidden
from cms.core.i18n import _

_SEEN_BY = "masthead_seen_by"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
#: What can be done meanwhile: stop, and leave.
_WAYS_OUT = frozenset({"accounts.stop_seeing", "security.logout"})


def seen_by() -> User | None:
    """Return who is really there while the request in hand sees as somebody else; None otherwise.

    Known once somebody has asked who is signed in (`current_person`).
    """
    if not has_request_context():
        return None
    someone = g.get(_SEEN_BY)
    return someone if isinstance(someone, User) else None


def as_seen(sign_in: SignIn, real: User) -> User:
    """Return whom the sign-in of `real` sees as: a person, somebody who holds a role alone, or `real` themselves.

    Asked anew with every request, so that it ends when the right ends, or when the person or the role is gone.
    """
    seen: User | None = None
    if sign_in.seen_as_user_id is not None:
        seen = _person(sign_in.seen_as_user_id, real)
    elif sign_in.seen_as_role_id is not None:
        seen = _holder(sign_in.seen_as_role_id, real)
    if seen is None:
        return real
    setattr(g, _SEEN_BY, real)
    return seen


def _person(user_id: int, real: User) -> User | None:
    person = current_session().scalar(select(User).where(User.id == user_id).options(selectinload(User.held)))
    return person if person is not None and may_see_as_user(real, person) else None


def _holder(role_id: int, real: User) -> User | None:
    role = current_session().scalar(select(Role).where(Role.id == role_id).options(selectinload(Role.grants)))
    return holder_of(role) if role is not None and may_see_as_role(real, role) else None


def holder_of(role: Role) -> User:
    """Return somebody who holds `role` and nothing else, owns nothing, and is in no database (id 0)."""
    someone = User(id=0, name=role.label, slug="", slug_skeleton="", email="", active=True, login_count=0)
    someone.biography = someone.time_zone = someone.language = someone.fs_uniquifier = ""
    someone.links = []
    set_committed_value(someone, "roles", [role])
    set_committed_value(someone, "held", list(role.grants))
    return someone


def refuse_changes() -> None:
    """Raise Forbidden when somebody who sees as somebody else would change a thing, or open their account."""
    if request.endpoint in _WAYS_OUT or not _may_be_signed_in():
        return
    own = request.blueprint in ("accounts", "security") and request.endpoint != "accounts.after_sign_in"
    if (request.method not in _SAFE or own) and current_person() is not None and seen_by() is not None:
        raise Forbidden(_("You only look on while you see as somebody else. Stop that first to change something."))


def _may_be_signed_in() -> bool:
    """Only a request that carries one of our cookies is worth a look into the session."""
    config = current_app.config
    names = (config["SESSION_COOKIE_NAME"], config.get("REMEMBER_COOKIE_NAME", "remember_token"))
    return any(name in request.cookies for name in names)
