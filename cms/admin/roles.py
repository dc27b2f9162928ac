"""Roles in the back office: what each allows, making and changing them, and what that would change for whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from flask import redirect, request, url_for
from flask_admin import expose
from flask_wtf import FlaskForm

from cms.accounts import policies
from cms.accounts.actions import clone_role, create_role, delete_role, edit_role
from cms.accounts.models import Role
from cms.accounts.queries import find_role, get_role, list_roles
from cms.accounts.role_checks import check_new_role, check_role
from cms.accounts.roles import ADMIN, role_description, role_label
from cms.admin.access import person
from cms.admin.base import Answer, ServiceModelView, note_errors
from cms.admin.messages import tell
from cms.admin.role_form import RoleForm, Typed, carried, fill, read_ticked, read_typed, right_fields
from cms.admin.role_page import comparison, deletion, role_detail, role_lines
from cms.admin.role_review import review_new, review_of
from cms.admin.role_start import Start, read_start, start_page
from cms.core.db import transaction
from cms.core.errors import Conflict, Forbidden, Invalid, NotFound
from cms.core.i18n import Text, _
from cms.core.permissions import Grant, permission


class RoleView(ServiceModelView):
    """The list of roles, the page of one, and its form in two steps: enter, then look at what would change."""

    form = FlaskForm
    column_list = ("name", "label")
    can_edit = False
    permissions: ClassVar[Mapping[str, str]] = {
        "index_view": policies.VIEW_ROLES,
        "create_view": policies.EDIT_ROLES,
        "delete_view": policies.EDIT_ROLES,
    }
    fresh: ClassVar[frozenset[str]] = frozenset({"create_view", "edit", "delete_view"})

    def list_page(self) -> Answer:
        """Render the roles, the most powerful first."""
        may_edit = policies.may_edit_roles(person())
        return self.render(
            "admin/roles.html",
            rows=role_lines(list_roles(), person()),
            new_address=self.get_url(".create_view") if may_edit else None,
            compare_address=self.get_url(".compare"),
            groups_address=url_for("admin_groups.index_view") if policies.may_list_groups(person()) else None,
        )

    @expose("/<name>/")
    @permission(policies.VIEW_ROLES)
    def show(self, name: str) -> Answer:
        """Explain what a role allows, in words, and who holds it."""
        return self.render("admin/role.html", page=role_detail(get_role(name), person()))

    @expose("/compare/")
    @permission(policies.VIEW_ROLES)
    def compare(self) -> Answer:
        """Show two roles side by side."""
        roles = list_roles()
        names = [role.name for role in roles]
        one, other = request.args.get("a", ""), request.args.get("b", "")
        if (one and one not in names) or (other and other not in names):
            raise NotFound(_("There is no role called %(name)s.", name=(one if one not in names else other)[:80]))
        return self.render("admin/role_comparison.html", page=comparison(roles, one, other))

    # -- making ----------------------------------------------------------------------------------------------

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self) -> Answer:
        """Ask what to begin with, show the form, review it, or make the role."""
        start = read_start(request.args)
        if start is None:
            return self.render("admin/role_start.html", page=start_page(person()))
        if request.method == "POST":
            return self._take(None, start)
        form = RoleForm(formdata=None)
        form.label.data, form.description.data = start.label, start.description
        form.requires_second_factor.data = start.requires_second_factor
        return self._show(form, None, start.rights, start=start)

    @expose("/<name>/edit/", methods=("GET", "POST"))
    @permission(policies.EDIT_ROLES)
    def edit(self, name: str) -> Answer:
        """Show the form of a role, review it, or change the role."""
        role = get_role(name)
        if not policies.may_edit_role(person(), role):
            raise Forbidden(_("You may change only roles whose rights you all hold yourself. An admin can."))
        if request.method == "POST":
            return self._take(role, None)
        form = RoleForm(formdata=None)
        form.label.data, form.description.data = role_label(role), role_description(role)
        fill(form, role)
        return self._show(form, role, role.rights)

    def _take(self, role: Role | None, start: Start | None) -> Answer:
        form = RoleForm()
        try:
            typed = read_typed(form)
            if form.validate():
                return self._answer(form, typed, role, start)
        except Invalid as error:
            note_errors(form, error)
        except Conflict as error:
            if role is not None:
                role = get_role(role.name)
                form.version.data = str(role.version)
            form.form_errors = [*form.form_errors, error.message]
            return self._show(form, role, read_ticked(), start=start, status=409)
        return self._show(form, role, _safely_ticked(), start=start, status=422)

    def _answer(self, form: RoleForm, typed: Typed, role: Role | None, start: Start | None) -> Answer:
        act = request.form.get("act", "review")
        if act == "edit":
            return self._show(form, role, typed.rights, start=start)
        if act == "save":
            return self._save(typed, role, start)
        back = self.get_url(".show", name=role.name) if role is not None else self.get_url(".index_view")
        if role is None:
            read = check_new_role(label=typed.label, description=typed.description, rights=typed.rights, by=person())
            review = review_new(read, typed)
        else:
            read = check_role(role, **_values(typed, role), version=typed.version, by=person())
            review = review_of(role, read, typed)
        return self.render("admin/role_review.html", review=review, carried=carried(), version=typed.version, back=back)

    def _save(self, typed: Typed, role: Role | None, start: Start | None) -> Answer:
        with transaction():
            if role is not None:
                role = get_role(role.name)
                edit_role(
                    role,
                    **_values(typed, role),
                    requires_second_factor=typed.requires_second_factor,
                    version=typed.version,
                    by=person(),
                )
                sentence: Text = _("Saved. It holds from everybody’s next click on.")
            else:
                role = _make(typed, start)
                sentence = _("“%(name)s” is there. Give it to people on their page.", name=role.label)
            name = role.name
        tell(sentence)
        return redirect(self.get_url(".show", name=name), 303)

    def _show(
        self, form: RoleForm, role: Role | None, rights: Any, *, start: Start | None = None, status: int = 200
    ) -> Answer:
        page = self.render(
            "admin/role_form.html",
            form=form,
            groups=right_fields(rights, person()),
            everything=role is not None and role.name == ADMIN,
            heading=_("Edit: %(title)s", title=role_label(role)) if role is not None else _("New role"),
            label=role_label(role) if role is not None else "",
            lacking=start.lacking if start is not None else 0,
            roles_address=self.get_url(".index_view"),
            back=self.get_url(".show", name=role.name) if role is not None else self.get_url(".create_view"),
        )
        return page, status

    # -- deleting --------------------------------------------------------------------------------------------

    def confirm_delete(self, model: Any) -> Answer:
        """Say what goes with a role, and ask what its people get instead."""
        return self.render("admin/confirm.html", confirm=deletion(model, person()))

    def delete_model(self, model: Any) -> bool:
        """Delete a role, giving its people another if one was chosen."""
        chosen = request.form.get("replacement", "")
        replacement = find_role(chosen) if chosen else None
        if chosen and replacement is None:
            raise Invalid(_("The role you chose is not there any more. Choose another."))
        label = role_label(model)
        delete_role(model, replacement=replacement, by=person())
        tell(_("The role “%(name)s” is deleted.", name=label))
        return True

    # -- what roles do not have ------------------------------------------------------------------------------

    def edit_view(self, key: str) -> Answer:
        """Roles have an address of their own for changes (`edit`)."""
        raise NotFound

    def action_view(self) -> Answer:
        """Nothing is done with several roles at once."""
        raise Forbidden(_("Roles are changed one by one."))

    def get_one(self, id: Any) -> Role:  # noqa: A002 -- the name Flask-Admin calls it by
        """Return the role with that name; NotFound otherwise."""
        return get_role(str(id))


def _values(typed: Typed, role: Role) -> dict[str, Any]:
    """Return what to write: words that were left as translated stay as they are kept."""
    return {
        "label": role.label if typed.label == role_label(role) else typed.label,
        "description": role.description if typed.description == role_description(role) else typed.description,
        "rights": None if role.name == ADMIN else typed.rights,
    }


def _make(typed: Typed, start: Start | None) -> Role:
    entered: dict[str, Any] = {
        "label": typed.label,
        "description": typed.description,
        "requires_second_factor": typed.requires_second_factor,
        "rights": typed.rights,
        "by": person(),
    }
    source = find_role(start.copy_of) if start is not None and start.copy_of else None
    return clone_role(source, **entered) if source is not None else create_role(**entered)


def _safely_ticked() -> frozenset[Grant]:
    try:
        return read_ticked()
    except Invalid:
        return frozenset()
