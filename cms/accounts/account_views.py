"""The person's own page: how they sign in, and what keeps others out."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import current_app, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from cms.accounts.account_page import OVERVIEW, Section, build_sections, register_section
from cms.accounts.models import User
from cms.accounts.people import current_person
from cms.accounts.policies import may_enter_office
from cms.accounts.views import blueprint as blueprint  # with the pages of this module on it
from cms.core.permissions import SIGNED_IN, route_permission, signed_in


@dataclass(frozen=True)
class Overview:
    """Who is signed in."""

    name: str
    email: str
    #: Empty for those who have no place in the back office.
    profile_address: str


def _build_overview(user: User) -> Overview:
    return Overview(user.name, user.email, url_for("admin_profile.index") if may_enter_office(user) else "")


register_section(OVERVIEW, Section("overview", "account/_overview.html", _build_overview))


def signed_in_person() -> User:
    """Return the signed-in person; NotFound when nobody is (strangers were sent away before)."""
    person = current_person()
    if person is None:
        raise NotFound
    return person


@blueprint.get("/account/")
@signed_in
def account() -> str:
    """Show how the person signs in, and let them change it."""
    person = signed_in_person()
    return render_template("account/page.html", sections=build_sections(person), back=back_of(person))


def back_of(person: User) -> str:
    """Return where the page's way back leads: the back office, or the site for who has no place there."""
    return "/admin/" if may_enter_office(person) else "/"


@blueprint.before_request
def send_stranger_to_sign_in() -> Response | None:
    """Send a stranger who asks for a page of a signed-in person to the sign-in page, and back afterwards."""
    view = current_app.view_functions[request.endpoint or ""]
    if route_permission(request.endpoint or "", view) != SIGNED_IN or current_person() is not None:
        return None
    wanted = request.path if request.method in ("GET", "HEAD") else url_for("accounts.account")
    return redirect(f"{url_for('security.login')}?{urlencode({'next': wanted})}")
