"""Finding people and roles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from cms.accounts.models import Role, SignIn, User, roles_users
from cms.core.db import current_session
from cms.core.errors import NotFound
from cms.core.i18n import LazyString, _
from cms.core.permissions import ALL, Grant, Permission, registry
from cms.lib.clock import utcnow
from cms.lib.errors import LibError
from cms.lib.mail_addresses import read_mail_address


def find_user(user_id: int) -> User | None:
    """Return the person with this id, or None."""
    return current_session().get(User, user_id)


def get_user(user_id: int) -> User:
    """Return the person with this id; raises NotFound."""
    user = find_user(user_id)
    if user is None:
        raise NotFound(_("There is no such person."))
    return user


def find_user_by_email(email: str) -> User | None:
    """Return the person who signs in with this mail address, in any spelling, or None."""
    try:
        address = read_mail_address(email)
    except LibError:
        return None
    return current_session().scalar(select(User).where(User.email == address))


def find_user_by_slug(slug: str) -> User | None:
    """Return the person whose author page has this address, or None."""
    return current_session().scalar(select(User).where(User.slug == slug))


def find_role(name: str) -> Role | None:
    """Return the role called `name`, or None."""
    return current_session().scalar(select(Role).where(Role.name == name))


def get_role(name: str) -> Role:
    """Return the role called `name`; raises NotFound."""
    role = find_role(name)
    if role is None:
        raise NotFound(_("There is no role called %(name)s.", name=name))
    return role


def list_roles() -> Sequence[Role]:
    """Return all roles with what they allow, the most powerful first."""
    return (
        current_session()
        .scalars(select(Role).options(selectinload(Role.grants)).order_by(Role.position, Role.name))
        .all()
    )


def count_people_by_role() -> dict[int, int]:
    """Return how many people hold each role, by the role's id."""
    rows = current_session().execute(select(roles_users.c.role_id, func.count()).group_by(roles_users.c.role_id))
    return dict(rows.all())


@dataclass(frozen=True)
class ExplainedRight:
    """A permission in words, and how far a role holds it: `all`, `own` or None (not at all)."""

    permission: str
    sentence: LazyString
    extent: str | None


def get_role_explained(role: Role) -> dict[str, list[ExplainedRight]]:
    """Return everything there is to allow, by area (`content`, `media` …), and how far `role` allows it."""
    rights = role.rights
    explained: dict[str, list[ExplainedRight]] = {}
    for item in registry:
        area = item.name.partition(":")[0]
        explained.setdefault(area, []).append(ExplainedRight(item.name, item.sentence, _extent_held(item, rights)))
    return explained


def _extent_held(item: Permission, rights: frozenset[Grant]) -> str | None:
    if Grant(item.name, ALL) in rights:
        return ALL
    return next((extent for extent in item.extents if Grant(item.name, extent) in rights), None)


def list_sign_ins(user: User) -> Sequence[SignIn]:
    """Return where a person is signed in, the browser last used first."""
    return (
        current_session()
        .scalars(
            select(SignIn)
            .where(SignIn.user_id == user.id, SignIn.expires_at > utcnow())
            .order_by(SignIn.last_seen_at.desc())
        )
        .all()
    )
