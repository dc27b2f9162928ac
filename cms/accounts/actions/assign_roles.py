"""Giving people roles and taking them away."""

from __future__ import annotations

from collections.abc import Iterable

from cms.accounts.events import RolesChanged
from cms.accounts.locks import holds_role, keep_an_admin, lock_people
from cms.accounts.models import Role, User
from cms.accounts.policies import may_change_roles
from cms.accounts.roles import ADMIN
from cms.core.db import current_session
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require


def assign_roles(user: User, roles: Iterable[Role], *, by: Actor) -> None:
    """Let `user` hold exactly `roles` from their next request on.

    Nobody gives or takes a right they lack, nor touches somebody who holds more than they do (Forbidden), and
    the last active admin stays one (Conflict).
    """
    lock_people(user, by=by)
    wanted = list(dict.fromkeys(roles))
    before = list(user.roles)
    changed = [role for role in wanted if role not in before] + [role for role in before if role not in wanted]
    require(
        may_change_roles(by, user, changed),
        _("You may give and take only roles whose rights you all hold yourself. An admin can help."),
    )
    if not changed:
        return
    if ADMIN not in {role.name for role in wanted} and not holds_role(user, ADMIN, by_group_only=True):
        keep_an_admin(user)
    user.roles = wanted
    session = current_session()
    session.flush()
    session.expire(user, ["held", "roles"])
    names = tuple(role.name for role in before)
    record(RolesChanged(user.id, names, tuple(role.name for role in wanted), by.id))


def add_role(user: User, role: Role, *, by: Actor) -> None:
    """Let `user` hold `role` as well; see `assign_roles`."""
    assign_roles(user, [*user.roles, role], by=by)


def remove_role(user: User, role: Role, *, by: Actor) -> None:
    """Take `role` from `user`; see `assign_roles`."""
    assign_roles(user, [held for held in user.roles if held is not role], by=by)
