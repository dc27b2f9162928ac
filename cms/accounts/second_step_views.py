"""The second step of signing in: a passkey, a code of an app, a recovery code, or one from a mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from cms.accounts import limits, second_step
from cms.accounts.account_views import blueprint
from cms.accounts.answers import for_scripts, sent
from cms.accounts.limits import TooManyTries
from cms.accounts.models import User
from cms.accounts.passkey_answers import refuse_copied, verify_passkey_answer
from cms.accounts.passkey_questions import SECOND_STEP, QuestionGone, ask_for_passkey
from cms.accounts.people import current_person
from cms.accounts.second_step import MAIL, PASSKEY, RECOVERY, SecondStep
from cms.accounts.signing_in import WAITING, complete_second_step, waiting_key
from cms.core.db import transaction
from cms.core.i18n import Text, _, gettext, ngettext
from cms.core.permissions import public_route
from cms.lib.clock import utcnow


@dataclass(frozen=True)
class SecondStepPage:
    """What the page asks for now, and what else would do."""

    way: str
    others: Sequence[str]
    email: str
    problem: Text | None
    #: Whether a code that was mailed still holds, and in how many seconds another can be asked for.
    code_holds: bool
    wait_seconds: int


@blueprint.route("/login/second-step", methods=["GET", "POST"], endpoint="second_step")
@public_route
def second_step_page() -> str | Response | tuple[str, int]:
    """Ask a browser that has shown the first factor for the second, and sign in who is right."""
    if current_person() is not None:
        return redirect(url_for("accounts.after_sign_in"))
    found = second_step.find_step(waiting_key())
    if found is None:
        return _begin_anew()
    step, user = found
    asked = request.values.get("way", "")
    way = asked if asked in step.ways else step.ways[0]
    if request.method == "GET" or way == PASSKEY:
        return _page(step, user, way)
    return _try(step, user, way)


def _try(step: SecondStep, user: User, way: str) -> str | Response | tuple[str, int]:
    code = request.form.get("code", "").strip()
    if not code:
        return _page(step, user, way, _("Enter the code.")), 422
    try:
        attempt = second_step.begin_try(user)
    except TooManyTries as error:
        limits.answer_too_many(error)
        return _page(step, user, way, error.message)
    with transaction() as database:
        person = database.get_one(User, step.user_id)
        tried = second_step.try_code(step, person, way, code)
        if tried.right:
            attempt.succeeded()
            target = complete_second_step(step, person, second_factor=way != MAIL)
            left = second_step.note_recovery_used(person) if way == RECOVERY else None
    if tried.right:
        if left is not None:
            _tell_left(left)
            target = url_for("accounts.account") + "#recovery-codes"
        return redirect(target)
    second_step.note_wrong(attempt, user)
    return _begin_anew() if tried.over else (_page(step, user, way, second_step.WRONG[way]), 422)


def _tell_left(left: int) -> None:
    if left:
        flash(
            ngettext("You are in. One recovery code is left.", "You are in. %(num)s recovery codes are left.", left),
            "success",
        )
    else:
        flash(gettext("You are in. That was your last recovery code: make new ones now."), "error")


def _begin_anew() -> Response:
    """Send a browser whose second step is over to the sign-in page."""
    if session.pop(WAITING, None) is not None:
        flash(str(second_step.OVER), "error")
    return redirect(url_for("security.login"))


def _page(step: SecondStep, user: User, way: str, problem: Text | None = None) -> str:
    now = utcnow()
    page = SecondStepPage(
        way=way,
        others=[other for other in step.ways if other != way],
        email=user.email,
        problem=problem,
        code_holds=step.code_until is not None and step.code_until > now,
        wait_seconds=max(0, int((step.new_code_from - now).total_seconds()) + 1),
    )
    return render_template("security/second_step.html", page=page)


@blueprint.post("/login/second-step/mail")
@public_route
def mail_code_again() -> str | Response:
    """Mail another code, at most once a minute."""
    found = second_step.find_step(waiting_key())
    if found is None:
        return _begin_anew()
    step, user = found
    try:
        sent_again = second_step.mail_again(step, user)
    except TooManyTries as error:
        limits.answer_too_many(error)
        return _page(step, user, MAIL if MAIL in step.ways else step.ways[0], error.message)
    if sent_again != step:
        flash(gettext("Another code is on its way. The one before holds no more."), "success")
    else:
        flash(gettext("A code was sent less than a minute ago. Please wait a little."), "error")
    return redirect(url_for("accounts.second_step"))


@blueprint.post("/login/second-step/question")
@public_route
@for_scripts
def ask_for_their_passkey() -> dict[str, Any]:
    """Return what a browser is asked to show a passkey of the person with who has shown the first factor."""
    _step, user = _waiting()
    return ask_for_passkey(SECOND_STEP, user)


@blueprint.post("/login/second-step/passkey")
@public_route
@for_scripts
def take_second_step_with_passkey() -> dict[str, Any]:
    """Sign in who shows a passkey as the second step; return where to go on."""
    step, user = _waiting()
    told = sent()
    attempt = second_step.begin_try(user)
    with transaction():
        shown = verify_passkey_answer(told.get("answer"), purpose=SECOND_STEP, user=user)
        target = ""
        if not shown.copied:
            if not second_step.end_step(step):
                raise QuestionGone
            attempt.succeeded()
            target = complete_second_step(step, shown.user, second_factor=True)
    refuse_copied(shown)
    return {"next": target}


def _waiting() -> tuple[SecondStep, User]:
    found = second_step.find_step(waiting_key())
    if found is None or PASSKEY not in found[0].ways:
        raise QuestionGone(second_step.OVER)
    return found
