"""The forms of the sign-in pages, in our words."""

from __future__ import annotations

from typing import Any, cast

from flask import current_app
from flask_security import ChangePasswordForm, LoginForm, ResetPasswordForm, VerifyForm
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, PasswordField, StringField, SubmitField
from wtforms.validators import EqualTo, InputRequired, Length

from cms.accounts import limits, passwords, trying
from cms.accounts.freshness import note_confirmed
from cms.accounts.models import User
from cms.accounts.people import current_person
from cms.accounts.queries import find_user_by_email
from cms.core.i18n import _

_CURRENT = {"autocomplete": "current-password"}
_NEW = {"autocomplete": "new-password", "minlength": str(passwords.SHORTEST)}


def _email_field() -> EmailField:
    return EmailField(
        _("Mail address"),
        [InputRequired(_("Enter your mail address.")), Length(max=320)],
        render_kw={"autocomplete": "username", "spellcheck": "false", "autocapitalize": "none"},
    )


class SignInForm(LoginForm):
    """Mail address and password; what is wrong of the two is not told, neither in words nor in time."""

    email = _email_field()
    password = PasswordField(_("Password"), [InputRequired(_("Enter your password."))], render_kw=_CURRENT)
    remember = BooleanField(_("Stay signed in"))
    submit = SubmitField(_("Sign in"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The library puts a link there, which the page shows in its own place.
        self.password.description = ""

    def validate(self, **kwargs: Any) -> bool:  # type: ignore[override]  # WTForms and the library differ here
        """Find the person and check the password, in the same time whether or not there is such a person."""
        if not FlaskForm.validate(self, **kwargs):
            return False
        self.ifield = self.email
        email = self.email.data or ""
        try:
            attempt = trying.begin_with_address(limits.SIGN_IN, email)
        except limits.TooManyTries as error:
            limits.answer_too_many(error)
            self.form_errors.append(error.message)
            return False
        person: User | None = find_user_by_email(email)
        if not passwords.is_right(person, self.password.data or ""):
            trying.note_failure(attempt, email=email)
            self.form_errors.append(_("Mail address and password do not belong together."))
            return False
        attempt.succeeded()
        self.user = cast(Any, person)
        self.user_authenticated = True
        return True


def _is_confirmed(user: User, field: PasswordField) -> bool:
    """Tell whether the field holds the person's password; if not, say so beside it."""
    try:
        if trying.is_confirmed(user, lambda: passwords.is_right(user, field.data or "")):
            return True
        field.errors = [str(_("This is not your password."))]
    except limits.TooManyTries as error:
        limits.answer_too_many(error)
        field.errors = [error.message]
    return False


class ConfirmItsYouForm(VerifyForm):
    """The password once more, before something that matters."""

    password = PasswordField(_("Password"), [InputRequired(_("Enter your password."))], render_kw=_CURRENT)
    submit = SubmitField(_("Continue"))

    def validate(self, **kwargs: Any) -> bool:  # type: ignore[override]  # WTForms and the library differ here
        """Check the password, and keep that the person has shown that it is them."""
        if not FlaskForm.validate(self, **kwargs):
            return False
        if not _is_confirmed(cast(User, self.user), self.password):
            return False
        note_confirmed()
        return True


class AskForResetForm(FlaskForm):
    """The mail address to which a link for a new password goes."""

    email = _email_field()
    submit = SubmitField(_("Send me a link"))


class RegisterForm(FlaskForm):
    """What a reader tells to get an account."""

    name = StringField(
        _("Name"),
        [InputRequired(_("Give a name.")), Length(max=120)],
        render_kw={"autocomplete": "name"},
        description=_("Others see it; it need not be your real one."),
    )
    email = _email_field()
    submit = SubmitField(_("Make an account"))


def _new_password_field() -> PasswordField:
    return PasswordField(
        _("New password"),
        [InputRequired(_("Enter a password."))],
        render_kw=_NEW,
        description=_("At least 8 characters; 15 or more are better. A few words make a good one."),
    )


def _again_field(other: str) -> PasswordField:
    return PasswordField(
        _("The same again"),
        [
            InputRequired(_("Enter the password once more.")),
            EqualTo(other, _("The two passwords differ.")),
        ],
        render_kw=_NEW,
    )


class NewPasswordForm(ResetPasswordForm):
    """A new password, chosen by the link from a mail."""

    password = _new_password_field()
    password_confirm = _again_field("password")
    submit = SubmitField(_("Keep this password"))


class FirstPasswordForm(FlaskForm):
    """The first password of somebody who was invited."""

    password = _new_password_field()
    password_confirm = _again_field("password")
    submit = SubmitField(_("Keep this password and sign in"))


class AnotherPasswordForm(ChangePasswordForm):
    """The password so far, and another."""

    password = PasswordField(_("Password so far"), [InputRequired(_("Enter your password."))], render_kw=_CURRENT)
    new_password = _new_password_field()
    new_password_confirm = _again_field("new_password")
    submit = SubmitField(_("Change the password"))

    def validate(self, **kwargs: Any) -> bool:  # type: ignore[override]  # WTForms and the library differ here
        """Check the password so far, as often as one may try, and then the new one."""
        person: User | None = current_person()
        if not FlaskForm.validate(self, **kwargs) or person is None or not _is_confirmed(person, self.password):
            return False
        problems, self.new_password.data = passwords.SitePasswordUtil(current_app).validate(
            self.new_password.data or "", False, user=person
        )
        if self.new_password.data == self.password.data:
            problems = [str(_("This is the password you have."))]
        self.new_password.errors = list(problems or [])
        return not problems
