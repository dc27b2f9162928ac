"""Mails to people about their accounts: plain text, in the language of whoever reads them."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import force_locale

from cms.accounts.links import INVITATION_LASTS, RESET_LASTS, invitation_link, reset_link, site_link
from cms.accounts.models import User
from cms.core.i18n import Text, _
from cms.core.mail import send_mail
from cms.settings.queries import get_settings


def send_invitation_letter(user: User, *, invited_by: str = "") -> None:
    """Send the link by which an invited person chooses a password; within a transaction."""
    subject = _("Your account at %(site)s", site=get_settings().name)
    context = {"link": invitation_link(user), "days": INVITATION_LASTS.days, "invited_by": invited_by}
    _send(user, subject, "invitation", context)


def send_reset_letter(user: User) -> None:
    """Send the link by which a person chooses a new password; within a transaction."""
    subject = _("A new password for %(site)s", site=get_settings().name)
    hours = int(RESET_LASTS.total_seconds() // 3600)
    _send(user, subject, "reset", {"link": reset_link(user), "hours": hours})


def send_password_changed_letter(user: User) -> None:
    """Tell a person that their password was changed, and what to do if it was not them; within a transaction."""
    subject = _("Your password at %(site)s was changed", site=get_settings().name)
    _send(user, subject, "password_changed", {"link": site_link("security.forgot_password")})


def send_known_letter(user: User) -> None:
    """Tell a person who asked for an account that they have one; within a transaction."""
    subject = _("Your account at %(site)s", site=get_settings().name)
    links = {"link": site_link("security.login"), "reset_link": site_link("security.forgot_password")}
    _send(user, subject, "known", links)


def _send(user: User, subject: Text, template: str, context: dict[str, Any]) -> None:
    settings = get_settings()
    with force_locale((user.language or settings.language).replace("-", "_")):
        text = current_app.jinja_env.get_template(f"security/mail/{template}.txt").render(
            site=settings.name, site_link=current_app.config["CMS_BASE_URL"] + "/", user=user, **context
        )
        send_mail(user.email, str(subject), text)
