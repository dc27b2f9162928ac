"""Changing what a group is called, and which roles its members hold."""

from __future__ import annotations

from collections.abc import Iterable

from cms.accounts.locks import keep_admins, lock_people
from cms.accounts.models import Group, Role
from cms.accounts.policies import holds_all, may_assign_roles, may_edit_group
from cms.accounts.queries import rights_of_members
from cms.accounts.role_events import GroupEdited
from cms.accounts.role_fields import read_description, read_each, read_group_name
from cms.accounts.snapshots import differing, group_values
from cms.core.db import current_session
from cms.core.errors import Conflict
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require
from cms.lib.clock import utcnow


def edit_group(
    group: Group,
    *,
    name: object,
    description: object,
    roles: Iterable[Role],
    version: int | None = None,
    by: Actor,
) -> None:
    """Change a group; other roles hold at the next request of its members.

    Raises Forbidden for roles with more than whoever acts holds, and for other roles of members who hold more,
    Conflict when somebody changed the group since `version` and when nobody would be an admin, and Invalid.
    """
    lock_people(by=by)
    wanted = list(dict.fromkeys(roles))
    require(
        may_edit_group(by, group) and may_assign_roles(by, wanted),
        _("You may change groups only as far as you hold all their rights yourself."),
    )
    if version is not None and version != group.version:
        raise Conflict(_("Somebody else changed this group meanwhile. What you entered is kept; look, and save again."))
    read = read_each(
        name=lambda: read_group_name(name, of=group),
        description=lambda: read_description(description),
    )
    before = group_values(group)
    if set(wanted) != set(group.roles):
        require(
            holds_all(by, rights_of_members(group)),
            _("Somebody in this group holds more than you do. An admin can change its roles."),
        )
    with keep_admins():
        group.name, group.description = read["name"], read["description"]
        group.roles = wanted
        group.updated_at = utcnow()
    current_session().expire(group, ["roles"])
    was, now = differing(before, group_values(group))
    if now:
        record(GroupEdited(group.id, group.name, was, now, by.id))
