"""Making a group of people."""

from __future__ import annotations

from collections.abc import Iterable

from cms.accounts.locks import lock_people
from cms.accounts.models import Group, Role
from cms.accounts.policies import may_assign_roles, may_edit_groups
from cms.accounts.role_events import GroupCreated
from cms.accounts.role_fields import read_description, read_each, read_group_name
from cms.accounts.snapshots import group_values
from cms.core.db import current_session
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require


def create_group(
    *, name: object, description: object = "", roles: Iterable[Role] = (), key: int | None = None, by: Actor
) -> Group:
    """Make a group whose members hold `roles` together, and return it; nobody is in it yet.

    `key` is the id that it had, where it comes back; another that has it meanwhile keeps it. Raises Forbidden for a
    role with more than whoever acts holds, and Invalid naming the fields that cannot be taken.
    """
    lock_people(by=by)
    chosen = list(dict.fromkeys(roles))
    require(
        may_edit_groups(by) and may_assign_roles(by, chosen),
        _("You may make groups only with roles whose rights you all hold yourself."),
    )
    read = read_each(
        name=lambda: read_group_name(name),
        description=lambda: read_description(description),
    )
    group = Group(name=read["name"], description=read["description"], roles=chosen)
    session = current_session()
    if key is not None and session.get(Group, key) is None:
        group.id = key
    session.add(group)
    session.flush()
    record(GroupCreated(group.id, group.name, group_values(group), by.id))
    return group
