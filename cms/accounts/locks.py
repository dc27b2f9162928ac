"""One change of rights at a time, so that the site never ends up without an admin."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exists, func, or_, select
from sqlalchemy.exc import InvalidRequestError

from cms.accounts.models import Identity, Passkey, Role, User, every_role, group_roles, groups_users
from cms.accounts.roles import ADMIN
from cms.core.db import current_session
from cms.core.errors import Conflict, Forbidden, NotFound
from cms.core.i18n import _
from cms.core.permissions import Actor


def lock_people(user: User | None = None, *, by: Actor) -> None:
    """Wait until nobody else changes rights, then read `user` and who acts anew; within a transaction.

    PostgreSQL locks the row of the admin role; SQLite's writing transactions wait for each other anyway.
    Raises NotFound when `user` was deleted meanwhile, and Forbidden when whoever acts was.
    """
    session = current_session()
    session.flush()
    session.execute(select(Role.id).where(Role.name == ADMIN).with_for_update())
    session.expire_all()
    if user is not None and not _is_there(user):
        raise NotFound(_("This person's account was deleted just now."))
    if isinstance(by, User) and not _is_there(by):
        raise Forbidden


def hold_person(user: User, *, by: Actor) -> None:
    """Wait until nobody else changes `user` either, so that what is looked at now stays so; within a transaction.

    For changes that depend on how somebody is shown just now. Raises what `lock_people` raises.
    """
    lock_people(user, by=by)
    current_session().refresh(user, with_for_update=True)


def _is_there(person: User) -> bool:
    try:
        current_session().refresh(person)
    except InvalidRequestError:
        return False
    return True


def holds_role(user: User, name: str, *, by_group_only: bool = False) -> bool:
    """Tell whether `user` holds the role called `name`, by themselves or through a group."""
    if not by_group_only and name in user.role_names:
        return True
    through = (
        select(Role.id)
        .join(group_roles, group_roles.c.role_id == Role.id)
        .join(groups_users, groups_users.c.group_id == group_roles.c.group_id)
        .where(Role.name == name, groups_users.c.user_id == user.id)
    )
    return current_session().scalar(through.limit(1)) is not None


def count_admins_besides(user: User | None = None) -> int:
    """Count the (other) active admins who can sign in, those of groups too.

    One who has not accepted an invitation cannot; a passkey or an account elsewhere does as well as a password.
    """
    ways = [exists().where(way.user_id == User.id) for way in (Passkey, Identity)]
    may_sign_in = or_(User.password.is_not(None), *ways)
    admins = select(every_role.c.user_id).join(Role, Role.id == every_role.c.role_id).where(Role.name == ADMIN)
    query = select(func.count(User.id)).where(User.id.in_(admins), User.active.is_(True), may_sign_in)
    if user is not None:
        query = query.where(User.id != user.id)
    return current_session().scalar(query) or 0


def keep_an_admin(user: User) -> None:
    """Raise Conflict if `user` is the last active admin, who is about to stop being one."""
    if user.active and holds_role(user, ADMIN) and count_admins_besides(user) == 0:
        raise Conflict(_("%(name)s is the last active admin. Make somebody else an admin first.", name=user.name))


@contextmanager
def keep_admins() -> Iterator[None]:
    """Raise Conflict if what happens inside, to a group say, takes the last active admin."""
    before = count_admins_besides()
    yield
    current_session().flush()
    if before and count_admins_besides() == 0:
        raise Conflict(_("Nobody would be an admin any more. Make somebody an admin by themselves first."))
