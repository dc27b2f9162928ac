"""The password on the person's own page, and the page for who says that it was not them."""

from __future__ import annotations

from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cms.accounts import limits
from cms.accounts.account_page import PASSWORD, Section, register_section
from cms.accounts.account_views import blueprint
from cms.accounts.actions.secure_account import secure_account
from cms.accounts.links import reset_token
from cms.accounts.models import User
from cms.accounts.safety_links import find_not_me
from cms.core.db import transaction
from cms.core.permissions import public_route


@dataclass(frozen=True)
class PasswordSection:
    """Whether there is a password."""

    has_password: bool


def _build_section(user: User) -> PasswordSection:
    return PasswordSection(bool(user.password))


register_section(PASSWORD, Section("password", "account/_password.html", _build_section))


@blueprint.route("/account/not-me/<token>", methods=["GET", "POST"])
@public_route
def not_me(token: str) -> str | Response | tuple[str, int]:
    """End every sign-in of whoever has the link from a mail, and go on to choosing another password."""
    user = find_not_me(token)
    if user is None:
        limits.begin(limits.TOKEN)
        return render_template("security/not_me_void.html"), 410
    if request.method != "POST":
        return render_template("security/not_me.html", name=user.name)
    with transaction() as session:
        mine = session.get_one(User, user.id)
        secure_account(mine, by=mine)
        there = url_for("security.reset_password", token=reset_token(mine))
    return redirect(there, 303)
