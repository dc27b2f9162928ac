"""Taking people into a group, and out of it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, insert

from cms.accounts.locks import keep_admins, lock_people
from cms.accounts.models import Group, User, groups_users
from cms.accounts.policies import may_change_member
from cms.accounts.role_events import GroupMembersChanged
from cms.accounts.snapshots import member_ids
from cms.core.db import current_session
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require


def change_members(group: Group, *, join: Iterable[User] = (), leave: Iterable[User] = (), by: Actor) -> None:
    """Take people into `group` and out of it; they hold its roles, or lose them, at their next request.

    Raises Forbidden for a group, or a person, with more than whoever acts holds, and Conflict when nobody would be
    an admin any more.
    """
    lock_people(by=by)
    inside = set(member_ids(group))
    joining = [user for user in dict.fromkeys(join) if user.id not in inside]
    leaving = [user for user in dict.fromkeys(leave) if user.id in inside and user not in joining]
    for user in (*joining, *leaving):
        require(
            may_change_member(by, group, user),
            _("You may change who is in a group only as far as you hold the rights of the group and of the person."),
        )
    if not joining and not leaving:
        return
    session = current_session()
    left = [user.id for user in leaving]
    joined = [user.id for user in joining]
    with keep_admins():
        if left:
            session.execute(
                delete(groups_users).where(groups_users.c.group_id == group.id, groups_users.c.user_id.in_(left))
            )
        if joined:
            session.execute(insert(groups_users), [{"group_id": group.id, "user_id": key} for key in joined])
    for user in (*joining, *leaving):
        session.expire(user, ["held"])
    record(GroupMembersChanged(group.id, group.name, tuple(joined), tuple(left), by.id))
