"""People in the back office: who has an account, inviting, giving roles, closing accounts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from flask import redirect, request, url_for
from flask_admin import expose
from flask_wtf import FlaskForm
from wtforms import EmailField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from cms.accounts import policies
from cms.accounts.actions import assign_roles, change_email
from cms.accounts.actions.end_sessions import end_sessions
from cms.accounts.actions.end_sign_in import end_sign_in
from cms.accounts.actions.reset_factors import reset_factors
from cms.accounts.actions.see_sign_ins import see_sign_ins
from cms.accounts.freshness import require_fresh
from cms.accounts.links import invitation_lasts
from cms.accounts.models import User
from cms.accounts.people import current_sign_in_id
from cms.accounts.queries import get_role, list_roles
from cms.accounts.roles import role_label
from cms.accounts.sign_in_page import build_sign_ins
from cms.admin.access import person
from cms.admin.base import Answer, around_form, note_errors, record_id
from cms.admin.choices import offer
from cms.admin.inviting import invite_each, read_addressees
from cms.admin.messages import tell
from cms.admin.private_reads import note_look_at
from cms.admin.user_life import UserLife
from cms.admin.user_list import export_address, user_list
from cms.admin.user_page import account_page
from cms.core.db import after_commit, transaction
from cms.core.errors import Forbidden, Invalid, NotFound
from cms.core.i18n import _, _n
from cms.core.permissions import permission


class InviteForm(FlaskForm):
    """Whom to invite, and as what."""

    email = TextAreaField(_("Mail address"), [DataRequired(_("Whom should the invitation go to?")), Length(max=20_000)])
    name = StringField(_("Name"), [Length(max=120)])
    role = SelectField(_("Role"), validate_choice=False)


class AccountForm(FlaskForm):
    """What somebody who looks after people can change."""

    email = EmailField(_("Mail address"), [Length(max=255)])
    roles = SelectMultipleField(_("Roles"), validate_choice=False)


class UserView(UserLife):
    """The list of people, and the page of one of them."""

    form = AccountForm
    column_list = ("name", "email", "roles", "current_login_at")
    fresh = frozenset({"create_view", "edit_view", "delete_view", "account", "merge", "take_along"})
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
            export_address=export_address(person()),
            roles_address=url_for("admin_roles.index_view") if may_view_roles else None,
        )

    # -- inviting --------------------------------------------------------------------------------------------

    def create_form(self, obj: Any = None) -> InviteForm:
        """Return the form of an invitation, with the roles the person may give."""
        form = InviteForm()
        may = [role for role in list_roles() if policies.may_invite(person(), [role])]
        offer(form.role, [(role.name, role_label(role)) for role in reversed(may)])
        if not form.is_submitted():
            # The least there is: whoever invites chooses more, and never gives it by forgetting to look.
            form.role.data = min(may, key=lambda role: len(role.rights)).name if may else None
        return form

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self) -> Answer:
        """Show the form of an invitation, or invite: one goes to the list, of several each is told."""
        form = self.create_form()
        if form.validate_on_submit():
            try:
                people = read_addressees(form.email.data or "", form.name.data or "")
            except Invalid as error:
                note_errors(form, error)
                return self.show_form(form, None)
            outcomes = invite_each(people, form.role.data or "", by=person())
            failed = [outcome for outcome in outcomes if outcome.problem]
            if not failed:
                tell(
                    _n(
                        "%(name)s is invited; the mail is on its way.",
                        "%(num)s people are invited; the mails are on their way.",
                        len(outcomes),
                        name=outcomes[0].name,
                    )
                )
                return self.after_create(None)
            if len(outcomes) == 1:
                note_errors(form, Invalid(fields={"email": failed[0].problem}))
                return self.show_form(form, None)
            form.email.data = "\n".join(f"{outcome.name} <{outcome.email}>" for outcome in failed)
            context = self.form_context(form, None)
            return self.render(self.create_template, form=form, outcomes=outcomes, **context), 422
        return self.show_form(form, None)

    # -- roles and address -----------------------------------------------------------------------------------

    def get_for_form(self, key: str) -> User:
        """Return a person whose page is opened; the record keeps that it was."""
        found: User = self.get_one(key)
        if request.method == "GET":
            note_look_at(found, "account")
        return found

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
            words = around_form(_("Invite somebody"), _("Send the invitation"), back, trail=trail, lede=lede)
            return {**words, "days": invitation_lasts().days}
        account = account_page(model, person(), set(form.roles.data or ()))
        return {**around_form(model.name, _("Save"), back, trail=trail), "account": account}

    def after_create(self, model: Any) -> Answer:
        """Go to the list of people, among those who are invited."""
        return redirect(self.get_url(".index_view", view="invited"), 303)

    # -- the account -----------------------------------------------------------------------------------------

    @expose("/<key>/sign-ins/", methods=("GET", "POST"))
    @permission(policies.DEACTIVATE)
    def sign_ins(self, key: str) -> Answer:
        """Show where somebody is signed in, which the record keeps, or end that."""
        here, chosen = current_sign_in_id(), request.form.get("sign_in", "")
        if request.method == "POST":
            with transaction():
                user = self.get_one(key)
                if chosen == "all":
                    end_sessions(user, by=person())
                else:
                    end_sign_in(user, record_id(chosen), by=person())
            tell(_("Signed out. It holds from the next click on."))
            return redirect(self.get_url(".sign_ins", key=key), 303)
        with transaction():
            see_sign_ins(self.get_one(key), by=person())
        user = self.get_one(key)
        back = self.get_url(".edit_view", key=key)
        trail = [(_("People"), self.get_url(".index_view")), (user.name, back)]
        return self.render("admin/sign_ins.html", user=user, page=build_sign_ins(user, here=here), trail=trail)

    @expose("/<key>/factors/", methods=("POST",))
    @permission(policies.RESET_FACTORS)
    def factors(self, key: str) -> Answer:
        """Take the second factors of somebody who has lost them away."""
        require_fresh()
        with transaction():
            reset_factors(self.get_one(key), by=person())
        tell(_("Passkeys, app and recovery codes are gone; the person was told by mail."))
        return redirect(self.get_url(".edit_view", key=key), 303)

    def get_one(self, id: Any) -> User:  # noqa: A002 -- the name Flask-Admin calls it by
        """Return the person if the signed-in one may see them; NotFound otherwise."""
        user = super().get_one(id)
        if not isinstance(user, User) or not policies.may_see_user(person(), user):
            raise NotFound
        return user
