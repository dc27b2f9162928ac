"""Deleting a group of people."""

from __future__ import annotations

from cms.accounts.locks import keep_admins, lock_people
from cms.accounts.models import Group
from cms.accounts.policies import holds_all, may_edit_group
from cms.accounts.queries import rights_of_members
from cms.accounts.role_events import GroupDeleted
from cms.accounts.snapshots import group_values, member_ids
from cms.core.db import current_session
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require


def delete_group(group: Group, *, by: Actor) -> None:
    """Delete a group; its members lose the roles that they held through it alone.

    Raises Forbidden for a group, or members, with more than whoever acts holds, and Conflict when nobody would be
    an admin any more.
    """
    lock_people(by=by)
    require(may_edit_group(by, group), _("You may delete only groups whose rights you all hold yourself."))
    require(
        holds_all(by, rights_of_members(group)),
        _("Somebody in this group holds more than you do. An admin can delete it."),
    )
    event = GroupDeleted(group.id, group.name, {**group_values(group), "members": member_ids(group)}, by.id)
    session = current_session()
    with keep_admins():
        session.delete(group)
        session.flush()
    session.expire_all()
    record(event)
