"""What one signs in with: shown on the person's own page, asked for, confirmed and cancelled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import EmailField
from wtforms.validators import InputRequired, Length

from cms.accounts import limits, trying
from cms.accounts.account_page import EMAIL, Section, register_section
from cms.accounts.account_views import back_of, blueprint, signed_in_person
from cms.accounts.actions.move_email import ask_for_email, cancel_email, confirm_email, find_email_change
from cms.accounts.freshness import fresh
from cms.accounts.models import EmailChange, User
from cms.accounts.people import current_person, current_sign_in_id
from cms.core.db import current_session, transaction
from cms.core.errors import Conflict, Invalid
from cms.core.i18n import _, gettext
from cms.core.permissions import public_route, signed_in
from cms.lib.clock import utcnow


@dataclass(frozen=True)
class Waiting:
    """A new address that waits for a yes."""

    email: str
    old_said_yes: bool
    new_said_yes: bool
    until: datetime


@dataclass(frozen=True)
class EmailSection:
    """What the person signs in with, and what they may soon."""

    email: str
    waiting: Waiting | None


@dataclass(frozen=True)
class EmailLink:
    """What the page behind a link from a letter asks."""

    name: str
    before: str
    email: str
    is_new: bool
    said_yes: bool


class EmailForm(FlaskForm):
    """The mail address that somebody wants to sign in with."""

    email = EmailField(
        _("New mail address"),
        [InputRequired(_("Enter a mail address.")), Length(max=320)],
        render_kw={"autocomplete": "email", "spellcheck": "false", "autocapitalize": "none"},
    )


def _build_section(user: User) -> EmailSection:
    found = current_session().scalar(
        select(EmailChange).where(EmailChange.user_id == user.id, EmailChange.expires_at > utcnow())
    )
    if found is None:
        return EmailSection(user.email, None)
    said = (found.old_confirmed_at is not None, found.new_confirmed_at is not None)
    return EmailSection(user.email, Waiting(found.email, *said, found.expires_at))


register_section(EMAIL, Section("email", "account/_email.html", _build_section))


@blueprint.route("/account/email", methods=["GET", "POST"])
@signed_in
@fresh
def change_email() -> str | Response | tuple[str, int]:
    """Take another mail address, and ask both addresses whether they agree."""
    me, form = signed_in_person(), EmailForm()
    if not form.validate_on_submit():
        return _email_page(form), 422 if form.errors else 200
    try:
        trying.begin_as(limits.EMAIL_CHANGE, me)
        with transaction() as session:
            user = session.get_one(User, signed_in_person().id)
            ask_for_email(user, email=form.email.data or "", by=user)
    except limits.TooManyTries as error:
        limits.answer_too_many(error)
        form.email.errors = [error.message]
        return _email_page(form), error.status
    except Invalid as error:
        form.email.errors = [error.message]
        return _email_page(form), 422
    flash(gettext("Two mails are on their way. Say yes in both."), "success")
    return redirect(url_for("accounts.account") + "#email", 303)


def _email_page(form: EmailForm) -> str:
    me = signed_in_person()
    return render_template("account/email.html", form=form, email=me.email, back=back_of(me))


@blueprint.post("/account/email/cancel")
@signed_in
def cancel_email_change() -> Response:
    """Leave the mail address as it is."""
    with transaction() as session:
        user = session.get_one(User, signed_in_person().id)
        cancel_email(user, by=user)
    flash(gettext("Your mail address stays as it is."), "success")
    return redirect(url_for("accounts.account") + "#email", 303)


@blueprint.route("/account/email/link/<key>", methods=["GET", "POST"])
@public_route
def email_link(key: str) -> str | Response | tuple[str, int]:
    """Ask whoever has a letter whether they agree; only the button changes anything."""
    found = find_email_change(key)
    if found is None:
        limits.begin(limits.TOKEN)
        return render_template("security/email_void.html"), 410
    change, user, is_new = found
    said = change.new_confirmed_at if is_new else change.old_confirmed_at
    page = EmailLink(user.name, user.email, change.email, is_new, said is not None)
    if request.method != "POST":
        return render_template("security/email_link.html", page=page, key=key)
    if request.form.get("answer") == "no":
        with transaction() as session:
            mine = session.get_one(User, user.id)
            cancel_email(mine, by=mine)
        return render_template("security/email_done.html", page=page, outcome="cancelled")
    return _confirm(key, page, is_me=_is_me(user))


def _is_me(user: User) -> bool:
    me = current_person()
    return me is not None and me.id == user.id


def _confirm(key: str, page: EmailLink, *, is_me: bool) -> str | tuple[str, int]:
    try:
        with transaction():
            changed = confirm_email(key, keep_sign_in=current_sign_in_id() if is_me else None) is not None
    except Conflict as error:
        return render_template("security/email_void.html", sentence=error.message), 410
    return render_template("security/email_done.html", page=page, outcome="changed" if changed else "waiting")
