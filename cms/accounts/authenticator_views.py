"""The authenticator app on the person's own page: set it up with a picture and a first code, turn it off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from cms.accounts import limits, second_step, trying
from cms.accounts.account_page import AUTHENTICATOR, Section, register_section
from cms.accounts.account_views import back_of, blueprint, signed_in_person
from cms.accounts.actions.turn_off_authenticator import turn_off_authenticator
from cms.accounts.actions.turn_on_authenticator import turn_on_authenticator
from cms.accounts.authenticators import begin_enrolment, enrolment_of, find_authenticator, use_app_code
from cms.accounts.confinement import is_confined, while_confined
from cms.accounts.factor_guard import with_both_factors
from cms.accounts.freshness import Way, add_way, fresh
from cms.accounts.limits import TooManyTries
from cms.accounts.models import User
from cms.accounts.passkey_views import after_set_up
from cms.accounts.people import current_sign_in_id
from cms.core.db import transaction
from cms.core.errors import Conflict, Invalid
from cms.core.i18n import Text, _, gettext
from cms.core.permissions import signed_in
from cms.settings.queries import get_settings


@dataclass(frozen=True)
class AuthenticatorSection:
    """Whether codes of an app are asked for, since when, and when one was last shown."""

    is_on: bool
    since: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True)
class EnrolmentPage:
    """What the app needs to learn, and what was wrong with the first code."""

    address: str
    secret: str
    picture: Markup
    problem: Text | None
    back: str


def build_authenticator(user: User) -> AuthenticatorSection:
    """Return what the section shows."""
    found = find_authenticator(user.id)
    if found is None or found.confirmed_at is None:
        return AuthenticatorSection(False, None, None)
    return AuthenticatorSection(True, found.confirmed_at, found.last_used_at)


register_section(AUTHENTICATOR, Section("authenticator", "account/_authenticator.html", build_authenticator))


@blueprint.post("/account/authenticator/begin")
@signed_in
@while_confined
@fresh
@with_both_factors
def begin_authenticator() -> Response:
    """Make a secret for an app, in place of one that was never confirmed."""
    with transaction() as session:
        begin_enrolment(session.get_one(User, signed_in_person().id))
    return redirect(url_for("accounts.authenticator"), 303)


@blueprint.route("/account/authenticator", methods=["GET", "POST"])
@signed_in
@while_confined
@fresh
@with_both_factors
def authenticator() -> str | Response | tuple[str, int]:
    """Show the secret to the app, and turn its codes on with the first one."""
    me = signed_in_person()
    found = find_authenticator(me.id)
    if found is None or found.confirmed_at is not None:
        return redirect(_back())
    if request.method == "GET":
        return _page(me)
    try:
        attempt = trying.begin_as(limits.CODE, me)
        with transaction() as session:
            user = session.get_one(User, me.id, with_for_update=True)
            code = request.form.get("code", "")
            turn_on_authenticator(user, code=code, by=user, sign_in_id=current_sign_in_id())
            attempt.succeeded()
    except TooManyTries as error:
        limits.answer_too_many(error)
        return _page(me, error.message)
    except Invalid as error:
        return _page(me, error.message), 422
    except Conflict:
        return redirect(_back())
    flash(gettext("The app is set up. Its code is asked for from the next sign-in on."), "success")
    return redirect(after_set_up(me.id, "authenticator"), 303)


def _page(user: User, problem: Text | None = None) -> str:
    found = find_authenticator(user.id)
    if found is None:
        raise Conflict
    shown = enrolment_of(found, site=get_settings().name, email=user.email)
    page = EnrolmentPage(shown.address, shown.secret, Markup(shown.picture), problem, _back())  # noqa: S704 -- made here
    return render_template("account/authenticator.html", page=page, back="/" if is_confined() else back_of(user))


def _back() -> str:
    return url_for("accounts.second_factor_wanted" if is_confined() else "accounts.account")


@blueprint.post("/account/authenticator/off")
@signed_in
@fresh
@with_both_factors
def turn_off_app() -> Response:
    """Ask for no codes of an app any more."""
    try:
        with transaction() as session:
            user = session.get_one(User, signed_in_person().id)
            turn_off_authenticator(user, by=user)
    except Conflict as error:
        flash(error.message, "error")
    else:
        flash(gettext("The app is off. Take the entry out of the app, too."), "success")
    return redirect(url_for("accounts.account") + "#authenticator", 303)


def is_confirmed_by_app(user: User, code: str) -> bool:
    """Tell whether a code of the person's app was shown, as the page "Is it you?" sends it."""

    def check() -> bool:
        with transaction() as session:
            return use_app_code(session.get_one(User, user.id), code)

    return trying.is_confirmed(user, check)


def _has_app(user: User) -> bool:
    return build_authenticator(user).is_on


add_way(
    Way(
        second_step.APP,
        _has_app,
        is_confirmed_by_app,
        "security/_confirm_app.html",
        _("This is not the code that the app shows now. Each code holds once."),
    )
)
