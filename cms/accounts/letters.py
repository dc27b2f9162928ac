"""Mails to people about their accounts: plain text, in the language of whoever reads them."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import force_locale

from cms.accounts.links import RESET_LASTS, invitation_lasts, invitation_link, reset_link, site_link
from cms.accounts.models import User
from cms.accounts.safety_links import not_me_link
from cms.core.i18n import Text, _
from cms.core.mail import send_mail
from cms.settings.queries import get_settings


def send_invitation_letter(user: User, *, invited_by: str = "") -> None:
    """Send the link by which an invited person chooses a password; within a transaction."""
    subject = _("Your account at %(site)s", site=get_settings().name)
    context = {"link": invitation_link(user), "days": invitation_lasts().days, "invited_by": invited_by}
    send_letter(user, subject, "invitation", context)


def send_reset_letter(user: User) -> None:
    """Send the link by which a person chooses a new password; within a transaction."""
    subject = _("A new password for %(site)s", site=get_settings().name)
    hours = int(RESET_LASTS.total_seconds() // 3600)
    send_letter(user, subject, "reset", {"link": reset_link(user), "hours": hours})


def send_password_changed_letter(user: User) -> None:
    """Tell a person that their password was changed, and what to do if it was not them; within a transaction."""
    subject = _("Your password at %(site)s was changed", site=get_settings().name)
    send_letter(user, subject, "password_changed", {"link": not_me_link(user)})


def send_known_letter(user: User) -> None:
    """Tell a person who asked for an account that they have one; within a transaction."""
    subject = _("Your account at %(site)s", site=get_settings().name)
    links = {"link": site_link("security.login"), "reset_link": site_link("security.forgot_password")}
    send_letter(user, subject, "known", links)


def send_letter(user: User, subject: Text, template: str, context: dict[str, Any]) -> None:
    """Send a person the letter that a template of `security/mail` makes; within a transaction."""
    settings = get_settings()
    with force_locale((user.language or settings.language).replace("-", "_")):
        text = current_app.jinja_env.get_template(f"security/mail/{template}.txt").render(
            site=settings.name, site_link=current_app.config["CMS_BASE_URL"] + "/", user=user, **context
        )
        send_mail(user.email, str(subject), text)
