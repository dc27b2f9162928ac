"""How acts on roles, groups and accounts that go are kept, and taken back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from cms.accounts import role_events as events
from cms.accounts.actions.change_members import change_members
from cms.accounts.actions.delete_group import delete_group
from cms.accounts.actions.delete_role import delete_role
from cms.accounts.actions.edit_group import edit_group
from cms.accounts.actions.edit_role import edit_role
from cms.accounts.actions.invite_user import invite_user
from cms.accounts.actions.restore_group import restore_group
from cms.accounts.actions.restore_role import restore_role
from cms.accounts.locks import lock_people
from cms.accounts.models import Group, Role, User
from cms.accounts.rights import from_words
from cms.accounts.snapshots import group_values, member_ids, role_holders, role_values
from cms.core.db import current_session
from cms.core.errors import Conflict, NotFound
from cms.core.i18n import _
from cms.core.permissions import Actor
from cms.core.trail import Act, Trace, keep


def _role_trace(event: Any) -> Trace:
    before = getattr(event, "before", {})
    role = current_session().get(Role, event.role_id)
    title = role.label if role is not None else before.get("label", event.name)
    return Trace("role", event.role_id, str(title), before, event.after, event.by_id)


def _group_trace(event: Any) -> Trace:
    before, after = getattr(event, "before", {}), getattr(event, "after", {})
    return Trace("group", event.group_id, event.name, before, after, event.by_id)


def _members_trace(event: events.GroupMembersChanged) -> Trace:
    about = (*event.joined, *event.left)
    before, after = {"left": list(event.left)}, {"joined": list(event.joined)}
    return Trace("group", event.group_id, event.name, before, after, event.by_id, about)


def _person_trace(event: events.InvitationWithdrawn) -> Trace:
    after = {"deleted": event.deleted}
    return Trace("user", event.user_id, event.name, event.before, after, event.by_id, (event.user_id,))


def _merge_trace(event: events.UserMerged) -> Trace:
    after = {**event.after, "into_id": event.into_id}
    about = (event.user_id, event.into_id)
    return Trace("user", event.user_id, event.name, event.before, after, event.by_id, about)


def _export_trace(event: events.PeopleExported) -> Trace:
    after = {"form": event.form, "people": event.number, **event.narrowed}
    return Trace("people", None, "", {}, after, event.by_id)


def _moved_on() -> Conflict:
    return Conflict(_("This was changed again since. Nothing was changed; change what you mean to by hand."))


def _find_role(trace: Trace, by: Actor) -> Role:
    """Return the role of the trace; NotFound when it is gone, Conflict when it is not as the act left it."""
    lock_people(by=by)
    role = current_session().get(Role, trace.subject_id)
    if role is None:
        raise NotFound(_("This role is gone."))
    now = role_values(role)
    if any(now[name] != value for name, value in trace.after.items() if name in now):
        raise _moved_on()
    return role


def undo_edit(trace: Trace, by: Actor) -> None:
    """Give a role back exactly the name, the rights and the rest that it had."""
    role = _find_role(trace, by)
    was = {**role_values(role), **trace.before}
    edit_role(
        role,
        label=was["label"],
        description=was["description"],
        requires_second_factor=was["requires_second_factor"],
        rights=from_words(was["rights"]),
        by=by,
    )


def undo_create(trace: Trace, by: Actor) -> None:
    """Delete a role that was made, as long as nobody holds it."""
    role = _find_role(trace, by)
    if any(role_holders(role).values()):
        raise Conflict(_("Somebody holds this role by now. Delete it on its page, where you choose what they get."))
    delete_role(role, by=by)


def undo_delete(trace: Trace, by: Actor) -> None:
    """Make a deleted role again, exactly, with those who held it."""
    if trace.subject_id is None:
        raise NotFound(_("This role is gone."))
    restore_role(trace.subject_id, trace.before, trace.after, by=by)


def _find_group(trace: Trace, by: Actor) -> Group:
    lock_people(by=by)
    group = current_session().get(Group, trace.subject_id)
    if group is None:
        raise NotFound(_("This group is gone."))
    now = group_values(group)
    if any(now[name] != value for name, value in trace.after.items() if name in now):
        raise _moved_on()
    return group


def undo_group_edit(trace: Trace, by: Actor) -> None:
    """Give a group back exactly the name and the roles that it had."""
    group = _find_group(trace, by)
    was = {**group_values(group), **trace.before}
    roles = {role.name: role for role in current_session().scalars(select(Role).where(Role.name.in_(was["roles"])))}
    if set(roles) != set(was["roles"]):
        raise Conflict(_("One of the roles of before does not exist any more."))
    chosen = [roles[name] for name in was["roles"]]
    edit_group(group, name=was["name"], description=was["description"], roles=chosen, by=by)


def undo_group_create(trace: Trace, by: Actor) -> None:
    """Delete a group that was made, as long as nobody is in it."""
    group = _find_group(trace, by)
    if member_ids(group):
        raise Conflict(_("Somebody is in this group by now. Delete it on its page."))
    delete_group(group, by=by)


def undo_members(trace: Trace, by: Actor) -> None:
    """Have those leave who joined, and those join who left."""
    group = _find_group(Trace("group", trace.subject_id), by)
    inside = set(member_ids(group))
    joined, left = set(trace.after.get("joined", ())), set(trace.before.get("left", ()))
    if not joined <= inside or left & inside:
        raise _moved_on()
    people = {user.id: user for user in current_session().scalars(select(User).where(User.id.in_(joined | left)))}
    back = [people[key] for key in left if key in people]
    change_members(group, join=back, leave=[people[key] for key in joined], by=by)


def undo_group_delete(trace: Trace, by: Actor) -> None:
    """Make a deleted group again, with its roles and those of its members who are there."""
    restore_group(trace.subject_id, trace.before, by=by)


def undo_withdrawal(trace: Trace, by: Actor) -> None:
    """Invite somebody again whose invitation was taken back, with the roles and groups of then."""
    session, before = current_session(), trace.before
    if not trace.after.get("deleted"):
        raise Conflict(_("The account is still there. Invite the person again on their page."))
    roles = session.scalars(select(Role).where(Role.name.in_(before["roles"]))).all()
    groups = session.scalars(select(Group).where(Group.id.in_(before["groups"]))).all()
    if len(roles) != len(before["roles"]) or len(groups) != len(before["groups"]):
        raise Conflict(_("A role or group of before does not exist any more. Invite the person anew."))
    user = invite_user(email=before["email"], name=before["name"], roles=roles, by=by)
    for group in groups:
        change_members(group, join=[user], by=by)


keep(events.RoleCreated, Act("role.created", _("made the role %(title)s"), _role_trace, undo_create))
keep(events.RoleEdited, Act("role.edited", _("changed the role %(title)s"), _role_trace, undo_edit))
keep(events.RoleDeleted, Act("role.deleted", _("deleted the role %(title)s"), _role_trace, undo_delete))
keep(
    events.RoleRestored,
    Act(
        "role.restored",
        _("brought back the role %(title)s"),
        _role_trace,
        final=_("Delete the role on its page, where you choose what its people get."),
    ),
)
keep(events.GroupCreated, Act("group.created", _("made the group %(title)s"), _group_trace, undo_group_create))
keep(events.GroupEdited, Act("group.edited", _("changed the group %(title)s"), _group_trace, undo_group_edit))
keep(
    events.GroupMembersChanged,
    Act("group.members_changed", _("changed who is in the group %(title)s"), _members_trace, undo_members),
)
keep(events.GroupDeleted, Act("group.deleted", _("deleted the group %(title)s"), _group_trace, undo_group_delete))
keep(
    events.InvitationWithdrawn,
    Act("user.invitation_withdrawn", _("took back the invitation of %(title)s"), _person_trace, undo_withdrawal),
)
keep(
    events.UserMerged,
    Act(
        "user.merged",
        _("merged the account of %(title)s with another"),
        _merge_trace,
        final=_("The account is gone with its password, and what it made belongs to the other. Invite the person."),
    ),
)
keep(
    events.PeopleExported,
    Act(
        "people.exported",
        _("took the list of people along"),
        _export_trace,
        final=_("What has left the house cannot be called back."),
    ),
)
