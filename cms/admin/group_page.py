"""What the pages of groups show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for

from cms.accounts import policies
from cms.accounts.lists import PersonFilter, list_people
from cms.accounts.models import Group, Role, User
from cms.accounts.queries import count_members, list_groups, list_members, list_roles
from cms.accounts.roles import ADMIN, role_description, role_label
from cms.accounts.snapshots import member_ids
from cms.admin.confirming import Confirm, Line
from cms.core.errors import Forbidden
from cms.core.i18n import Text, _, _n

#: Members that are shown on the page; more are found by the search of the list of people.
MOST_MEMBERS = 200
_FOUND = 10


@dataclass(frozen=True)
class RoleTag:
    """A role as a tag; the admin's is strong."""

    label: str
    strong: bool


@dataclass(frozen=True)
class RoleBox:
    """A role to tick; `may` is whether the signed-in person may give and take it."""

    name: str
    label: str
    description: str
    ticked: bool
    may: bool


@dataclass(frozen=True)
class GroupRow:
    """A group in the list."""

    name: str
    description: str
    address: str
    roles: Sequence[RoleTag]
    people: int
    people_address: str


@dataclass(frozen=True)
class GroupList:
    """The list of groups."""

    rows: Sequence[GroupRow]
    new_address: str | None
    back: str


@dataclass(frozen=True)
class Member:
    """Somebody in a group, or somebody who could be; `may` is whether the reader may change that."""

    user: User
    address: str
    roles: str
    may: bool


@dataclass(frozen=True)
class GroupPage:
    """The page of one group besides its form."""

    may_edit: bool
    members: Sequence[Member]
    more: int
    words: str
    found: Sequence[Member]
    members_address: str
    people_address: str
    delete_address: str | None


def role_tags(roles: Sequence[Role]) -> list[RoleTag]:
    """Return roles as tags."""
    return [RoleTag(role_label(role), role.name == ADMIN) for role in roles]


def role_boxes(me: User, ticked: set[str]) -> list[RoleBox]:
    """Return every role as a box to tick."""
    return [
        RoleBox(
            role.name,
            role_label(role),
            role_description(role),
            role.name in ticked,
            policies.may_assign_roles(me, [role]),
        )
        for role in list_roles()
    ]


def group_rows(me: User) -> GroupList:
    """Return the list of groups."""
    members = count_members()
    rows = [
        GroupRow(
            group.name,
            group.description,
            url_for("admin_groups.edit_view", key=group.id),
            role_tags(group.roles),
            members.get(group.id, 0),
            url_for("admin_users.index_view", view="everybody", group=group.id),
        )
        for group in list_groups()
    ]
    new = url_for("admin_groups.create_view") if policies.may_edit_groups(me) else None
    return GroupList(rows, new, url_for("admin_users.index_view"))


def group_page(group: Group, me: User, words: str) -> GroupPage:
    """Return the page of a group; `words` search for people to take in."""
    may_edit = policies.may_edit_group(me, group)
    inside = set(member_ids(group))
    found: list[User] = []
    if words and may_edit:
        batch = list_people(PersonFilter(search=words), user=me, limit=_FOUND + min(len(inside), 100), rights=True)
        found = [user for user in batch if user.id not in inside][:_FOUND]
    members = list_members(group, MOST_MEMBERS)
    return GroupPage(
        may_edit,
        [_member(group, user, me) for user in members],
        len(inside) - len(members),
        words,
        [_member(group, user, me) for user in found],
        url_for("admin_groups.members", key=group.id),
        url_for("admin_users.index_view", view="everybody", group=group.id),
        url_for("admin_groups.delete_view", key=group.id) if may_edit else None,
    )


def _member(group: Group, user: User, me: User) -> Member:
    return Member(
        user,
        url_for("admin_users.edit_view", key=user.id),
        ", ".join(role_label(role) for role in user.roles),
        policies.may_change_member(me, group, user),
    )


def group_deletion(group: Group, me: User) -> Confirm:
    """Return the page that says what goes with a group; raises Forbidden for one that holds too much."""
    if not policies.may_edit_group(me, group):
        raise Forbidden(_("You may delete only groups whose rights you all hold yourself. An admin can."))
    members = list_members(group, 8)
    number = count_members().get(group.id, 0)
    page = url_for("admin_groups.edit_view", key=group.id)
    names = ", ".join(user.name for user in members)
    roles = ", ".join(role_label(role) for role in group.roles)
    lines = [Line(_("The group goes"), group.description)]
    if number:
        amount: Text = _n("%(num)s person", "%(num)s people", number)
        lines.append(Line(_("Its members lose what they hold through it alone"), names, amount, warn=bool(roles)))
    if roles:
        lines.append(Line(_("Nobody holds these roles through it any more"), roles))
    lines.append(Line(_("Accounts stay, with the roles that people hold by themselves"), kept=True))
    return Confirm(
        title=_("Delete the group “%(name)s”?", name=group.name),
        trail=[(_("Groups"), url_for("admin_groups.index_view")), (group.name, page)],
        verb=_("Delete the group"),
        lines=lines,
        address=url_for("admin_groups.delete_view", key=group.id),
        back=page,
        keep=_("Keep it"),
        undo=_("An admin can take this back from the record of acts."),
    )
