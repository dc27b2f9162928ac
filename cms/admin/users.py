"""People in the back office: who has an account, inviting, giving roles, closing accounts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from flask import redirect, request, url_for
from flask_admin import expose
from flask_wtf import FlaskForm
from wtforms import EmailField, SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length

from cms.accounts import policies
from cms.accounts.actions import (
    assign_roles,
    change_email,
    deactivate_user,
    delete_user,
    invite_user,
    reactivate_user,
    send_invitation,
    send_reset,
)
from cms.accounts.lists import PersonFilter, list_people
from cms.accounts.models import User
from cms.accounts.queries import get_role, list_roles
from cms.accounts.roles import SUBSCRIBER, role_label
from cms.admin.access import person
from cms.admin.base import Answer, ServiceModelView, around_form
from cms.admin.choices import offer
from cms.admin.confirming import Confirm, Line, Pick
from cms.admin.messages import tell
from cms.admin.user_page import account_page, user_list
from cms.core.db import after_commit, transaction
from cms.core.errors import Forbidden, Invalid, NotFound
from cms.core.i18n import Text, _, _n
from cms.core.permissions import permission
from cms.core.references import count_uses


class InviteForm(FlaskForm):
    """Whom to invite, and as what."""

    email = EmailField(_("Mail address"), [DataRequired(_("Whom should the invitation go to?")), Length(max=255)])
    name = StringField(_("Name"), [DataRequired(_("Give a name.")), Length(max=120)])
    role = SelectField(_("Role"), validate_choice=False)


class AccountForm(FlaskForm):
    """What somebody who looks after people can change."""

    email = EmailField(_("Mail address"), [Length(max=255)])
    roles = SelectMultipleField(_("Roles"), validate_choice=False)


class UserView(ServiceModelView):
    """The list of people, and the page of one of them."""

    form = AccountForm
    column_list = ("name", "email", "roles", "current_login_at")
    list_template = "admin/users.html"
    create_template = "admin/invite.html"
    edit_template = "admin/user.html"
    permissions: ClassVar[Mapping[str, str]] = {
        "index_view": policies.LIST_PEOPLE,
        "create_view": policies.INVITE,
        "edit_view": policies.LIST_PEOPLE,
        "delete_view": policies.DELETE,
        "action_view": policies.DEACTIVATE,
    }

    def get_query(self) -> Any:
        """Return the people the signed-in person may see: all, for whoever sees the list."""
        return super().get_query()

    def list_page(self) -> Answer:
        """Render the list of people."""
        may_view_roles = policies.may_view_roles(person())
        return self.render(
            self.list_template,
            page=user_list(person()),
            roles_address=url_for("admin_roles.index_view") if may_view_roles else None,
        )

    # -- inviting --------------------------------------------------------------------------------------------

    def create_form(self, obj: Any = None) -> InviteForm:
        """Return the form of an invitation, with the roles the person may give."""
        form = InviteForm()
        may = [role for role in list_roles() if policies.may_invite(person(), [role])]
        offer(form.role, [(role.name, role_label(role)) for role in reversed(may)])
        if not form.is_submitted():
            form.role.data = next((role.name for role in may if role.name not in ("admin", SUBSCRIBER)), None)
        return form

    def create_model(self, form: Any) -> User:
        """Invite somebody."""
        user = invite_user(email=form.email.data, name=form.name.data, roles=[get_role(form.role.data)], by=person())
        after_commit(lambda: tell(_("%(name)s is invited; the mail is on its way.", name=user.name)))
        return user

    # -- roles and address -----------------------------------------------------------------------------------

    def edit_form(self, obj: Any = None) -> AccountForm:
        """Return the form of a person's account."""
        form = AccountForm()
        if not form.is_submitted():
            form.email.data, form.roles.data = obj.email, [role.name for role in obj.roles]
        if not policies.may_change_email(person(), obj):
            del form.email
        return form

    def update_model(self, form: Any, model: Any) -> bool:
        """Give and take roles, and change what the person signs in with."""
        before = {role.name for role in model.roles}
        fixed = {role.name for role in model.roles if not policies.may_assign_roles(person(), [role])}
        wanted = set(form.roles.data or ()) | fixed
        if not policies.may_change_roles(person(), model) and wanted != before:
            raise Forbidden(_("Changing roles is for admins."))
        if wanted != before:
            assign_roles(model, [get_role(name) for name in sorted(wanted)], by=person())
        if "email" in form and form.email.data:
            change_email(model, email=form.email.data, by=person())
        after_commit(lambda: tell(_("Saved. It holds from the next click of %(name)s on.", name=model.name)))
        return True

    def form_context(self, form: Any, model: Any | None) -> dict[str, Any]:
        """Return what stands around the form."""
        back = self.get_url(".index_view")
        trail = [(_("People"), back)]
        if model is None:
            lede = _("They get a mail with a link to choose a password.")
            return around_form(_("Invite somebody"), _("Send the invitation"), back, trail=trail, lede=lede)
        account = account_page(model, person(), set(form.roles.data or ()))
        return {**around_form(model.name, _("Save"), back, trail=trail), "account": account}

    def after_create(self, model: Any) -> Answer:
        """Go to the list of people, among those who are invited."""
        return redirect(self.get_url(".index_view", view="invited"), 303)

    # -- the account -----------------------------------------------------------------------------------------

    @expose("/<key>/account/", methods=("POST",))
    @permission(policies.DEACTIVATE)
    def account(self, key: str) -> Answer:
        """Close or open an account, or send its person a mail."""
        acts: dict[str, tuple[Any, Text]] = {
            "deactivate": (deactivate_user, _("The account is closed; whoever used it is signed out.")),
            "reactivate": (reactivate_user, _("The account is open again.")),
            "invite": (send_invitation, _("The invitation is on its way.")),
            "reset": (send_reset, _("The mail with the link is on its way.")),
        }
        chosen = acts.get(request.args.get("act", ""))
        if chosen is None:
            raise Invalid(_("There is no such button. Reload the page and try again."))
        with transaction():
            chosen[0](self.get_one(key), by=person())
        tell(chosen[1])
        return redirect(self.get_url(".edit_view", key=key), 303)

    def delete_model(self, model: Any) -> bool:
        """Delete an account, handing over what it made."""
        heir_id = request.form.get("heir", "")
        heir = self.get_one(heir_id) if heir_id else None
        name = model.name
        delete_user(model, hand_over_to=heir, by=person())
        after_commit(lambda: tell(_("The account of %(name)s is deleted.", name=name)))
        return True

    def confirm_delete(self, model: Any) -> Answer:
        """Say what goes with an account, and ask who takes over what it made."""
        if not policies.may_delete_user(person(), model) or model.id == person().id:
            raise Forbidden(_("You may not delete this account. Another admin can."))
        made = count_uses("user", model.id)
        heirs = [
            (str(user.id), user.name)
            for user in list_people(PersonFilter(view="staff"), user=person(), limit=200)
            if user.id != model.id
        ]
        page = Confirm(
            title=_("Delete the account of %(name)s?", name=model.name),
            trail=[(_("People"), self.get_url(".index_view")), (model.name, self.get_url(".edit_view", key=model.id))],
            verb=_("Delete the account"),
            lines=[
                Line(_("Nobody can sign in with it any more"), model.email),
                Line(_("The author page leaves the site")),
                Line(
                    _("What the person made goes to somebody else"),
                    amount=_n("%(num)s thing", "%(num)s things", made),
                    kept=True,
                ),
            ],
            address=self.get_url(".delete_view", key=model.id),
            back=self.get_url(".edit_view", key=model.id),
            keep=_("Keep it"),
            choices=[Pick("heir", _("Who takes over"), heirs)] if made else [],
        )
        return self.render("admin/confirm.html", confirm=page)

    def get_one(self, id: Any) -> User:  # noqa: A002 -- the name Flask-Admin calls it by
        """Return the person if the signed-in one may see them; NotFound otherwise."""
        user = super().get_one(id)
        if not isinstance(user, User) or not policies.may_see_user(person(), user):
            raise NotFound
        return user
