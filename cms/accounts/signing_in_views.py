"""The sign-in page: password, or a passkey, which needs neither name nor password."""

from __future__ import annotations

from typing import Any, cast

from flask import redirect, render_template, request, url_for
from flask_security.forms import _build_form_from_request
from werkzeug.wrappers import Response

from cms.accounts import limits
from cms.accounts.account_views import blueprint
from cms.accounts.answers import for_scripts, sent
from cms.accounts.confinement import is_confined
from cms.accounts.forms import SignInForm
from cms.accounts.models import User
from cms.accounts.passkey_answers import refuse_copied, verify_passkey_answer
from cms.accounts.passkey_questions import SIGN_IN, ask_for_passkey
from cms.accounts.passkeys import are_in_use
from cms.accounts.people import current_person
from cms.accounts.redirects import is_safe_target
from cms.accounts.signing_in import begin_sign_in, complete_first_factor
from cms.core.db import transaction
from cms.core.permissions import public_route


@public_route
def sign_in() -> str | Response:
    """Take mail address and password, and go on to whatever else is asked for."""
    form = cast(SignInForm, _build_form_from_request("login_form"))
    if current_person() is not None:
        return redirect(wanted_address(form.next.data) or url_for("accounts.after_sign_in"))
    if is_confined():
        return redirect(url_for("accounts.second_factor_wanted"))
    if form.validate_on_submit():
        return complete_first_factor(
            cast(User, form.user),
            method="password",
            remember=bool(form.remember.data),
            next_address=wanted_address(form.next.data),
        )
    return render_template("security/login_user.html", login_user_form=form, has_passkeys=are_in_use())


def wanted_address(told: object) -> str:
    """Return the page of ours that somebody wanted before they were asked to sign in; empty for any other."""
    for candidate in (told, request.args.get("next")):
        if isinstance(candidate, str) and candidate and is_safe_target(candidate, request.host):
            return candidate
    return ""


@blueprint.post("/login/passkey/question")
@public_route
@for_scripts
def ask_for_any_passkey() -> dict[str, Any]:
    """Return what a browser is asked to show any passkey for this site with."""
    return ask_for_passkey(SIGN_IN)


@blueprint.post("/login/passkey")
@public_route
@for_scripts
def sign_in_with_passkey() -> dict[str, Any]:
    """Sign in whoever shows a passkey: two factors at once, for it was unlocked too; return where to go on."""
    told = sent()
    attempt = limits.begin(limits.PASSKEY)
    with transaction():
        shown = verify_passkey_answer(told.get("answer"), purpose=SIGN_IN)
        if not shown.copied:
            attempt.succeeded()
            begin_sign_in(shown.user, method="passkey", second_factor=True, remember=told.get("remember") is True)
    refuse_copied(shown)
    return {"next": wanted_address(told.get("next")) or url_for("accounts.after_sign_in")}
