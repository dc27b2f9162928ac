"""Bringing back a role that was deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, insert, select

from cms.accounts.locks import keep_admins, lock_people
from cms.accounts.models import Group, Role, User, group_roles, roles_users
from cms.accounts.policies import may_assign_roles, may_grant
from cms.accounts.rights import from_words
from cms.accounts.role_events import RoleRestored
from cms.accounts.role_fields import read_label
from cms.accounts.roles import set_rights
from cms.accounts.snapshots import role_holders, role_values
from cms.core.db import current_session
from cms.core.errors import Conflict
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require


def restore_role(role_id: int, before: Mapping[str, Any], after: Mapping[str, Any] | None = None, *, by: Actor) -> Role:
    """Make the role that `before` tells of again, held by those who held it, as far as they are there, and return it.

    What they were given in its place (`after`, see RoleDeleted) is taken from them. Raises Forbidden for a role with
    more than whoever acts holds, Conflict when another role has its name, the replacement was deleted meanwhile or
    nobody would be an admin any more, and Invalid when its name would pass for another's now.
    """
    lock_people(by=by)
    session = current_session()
    rights = from_words(before["rights"])
    sentence = _("You may bring back only roles whose rights you all hold yourself.")
    require(may_grant(by, rights), sentence)
    if session.scalar(select(Role.id).where(Role.name == before["name"])) is not None:
        raise Conflict(_("There is a role called %(name)s again. Nothing was changed.", name=before["label"]))
    free = session.get(Role, role_id) is None
    role = Role(
        name=before["name"],
        label=read_label(before["label"]),
        description=before["description"],
        requires_second_factor=before["requires_second_factor"],
        offered=[],
        grants=[],
    )
    if free:
        role.id = role_id
    session.add(role)
    set_rights(role, rights)
    session.flush()
    _give_back(role, before)
    require(not (before["people"] or before["groups"]) or may_assign_roles(by, [role]), sentence)
    if after and after.get("replacement"):
        with keep_admins():
            _take_replacement(after, by)
    session.flush()
    session.expire_all()
    record(RoleRestored(role.id, role.name, {**role_values(role), **role_holders(role)}, by.id))
    return role


def _give_back(role: Role, before: Mapping[str, Any]) -> None:
    session = current_session()
    people = session.scalars(select(User.id).where(User.id.in_(before["people"]))).all()
    groups = session.scalars(select(Group.id).where(Group.id.in_(before["groups"]))).all()
    if people:
        session.execute(insert(roles_users), [{"user_id": key, "role_id": role.id} for key in people])
    if groups:
        session.execute(insert(group_roles), [{"group_id": key, "role_id": role.id} for key in groups])


def _take_replacement(after: Mapping[str, Any], by: Actor) -> None:
    session = current_session()
    given = session.scalar(select(Role).where(Role.name == after["replacement"]))
    if given is None:
        raise Conflict(_("The role that took its place is not there any more. Nothing was changed."))
    require(may_assign_roles(by, [given]), _("You may take only roles whose rights you all hold yourself."))
    session.execute(
        delete(roles_users).where(roles_users.c.role_id == given.id, roles_users.c.user_id.in_(after["people"]))
    )
    session.execute(
        delete(group_roles).where(group_roles.c.role_id == given.id, group_roles.c.group_id.in_(after["groups"]))
    )
