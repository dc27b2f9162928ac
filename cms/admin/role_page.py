"""What the pages of roles show: the list, one role, two side by side, and what goes with one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import url_for

from cms.accounts import policies
from cms.accounts.models import Role, User
from cms.accounts.permission_groups import grouped
from cms.accounts.places import Place, known_places
from cms.accounts.queries import count_people_by_role, list_holders, list_holding_groups, list_roles
from cms.accounts.rights import describe_extents, extents_by_permission
from cms.accounts.roles import ADMIN, find_default, role_description, role_label
from cms.admin.confirming import Confirm, Line, Pick
from cms.core.errors import Forbidden
from cms.core.i18n import Text, _, _n
from cms.core.permissions import Permission

#: People who are named on the page of a role; the others are behind a link.
NAMED = 20


@dataclass(frozen=True)
class RoleLine:
    """A role in the list."""

    label: str
    description: str
    address: str
    rights: int
    people: int
    people_address: str | None
    requires_second_factor: bool
    is_default: bool


@dataclass(frozen=True)
class Right:
    """A permission as the table shows it; `extent` is empty for what the role does not allow."""

    sentence: Text
    extent: str
    name: str


@dataclass(frozen=True)
class RightGroup:
    """The permissions of one area."""

    label: Text
    rights: Sequence[Right]


@dataclass(frozen=True)
class Named:
    """A person or a group, and their page where the reader may see it."""

    label: str
    address: str | None


@dataclass(frozen=True)
class RoleDetail:
    """The page of one role."""

    role: RoleLine
    is_admin: bool
    groups: Sequence[RightGroup]
    holders: Sequence[Named]
    holding_groups: Sequence[Named]
    more: int
    edit_address: str | None
    copy_address: str | None
    delete_address: str | None
    compare_address: str
    back: str


@dataclass(frozen=True)
class ComparedRight:
    """A permission of which two roles hold different extents (or the same)."""

    sentence: Text
    one: str
    other: str
    differs: bool


@dataclass(frozen=True)
class ComparedGroup:
    """The permissions of one area, compared."""

    label: Text
    rights: Sequence[ComparedRight]


@dataclass(frozen=True)
class Comparison:
    """Two roles side by side; None while they are to be chosen."""

    options: Sequence[tuple[str, str]]
    one: RoleLine | None
    other: RoleLine | None
    one_name: str
    other_name: str
    groups: Sequence[ComparedGroup]
    same: int
    back: str


def role_lines(roles: Sequence[Role], me: User) -> list[RoleLine]:
    """Return the rows of the list."""
    people = count_people_by_role()
    return [_line(role, people.get(role.id, 0), me) for role in roles]


def _line(role: Role, people: int, me: User | None) -> RoleLine:
    seen = policies.may_list_people(me)
    return RoleLine(
        role_label(role),
        role_description(role),
        url_for("admin_roles.show", name=role.name),
        len(extents_by_permission(role.rights)),
        people,
        url_for("admin_users.index_view", view="everybody", role=role.name) if seen else None,
        role.requires_second_factor,
        find_default(role) is not None,
    )


def role_detail(role: Role, me: User) -> RoleDetail:
    """Return the page of a role as `me` sees it."""
    number = count_people_by_role().get(role.id, 0)
    seen = policies.may_list_people(me)
    may_edit = policies.may_edit_role(me, role)
    holders = [Named(user.name, url_for("admin_users.edit_view", key=user.id)) for user in list_holders(role, NAMED)]
    groups = [Named(group.name, url_for("admin_groups.edit_view", key=group.id)) for group in list_holding_groups(role)]
    may_delete = may_edit and find_default(role) is None
    return RoleDetail(
        role=_line(role, number, me),
        is_admin=role.name == ADMIN,
        groups=_explained(role, known_places()),
        holders=holders if seen else [],
        holding_groups=groups if seen else [],
        more=max(0, number - len(holders)),
        edit_address=url_for("admin_roles.edit", name=role.name) if may_edit else None,
        copy_address=url_for("admin_roles.create_view", copy=role.name) if may_edit else None,
        delete_address=url_for("admin_roles.delete_view", key=role.name) if may_delete else None,
        compare_address=url_for("admin_roles.compare", a=role.name),
        back=url_for("admin_roles.index_view"),
    )


def _explained(role: Role, places: Mapping[str, Place]) -> list[RightGroup]:
    held = extents_by_permission(role.rights)

    def right(item: Permission) -> Right:
        return Right(item.sentence, describe_extents(held.get(item.name, ()), places), item.name)

    return [RightGroup(label, [right(item) for item in items]) for label, items in grouped()]


def comparison(roles: Sequence[Role], one: str, other: str) -> Comparison:
    """Return two of `roles` side by side, only what differs; nothing while one is not chosen."""
    options = [(role.name, role_label(role)) for role in roles]
    chosen = {role.name: role for role in roles}
    people = count_people_by_role()
    lines = {name: _line(chosen[name], people.get(chosen[name].id, 0), None) for name in (one, other) if name}
    groups, same = list[ComparedGroup](), 0
    if one and other:
        places = known_places()
        left, right = extents_by_permission(chosen[one].rights), extents_by_permission(chosen[other].rights)
        for label, items in grouped():
            rights = [
                ComparedRight(
                    item.sentence,
                    describe_extents(left.get(item.name, ()), places),
                    describe_extents(right.get(item.name, ()), places),
                    left.get(item.name) != right.get(item.name),
                )
                for item in items
            ]
            same += sum(not row.differs for row in rights)
            if any(row.differs for row in rights):
                groups.append(ComparedGroup(label, [row for row in rights if row.differs]))
    back = url_for("admin_roles.index_view")
    return Comparison(options, lines.get(one), lines.get(other), one, other, groups, same, back)


def deletion(role: Role, me: User) -> Confirm:
    """Return the page that says what goes with a role; raises Forbidden for one that stays, or holds too much."""
    if find_default(role) is not None:
        raise Forbidden(_("This role came with Masthead and stays. Take it from people instead."))
    if not policies.may_edit_role(me, role):
        raise Forbidden(_("You may delete only roles whose rights you all hold yourself. An admin can."))
    people = count_people_by_role().get(role.id, 0)
    names = ", ".join(user.name for user in list_holders(role, 8))
    groups = list_holding_groups(role)
    show, label = url_for("admin_roles.show", name=role.name), role_label(role)
    others = [
        (other.name, role_label(other))
        for other in list_roles()
        if other.id != role.id and policies.may_assign_roles(me, [other])
    ]
    lines = [
        Line(
            _("The role goes, and every right that comes from it alone"),
            _n("It allows one thing.", "It allows %(num)s things.", len(extents_by_permission(role.rights))),
        )
    ]
    if people:
        amount = _n("%(num)s person", "%(num)s people", people)
        lines.append(Line(_("Its people lose it at their next click"), names, amount, warn=True))
    if groups:
        listed = ", ".join(group.name for group in groups)
        lines.append(Line(_("Groups lose it"), listed, _n("%(num)s group", "%(num)s groups", len(groups)), warn=True))
    if not people and not groups:
        lines.append(Line(_("Nobody holds it"), kept=True))
    pick = Pick(
        "replacement",
        _("What they hold instead"),
        [("", _("Nothing in its place")), *reversed(others)],
        _("People and groups that hold this role get the one you choose."),
    )
    return Confirm(
        title=_("Delete the role “%(name)s”?", name=label),
        trail=[(_("Roles"), url_for("admin_roles.index_view")), (label, show)],
        verb=_("Delete the role"),
        lines=lines,
        address=url_for("admin_roles.delete_view", key=role.name),
        back=show,
        keep=_("Keep it"),
        choices=[pick] if people or groups else [],
        undo=_("An admin can take this back from the record of acts."),
    )
