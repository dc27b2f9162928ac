"""The sign-in pages that Flask-Security does not have, or has in a way that tells who has an account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_security.recoverable import reset_password_token_status
from flask_security.views import reset_password
from flask_wtf import FlaskForm
from werkzeug.exceptions import NotFound, UnsupportedMediaType
from werkzeug.wrappers import Response

from cms.accounts import actions, fields, jobs, limits, trying
from cms.accounts.actions import accept_invitation
from cms.accounts.answers import is_for_scripts
from cms.accounts.forms import AskForResetForm, FirstPasswordForm, RegisterForm
from cms.accounts.links import find_invited
from cms.accounts.names import read_own_name
from cms.accounts.passwords import hash_new_password
from cms.accounts.people import current_person, current_sign_in_id
from cms.accounts.policies import may_enter_office
from cms.accounts.seeing import seen_by
from cms.accounts.signing_in import complete_first_factor
from cms.core.db import transaction
from cms.core.errors import Conflict, Invalid
from cms.core.i18n import gettext
from cms.core.jobs import enqueue
from cms.core.permissions import public_route, signed_in
from cms.settings.queries import get_settings

blueprint = Blueprint("accounts", __name__, template_folder="templates")


@blueprint.get("/login/next")
@public_route
def after_sign_in() -> Response:
    """Send people who work here to the back office, readers to the site, and strangers to the sign-in page."""
    person = current_person()
    if person is None:
        return redirect(url_for("security.login"))
    return redirect("/admin/" if may_enter_office(person) else "/")


@public_route
def ask_for_reset() -> str | Response:
    """Take a mail address and answer the same, in the same time, whether or not it belongs to an account."""
    form = AskForResetForm()
    if form.validate_on_submit():
        try:
            address = fields.read_email(form.email.data)
        except Invalid as error:
            form.email.errors = [str(error.args[0])]
        else:
            if trying.may_ask(form, limits.RESET, address):
                with transaction():
                    enqueue(jobs.RESET, {"email": address})
                return render_template("security/mail_sent.html", email=address)
    return render_template("security/forgot_password.html", forgot_password_form=form)


@public_route
def choose_new_password(token: str) -> Any:
    """Let who has the link from a mail choose a password; links that do not hold are counted."""
    status: Callable[[str], tuple[bool, bool, object]] = reset_password_token_status
    expired, invalid, user = status(token)
    if expired or invalid or user is None:
        limits.begin(limits.TOKEN)
    return reset_password(token)


@blueprint.route("/register", methods=["GET", "POST"])
@public_route
def register() -> str | Response:
    """Take name and mail address of a reader who wants an account; raises NotFound while that is not offered."""
    if not get_settings().registration_open:
        raise NotFound
    if current_person() is not None:
        return redirect(url_for("accounts.after_sign_in"))
    form = RegisterForm()
    if form.validate_on_submit():
        read = _read(form, {"name": read_own_name, "email": fields.read_email})
        if read is not None and trying.may_ask(form, limits.REGISTER, read["email"]):
            with transaction():
                enqueue(jobs.REGISTER, read)
            return render_template("security/mail_sent.html", email=read["email"])
    return render_template("security/register_user.html", form=form)


@blueprint.post("/see-as/stop")
@signed_in
def stop_seeing() -> Response:
    """Let somebody who sees as somebody else see with their own eyes again."""
    real = seen_by() if current_person() is not None else None
    if real is not None:
        with transaction():
            actions.stop_seeing(sign_in_id=current_sign_in_id(), by=real)
        flash(gettext("You see with your own eyes again."), "success")
    return redirect("/admin/", 303)


def _read(form: FlaskForm, readers: dict[str, object]) -> dict[str, str] | None:
    read: dict[str, str] = {}
    for name, reader in readers.items():
        field = form[name]
        try:
            read[name] = reader(field.data)  # type: ignore[operator]  # readers of `fields` all take one value
        except Invalid as error:
            field.errors = [str(error.args[0])]
    return read if len(read) == len(readers) else None


@blueprint.route("/invitation/<token>", methods=["GET", "POST"])
@public_route
def invitation(token: str) -> str | Response | tuple[str, int]:
    """Let somebody who was invited choose a password, and sign them in; a link that is void says what to do."""
    user, late = find_invited(token)
    if user is None:
        limits.begin(limits.TOKEN)
        return render_template("security/invitation_void.html", late=late), 410
    form = FirstPasswordForm()
    if form.validate_on_submit():
        try:
            password_hash = hash_new_password(form.password.data or "", user.email, name=user.name)
            with transaction():
                user = accept_invitation(token, password_hash=password_hash, by=user)
        except Invalid as error:
            form.password.errors = [str(error.fields["password"])]
        except Conflict:
            return render_template("security/invitation_void.html", late=False), 410
        else:
            flash(gettext("Welcome. You are signed in."), "success")
            return complete_first_factor(user, method="invitation")
    return render_template("security/invitation.html", form=form, name=user.name, email=user.email)


def only_forms() -> None:
    """Refuse JSON on the sign-in pages, which have no interface for programs, but for their own scripts."""
    if is_for_scripts(current_app.view_functions[request.endpoint or ""]):
        return
    if request.method == "POST" and request.mimetype not in (
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "",
    ):
        raise UnsupportedMediaType
