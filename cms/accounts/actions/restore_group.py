"""Bringing back a group that was deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from cms.accounts.actions.change_members import change_members
from cms.accounts.actions.create_group import create_group
from cms.accounts.models import Group, Role, User
from cms.core.db import current_session
from cms.core.errors import Conflict
from cms.core.i18n import _
from cms.core.permissions import Actor


def restore_group(group_id: int | None, before: Mapping[str, Any], *, by: Actor) -> Group:
    """Make the group that `before` tells of again, with those members who are there, and return it.

    Raises Forbidden for a group or people with more than whoever acts holds, Conflict when one of its roles is gone,
    and Invalid when its name would pass for another's now.
    """
    session = current_session()
    roles = {role.name: role for role in session.scalars(select(Role).where(Role.name.in_(before["roles"])))}
    if set(roles) != set(before["roles"]):
        raise Conflict(_("One of the roles of before does not exist any more."))
    chosen = [roles[name] for name in before["roles"]]
    group = create_group(name=before["name"], description=before["description"], roles=chosen, key=group_id, by=by)
    members = session.scalars(select(User).where(User.id.in_(before["members"]))).all()
    change_members(group, join=members, by=by)
    return group
