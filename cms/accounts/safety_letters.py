"""Mails that ask "was this you?" and say what to do when it was not."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from flask import current_app
from flask_babel import force_locale

from cms.accounts.letters import send_letter
from cms.accounts.links import site_link
from cms.accounts.models import User
from cms.accounts.safety_links import not_me_link
from cms.core.i18n import Text, _
from cms.core.mail import send_mail
from cms.settings.queries import get_settings


def send_tries_letter(user: User, *, tries: int, ip: str | None) -> None:
    """Tell a person that somebody keeps failing to get into their account; within a transaction."""
    subject = _("Somebody tries to get into your account at %(site)s", site=get_settings().name)
    context = {"tries": tries, "ip": ip, "link": site_link("security.forgot_password")}
    send_letter(user, subject, "tries", context)


def send_new_device_letter(user: User, *, device: Text, ip: str | None, at: datetime) -> None:
    """Tell a person that somebody signed in where they never had before; within a transaction."""
    subject = _("Somebody signed in to your account at %(site)s", site=get_settings().name)
    context = {"device": device, "ip": ip or "", "when": tell_moment(user, at), "link": not_me_link(user)}
    send_letter(user, subject, "new_device", context)


def send_email_letters(user: User, *, address: str, old_key: str, new_key: str) -> None:
    """Ask the old and the new address whether the person signs in with the new one; within a transaction."""
    site = get_settings().name
    subject = _("Confirm your new mail address at %(site)s", site=site)
    for to, key in ((user.email, old_key), (address, new_key)):
        context = {"address": address, "is_new": to != user.email, "link": site_link("accounts.email_link", key=key)}
        _send_to(to, user, subject, "email_confirm", context)


def send_email_changed_letters(user: User, *, before: str, by: str) -> None:
    """Tell both addresses that the person signs in with the new one; `by` names an admin who did it."""
    subject = _("Your mail address at %(site)s was changed", site=get_settings().name)
    for to in (before, user.email):
        context = {"before": before, "address": user.email, "by": by, "is_new": to == user.email}
        context["link"] = site_link("security.login")
        _send_to(to, user, subject, "email_changed", context)


def _send_to(to: str, user: User, subject: Text, template: str, context: dict[str, Any]) -> None:
    """Send a letter about the account of `user` to an address that may not be theirs."""
    settings = get_settings()
    with force_locale((user.language or settings.language).replace("-", "_")):
        text = current_app.jinja_env.get_template(f"security/mail/{template}.txt").render(
            site=settings.name, site_link=current_app.config["CMS_BASE_URL"] + "/", user=user, **context
        )
        send_mail(to, str(subject), text)


def tell_moment(user: User, moment: datetime) -> str:
    """Return a moment in the words and the zone of a person, who reads it in a mail."""
    settings = get_settings()
    zone = user.time_zone or settings.time_zone
    language = (user.language or settings.language).replace("-", "_")
    told = format_datetime(moment, "d MMMM y, HH:mm", tzinfo=ZoneInfo(zone), locale=language)
    return f"{told} ({zone.rpartition('/')[2].replace('_', ' ')})"
