"""Groups in the back office: people who hold the same roles together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from flask import redirect, request
from flask_admin import expose
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectMultipleField, StringField
from wtforms.validators import Length

from cms.accounts import policies
from cms.accounts.actions import change_members, create_group, delete_group, edit_group
from cms.accounts.models import Group, User
from cms.accounts.queries import find_group, find_user, get_role
from cms.admin.access import person
from cms.admin.base import Answer, ServiceModelView, around_form, record_id
from cms.admin.group_page import group_deletion, group_page, group_rows, role_boxes
from cms.admin.messages import tell
from cms.core.db import after_commit, transaction
from cms.core.errors import Forbidden, Invalid, NotFound
from cms.core.i18n import _
from cms.core.permissions import permission


class GroupForm(FlaskForm):
    """What a group is called, and which roles its members hold."""

    version = HiddenField()
    name = StringField(_("Name"), [Length(max=200)])
    description = StringField(_("What it is for"), [Length(max=2000)])
    roles = SelectMultipleField(_("Roles"), validate_choice=False)


class GroupView(ServiceModelView):
    """The list of groups, and the page of one with its members."""

    form = GroupForm
    column_list = ("name", "description")
    create_template = "admin/group.html"
    edit_template = "admin/group.html"
    permissions: ClassVar[Mapping[str, str]] = {
        "index_view": policies.LIST_PEOPLE,
        "create_view": policies.ASSIGN,
        "edit_view": policies.LIST_PEOPLE,
        "delete_view": policies.ASSIGN,
        "action_view": policies.ASSIGN,
    }
    fresh: ClassVar[frozenset[str]] = frozenset({"create_view", "edit_view", "delete_view", "members"})

    def list_page(self) -> Answer:
        """Render all groups."""
        return self.render("admin/groups.html", page=group_rows(person()))

    def get_one(self, id: Any) -> Group:  # noqa: A002 -- the name Flask-Admin calls it by
        """Return the group with this id, for whoever sees groups; NotFound otherwise."""
        group = find_group(record_id(id))
        if group is None or not policies.may_list_groups(person()):
            raise NotFound(_("There is no such group."))
        return group

    def create_form(self, obj: Any = None) -> GroupForm:
        """Return the form of a new group."""
        return GroupForm()

    def edit_form(self, obj: Any = None) -> GroupForm:
        """Return the form of a group; Forbidden when it is sent by somebody who may not change the group."""
        form = GroupForm()
        if not form.is_submitted():
            form.version.data, form.name.data, form.description.data = str(obj.version), obj.name, obj.description
            form.roles.data = [role.name for role in obj.roles]
        elif not policies.may_edit_group(person(), obj):
            raise Forbidden(_("You may change groups only as far as you hold all their rights yourself."))
        return form

    def create_model(self, form: Any) -> Group:
        """Make a group."""
        group = create_group(
            name=form.name.data or "",
            description=form.description.data or "",
            roles=[get_role(name) for name in form.roles.data or ()],
            by=person(),
        )
        name = group.name
        after_commit(lambda: tell(_("The group “%(name)s” is there. Add people to it.", name=name)))
        return group

    def update_model(self, form: Any, model: Any) -> bool:
        """Change a group; roles that the person may not give stay as they are."""
        me = person()
        fixed = {role.name for role in model.roles if not policies.may_assign_roles(me, [role])}
        version = (form.version.data or "").strip()
        edit_group(
            model,
            name=form.name.data or "",
            description=form.description.data or "",
            roles=[get_role(name) for name in sorted({*(form.roles.data or ()), *fixed})],
            version=int(version) if version.isascii() and version.isdecimal() and len(version) < 10 else None,
            by=me,
        )
        after_commit(lambda: tell(_("Saved. It holds from the next click of its members on.")))
        return True

    def form_context(self, form: Any, model: Any | None) -> dict[str, Any]:
        """Return what stands around the form."""
        back = self.get_url(".index_view")
        trail = [(_("Groups"), back)]
        boxes = role_boxes(person(), set(form.roles.data or ()))
        if model is None:
            words = around_form(_("New group"), _("Make the group"), back, trail=trail)
            return {**words, "boxes": boxes, "page": None}
        return {
            **around_form(model.name, _("Save"), back, trail=trail),
            "boxes": boxes,
            "page": group_page(model, person(), request.args.get("q", "").strip()[:200]),
        }

    # -- members ---------------------------------------------------------------------------------------------

    @expose("/<key>/members/", methods=("POST",))
    @permission(policies.ASSIGN)
    def members(self, key: str) -> Answer:
        """Take somebody into the group, or out of it."""
        group = self.get_one(key)
        joins, leaves = request.form.get("join", ""), request.form.get("leave", "")
        user = _find(joins or leaves)
        with transaction():
            if joins:
                change_members(group, join=[user], by=person())
            else:
                change_members(group, leave=[user], by=person())
        name = user.name
        tell(_("%(name)s is in the group.", name=name) if joins else _("%(name)s is out of the group.", name=name))
        return redirect(self.get_url(".edit_view", key=key, _anchor="members"), 303)

    # -- deleting --------------------------------------------------------------------------------------------

    def confirm_delete(self, model: Any) -> Answer:
        """Say what goes with a group."""
        return self.render("admin/confirm.html", confirm=group_deletion(model, person()))

    def delete_model(self, model: Any) -> bool:
        """Delete a group."""
        name = model.name
        delete_group(model, by=person())
        after_commit(lambda: tell(_("The group “%(name)s” is deleted.", name=name)))
        return True

    def action_view(self) -> Answer:
        """Nothing is done with several groups at once."""
        raise Forbidden(_("Groups are changed one by one."))


def _find(text: str) -> User:
    if not text:
        raise Invalid(_("Choose a person."))
    user = find_user(record_id(text))
    if user is None:
        raise NotFound(_("This person's account was deleted just now."))
    return user
