"""One change of rights at a time, so that the site never ends up without an admin."""

from __future__ import annotations

from sqlalchemy import func, select

from cms.accounts.models import Role, User, roles_users
from cms.accounts.roles import ADMIN
from cms.core.db import current_session
from cms.core.errors import Conflict
from cms.core.i18n import _


def lock_people() -> None:
    """Wait until nobody else changes rights, then forget what was read before; within a transaction.

    PostgreSQL locks the row of the admin role; SQLite's writing transactions wait for each other anyway.
    """
    session = current_session()
    session.flush()
    session.execute(select(Role.id).where(Role.name == ADMIN).with_for_update())
    session.expire_all()


def count_admins_besides(user: User) -> int:
    """Count the other active admins who can sign in; one who has not accepted an invitation cannot."""
    admins = (
        select(func.count(User.id))
        .join(roles_users, roles_users.c.user_id == User.id)
        .join(Role, Role.id == roles_users.c.role_id)
        .where(Role.name == ADMIN, User.active.is_(True), User.password.is_not(None), User.id != user.id)
    )
    return current_session().scalar(admins) or 0


def keep_an_admin(user: User) -> None:
    """Raise Conflict if `user` is the last active admin, who is about to stop being one."""
    if user.active and ADMIN in user.role_names and count_admins_besides(user) == 0:
        raise Conflict(_("%(name)s is the last active admin. Make somebody else an admin first.", name=user.name))
