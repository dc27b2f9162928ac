"""Roles in the back office: read, and explained. They are given to people on the page of a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import url_for
from flask_admin import expose
from flask_wtf import FlaskForm

from cms.accounts import policies
from cms.accounts.models import Role
from cms.accounts.queries import ExplainedRight, count_people_by_role, get_role, get_role_explained, list_roles
from cms.accounts.roles import role_description, role_label
from cms.admin.access import person
from cms.admin.base import Answer, ServiceModelView
from cms.core.errors import Forbidden, NotFound
from cms.core.i18n import Text, _
from cms.core.permissions import permission

_AREAS: dict[str, Text] = {
    "content": _("Posts, pages and terms"),
    "media": _("Media"),
    "comments": _("Comments"),
    "accounts": _("People and the back office"),
    "settings": _("Settings"),
}
_EXTENTS: dict[str, Text] = {"all": _("All"), "own": _("Their own")}


@dataclass(frozen=True)
class RoleLine:
    """A role in the list."""

    label: str
    description: str
    address: str
    rights: int
    people: int
    people_address: str | None


@dataclass(frozen=True)
class Right:
    """A permission as the table shows it; `extent` is empty for what the role does not allow."""

    sentence: Text
    extent: Text
    name: str


@dataclass(frozen=True)
class RightGroup:
    """The permissions of one area."""

    label: Text
    rights: Sequence[Right]


class RoleView(ServiceModelView):
    """The list of roles, and what one of them allows. Nothing here is written."""

    form = FlaskForm
    column_list = ("name", "label")
    can_create = False
    can_edit = False
    can_delete = False
    permissions: ClassVar[Mapping[str, str]] = {"index_view": policies.VIEW_ROLES}

    def list_page(self) -> Answer:
        """Render the roles, the most powerful first."""
        people = count_people_by_role()
        return self.render("admin/roles.html", rows=[_line(role, people) for role in list_roles()])

    @expose("/<name>/")
    @permission(policies.VIEW_ROLES)
    def show(self, name: str) -> Answer:
        """Explain what a role allows, in words."""
        role = get_role(name)
        explained = get_role_explained(role)
        groups = [
            RightGroup(_AREAS.get(area, area), [_right(right) for right in explained[area]])
            for area in [*(known for known in _AREAS if known in explained), *(explained.keys() - _AREAS.keys())]
        ]
        line = _line(role, count_people_by_role())
        return self.render("admin/role.html", role=line, groups=groups, back=self.get_url(".index_view"))

    def create_view(self) -> Answer:
        """Roles come with the product: nobody makes one here."""
        raise NotFound

    def edit_view(self, key: str) -> Answer:
        """Roles are read here."""
        raise NotFound

    def delete_view(self, key: str) -> Answer:
        """Roles stay."""
        raise NotFound

    def action_view(self) -> Answer:
        """Nothing is done with several roles at once."""
        raise Forbidden(_("Roles are read here; they are given on the page of a person."))

    def get_one(self, id: Any) -> Role:  # noqa: A002 -- the name Flask-Admin calls it by
        """Return the role with that name; NotFound otherwise."""
        return get_role(str(id))


def _line(role: Role, people: Mapping[int, int]) -> RoleLine:
    address = url_for("admin_users.index_view", role=role.name) if policies.may_list_people(person()) else None
    return RoleLine(
        role_label(role),
        role_description(role),
        url_for("admin_roles.show", name=role.name),
        len(role.rights),
        people.get(role.id, 0),
        address,
    )


def _right(right: ExplainedRight) -> Right:
    return Right(right.sentence, _EXTENTS.get(right.extent, right.extent) if right.extent else "", right.permission)
