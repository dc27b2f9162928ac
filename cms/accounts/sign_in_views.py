"""Where one is signed in, on the person's own page: seen, and ended."""

from __future__ import annotations

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from cms.accounts.account_page import SIGN_INS, Section, register_section
from cms.accounts.account_views import blueprint, signed_in_person
from cms.accounts.actions import end_sign_in as acts
from cms.accounts.models import User
from cms.accounts.people import current_sign_in_id
from cms.accounts.sign_in_page import SignInList, build_sign_ins
from cms.core.db import transaction
from cms.core.i18n import gettext, ngettext
from cms.core.permissions import signed_in


def _build_section(user: User) -> SignInList:
    return build_sign_ins(user, here=current_sign_in_id())


register_section(SIGN_INS, Section("sign-ins", "account/_sign_ins.html", _build_section))


@blueprint.post("/account/sign-ins/<int:sign_in_id>/end")
@signed_in
def end_sign_in(sign_in_id: int) -> Response:
    """Sign the person out in one browser or program."""
    with transaction() as session:
        user = session.get_one(User, signed_in_person().id)
        acts.end_sign_in(user, sign_in_id, by=user)
    flash(gettext("That sign-in is ended."), "success")
    return redirect(url_for("accounts.account") + "#sign-ins", 303)


@blueprint.post("/account/sign-ins/end-others")
@signed_in
def end_other_sign_ins() -> Response:
    """Sign the person out everywhere but here."""
    with transaction() as session:
        user = session.get_one(User, signed_in_person().id)
        count = acts.end_other_sign_ins(user, keep_id=current_sign_in_id(), by=user)
    told = ngettext("One other sign-in is ended.", "%(num)s other sign-ins are ended.", count)
    flash(told if count else gettext("You were signed in nowhere else."), "success")
    return redirect(url_for("accounts.account") + "#sign-ins", 303)
