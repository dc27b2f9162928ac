"""Deleting a role."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, insert

from cms.accounts.locks import lock_people
from cms.accounts.models import Role, group_roles, roles_users
from cms.accounts.policies import may_assign_roles, may_edit_role
from cms.accounts.role_events import RoleDeleted
from cms.accounts.roles import find_default
from cms.accounts.snapshots import role_holders, role_values
from cms.core.db import current_session
from cms.core.errors import Conflict
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require


def delete_role(role: Role, *, replacement: Role | None = None, by: Actor) -> None:
    """Delete a role; people and groups that held it hold `replacement` instead, or nothing in its place.

    Raises Forbidden for a role with more than whoever acts holds, and Conflict for one that came with the product.
    """
    lock_people(by=by)
    require(may_edit_role(by, role), _("You may delete only roles whose rights you all hold yourself."))
    if find_default(role) is not None:
        raise Conflict(_("This role came with Masthead and stays. Take it from people instead."))
    holders = role_holders(role)
    if replacement is not None:
        if replacement.id == role.id:
            raise Conflict(_("Choose another role to take its place."))
        require(may_assign_roles(by, [replacement]), _("You may give only roles whose rights you all hold yourself."))
    before = {**role_values(role), **holders}
    session = current_session()
    event_id, name = role.id, role.name
    after: dict[str, Any] = {"replacement": None, "people": [], "groups": []}
    if replacement is not None:
        known = role_holders(replacement)
        after["replacement"] = replacement.name
        after["people"] = [key for key in holders["people"] if key not in known["people"]]
        after["groups"] = [key for key in holders["groups"] if key not in known["groups"]]
        if after["people"]:
            session.execute(
                insert(roles_users), [{"user_id": key, "role_id": replacement.id} for key in after["people"]]
            )
        if after["groups"]:
            session.execute(
                insert(group_roles), [{"group_id": key, "role_id": replacement.id} for key in after["groups"]]
            )
    session.execute(delete(roles_users).where(roles_users.c.role_id == role.id))
    session.execute(delete(group_roles).where(group_roles.c.role_id == role.id))
    session.delete(role)
    session.flush()
    session.expire_all()
    record(RoleDeleted(event_id, name, before, after, by.id))
