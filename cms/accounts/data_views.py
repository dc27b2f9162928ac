"""The own data: to have them, and to have them erased."""

from __future__ import annotations

from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, cast

from flask import flash, redirect, render_template, send_file, url_for
from flask_security.utils import logout_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField

from cms.accounts import actions
from cms.accounts.account_page import Section, register_section
from cms.accounts.account_views import signed_in_person
from cms.accounts.archive import write_archive
from cms.accounts.freshness import fresh
from cms.accounts.models import User
from cms.accounts.queries import get_user
from cms.accounts.views import blueprint as blueprint  # with the pages of this module on it
from cms.core.db import transaction
from cms.core.errors import CmsError
from cms.core.i18n import LazyString, _, gettext
from cms.core.permissions import signed_in
from cms.core.privacy import DataSubject, holdings

#: The last section of the page.
_POSITION = 95
_IN_MEMORY = 8 * 1024 * 1024


@dataclass(frozen=True)
class Held:
    """How much of one sort is held."""

    name: LazyString
    count: int


def what_is_held(subject: DataSubject) -> list[Held]:
    """Return how much of each sort is held about somebody, without what there is none of."""
    counted = (Held(holding.name, holding.count(subject)) for holding in holdings())
    return [held for held in counted if held.count]


def send_archive(subject: DataSubject, name: str) -> Response:
    """Send what is held about somebody as a download called `name`."""
    stream = cast(IO[bytes], SpooledTemporaryFile(max_size=_IN_MEMORY))  # noqa: SIM115 -- the answer closes it
    write_archive(subject, stream)
    stream.seek(0)
    response = send_file(stream, mimetype="application/zip", as_attachment=True, download_name=name)
    response.call_on_close(stream.close)
    return response


def subject_of(user: User) -> DataSubject:
    """Return a person as whom data are about."""
    return DataSubject(user.email, user.id)


register_section(_POSITION, Section("data", "account/_data.html", lambda user: what_is_held(subject_of(user))))


class EraseForm(FlaskForm):
    """What stays of the name."""

    keep_name = BooleanField(_("Keep my name on what I published"))


@blueprint.post("/account/data")
@signed_in
@fresh
def download_data() -> Response:
    """Send the person everything that is held about them."""
    subject = subject_of(signed_in_person())
    with transaction():
        actions.export_user(subject, by=signed_in_person())
    return send_archive(subject, "my-data.zip")


@blueprint.route("/account/erase", methods=["GET", "POST"])
@signed_in
@fresh
def erase_data() -> Response | str | tuple[str, int]:
    """Say what goes with an erasure of the own data, or erase them and close the account."""
    form, person = EraseForm(), signed_in_person()
    held, problem = what_is_held(subject_of(person)), ""
    if form.validate_on_submit():
        try:
            with transaction():
                user = get_user(person.id)
                actions.erase_user(user, keep_name=form.keep_name.data, by=user)
        except CmsError as error:
            problem = error.message
        else:
            logout_user()
            flash(gettext("Your data are erased, and your account is closed."), "success")
            return redirect(url_for("security.login"), 303)
    page = render_template("account/erase.html", form=form, held=held, problem=problem, back="/account/")
    return (page, 409) if problem else page
