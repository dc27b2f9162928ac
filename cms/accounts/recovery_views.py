"""Recovery codes on the person's own page, and the page of who has to set up a second factor before anything else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cms.accounts.account_page import RECOVERY_CODES, Section, register_section
from cms.accounts.account_views import back_of, blueprint, signed_in_person
from cms.accounts.actions.make_recovery_codes import make_recovery_codes
from cms.accounts.authenticator_views import build_authenticator
from cms.accounts.confinement import is_confined, while_confined
from cms.accounts.factor_guard import with_both_factors
from cms.accounts.factors import factors_of
from cms.accounts.freshness import fresh
from cms.accounts.models import User
from cms.accounts.passkey_views import PasskeysSection, build_passkeys
from cms.accounts.recovery import HOW_MANY, knows_codes
from cms.core.db import transaction
from cms.core.errors import Invalid
from cms.core.permissions import signed_in
from cms.settings.queries import get_settings


@dataclass(frozen=True)
class RecoverySection:
    """How many recovery codes are left, and whether there is anything to recover from."""

    left: int
    has_factor: bool


@dataclass(frozen=True)
class RecoveryPage:
    """The codes, once, right after they were made; nothing before."""

    codes: Sequence[str]
    left: int
    how_many: int
    site: str
    email: str
    back: str


@dataclass(frozen=True)
class WantedPage:
    """What somebody is shown whose role asks for a second factor."""

    name: str
    site: str
    #: A role asks for it, and the person has one already, but did not show it in this browser.
    has_factor: bool
    passkeys: PasskeysSection
    app_begun: bool


def build_recovery(user: User) -> RecoverySection:
    """Return what the section shows."""
    factors = factors_of(user.id)
    return RecoverySection(factors.recovery_codes, factors.any)


register_section(RECOVERY_CODES, Section("recovery-codes", "account/_recovery_codes.html", build_recovery))


@blueprint.route("/account/recovery-codes", methods=["GET", "POST"])
@signed_in
@fresh
@with_both_factors
def recovery_codes() -> str | Response:
    """Offer recovery codes; make them, and show them this once."""
    me = signed_in_person()
    factors = factors_of(me.id)
    if not factors.any:
        return redirect(url_for("accounts.account"))
    codes: list[str] = []
    if request.method == "POST":
        with transaction() as session:
            user = session.get_one(User, me.id, with_for_update=True)
            codes = make_recovery_codes(user, by=user)
    left = len(codes) or factors.recovery_codes
    page = RecoveryPage(codes, left, HOW_MANY, get_settings().name, me.email, back_of(me))
    return render_template("account/recovery_codes.html", page=page, back=page.back)


@blueprint.post("/account/recovery-codes/file")
@signed_in
def recovery_codes_file() -> Response:
    """Return the codes that the page shows as a file of text; raises Invalid for any that are not the person's."""
    me = signed_in_person()
    codes = request.form.getlist("codes")[:HOW_MANY]
    if not codes or not knows_codes(me.id, codes):
        raise Invalid
    lines = [get_settings().name, me.email, "", *codes, ""]
    answer: Response = make_response("\r\n".join(lines))
    answer.headers["Content-Type"] = "text/plain; charset=utf-8"
    answer.headers["Content-Disposition"] = 'attachment; filename="recovery-codes.txt"'
    return answer


@blueprint.get("/account/second-factor")
@signed_in
@while_confined
def second_factor_wanted() -> str | Response:
    """Lead somebody whose role asks for a second factor to setting one up; they can do nothing else before."""
    if not is_confined():
        return redirect(url_for("accounts.account"))
    me = signed_in_person()
    app = build_authenticator(me)
    page = WantedPage(me.name, get_settings().name, factors_of(me.id).any, build_passkeys(me), app.is_on)
    return render_template("account/second_factor.html", page=page)
