"""Personal data of others: give them to who asks, and erase them; also of strangers known by a mail address alone."""

from __future__ import annotations

from dataclasses import dataclass

from flask import redirect, request
from flask_admin import expose
from werkzeug.wrappers import Response

from cms.accounts import policies
from cms.accounts.actions import erase_address, erase_user, export_user
from cms.accounts.data_views import Held, send_archive, what_is_held
from cms.accounts.models import User
from cms.accounts.queries import find_user_by_email, get_user
from cms.admin.access import person
from cms.admin.base import Answer, Closed
from cms.admin.messages import tell
from cms.core.db import transaction
from cms.core.i18n import Text, _
from cms.core.permissions import may_some, permission
from cms.core.privacy import DataSubject
from cms.lib.errors import LibError
from cms.lib.mail_addresses import read_mail_address


@dataclass(frozen=True)
class Found:
    """Whom an address stands for, what is held, and what the signed-in person may do with it."""

    email: str
    name: Text
    held: list[Held]
    may_export: bool
    may_erase: bool


class PersonalDataView(Closed):
    """Asking for somebody by mail address; then export, or erasure."""

    fresh = frozenset({"export", "erase"})

    def __init__(self) -> None:
        super().__init__(name="Personal data", endpoint="admin_personal_data", url="personal-data")

    @expose("/")
    @permission(policies.EXPORT_DATA)
    def index(self) -> Answer:
        """Show what is held about a mail address."""
        typed = request.args.get("email", "").strip()[:320]
        subject, user, problem = _read(typed)
        found = _found(subject, user) if subject is not None else None
        if found is not None and not found.held:
            found, problem = None, _("Nothing is held about this address.")
        page = self.render("admin/personal_data.html", email=typed, found=found, problem=problem)
        return page, 422 if problem and subject is None else 200

    @expose("/export/", methods=("POST",))
    @permission(policies.EXPORT_DATA)
    def export(self) -> Response | Answer:
        """Send what is held about the address that was sent."""
        subject, _user, problem = _read(request.form.get("email", "")[:320])
        if subject is None:
            return self.render("admin/personal_data.html", email="", found=None, problem=problem), 422
        with transaction():
            export_user(subject, by=person())
        return send_archive(subject, "personal-data.zip")

    @expose("/erase/", methods=("POST",))
    @permission(policies.ERASE_DATA)
    def erase(self) -> Response | Answer:
        """Erase what is held about the address that was sent."""
        subject, user, problem = _read(request.form.get("email", "")[:320])
        if subject is None:
            return self.render("admin/personal_data.html", email="", found=None, problem=problem), 422
        with transaction():
            if user is not None:
                erase_user(get_user(user.id), keep_name="keep_name" in request.form, by=person())
            else:
                erase_address(subject.email, by=person())
        tell(_("Erased. The record keeps that it was done, without a name."))
        return redirect(self.get_url(".index"), 303)


def _read(typed: str) -> tuple[DataSubject | None, User | None, Text]:
    if not typed:
        return None, None, ""
    try:
        address = read_mail_address(typed)
    except LibError:
        return None, None, _("This is not a mail address.")
    user = find_user_by_email(address)
    return DataSubject(address, user.id if user is not None else None), user, ""


def _found(subject: DataSubject, user: User | None) -> Found:
    return Found(
        subject.email,
        user.name if user is not None else _("Somebody without an account"),
        what_is_held(subject),
        policies.may_export_data(person(), user),
        may_some(person(), policies.ERASE_DATA) and policies.may_erase_data(person(), user),
    )
