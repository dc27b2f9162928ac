"""One change of rights at a time, so that the site never ends up without an admin."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.exc import InvalidRequestError

from cms.accounts.models import Role, User, roles_users
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


def _is_there(person: User) -> bool:
    try:
        current_session().refresh(person)
    except InvalidRequestError:
        return False
    return True


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
