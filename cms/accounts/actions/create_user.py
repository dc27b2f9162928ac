"""Making an account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cms.accounts import fields
from cms.accounts.events import UserCreated
from cms.accounts.locks import lock_people
from cms.accounts.models import Role, User
from cms.accounts.policies import may_invite
from cms.core.db import current_session
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require
from cms.lib.clock import utcnow
from cms.lib.confusables import skeleton


def create_user(
    *,
    email: str,
    name: str,
    roles: Iterable[Role] = (),
    password_hash: str | None = None,
    active: bool = True,
    profile: Mapping[str, object] | None = None,
    by: Actor,
) -> User:
    """Make an account that holds `roles` and return it; without a password nobody signs in with it.

    `profile` may hold slug, biography, picture_id, links, time_zone and language. The address of the author
    page is made of the name unless given. Raises Forbidden, EmailTaken, and Invalid naming the fields that cannot be
    taken.
    """
    lock_people(by=by)
    chosen = list(dict.fromkeys(roles))
    require(may_invite(by, chosen), _("You may not make accounts with these roles."))
    session = current_session()
    address = fields.read_free_email(email)
    read = fields.read_fields({"name": name, **(profile or {})})
    slug = str(read.pop("slug", "") or fields.make_slug(read["name"]))
    user = User(
        email=address,
        password=password_hash,
        active=active,
        confirmed_at=utcnow() if password_hash else None,
        slug=slug,
        slug_skeleton=skeleton(slug),
        roles=chosen,
        **read,
    )
    session.add(user)
    session.flush()
    record(UserCreated(user.id, user.name, tuple(role.name for role in chosen), by.id))
    return user
