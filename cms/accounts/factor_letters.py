"""Mails about second factors and tokens: what happened, when and from where, and what to do if it was not you."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from flask import has_request_context, request

from cms.accounts.device_names import name_device
from cms.accounts.letters import send_letter
from cms.accounts.links import site_link
from cms.accounts.models import User
from cms.core.i18n import Text, _, _n
from cms.lib.clock import utcnow
from cms.settings.queries import get_settings


def send_code_letter(user: User, code: str, *, minutes: int) -> None:
    """Send the code that a person needs to sign in on a device we do not know; within a transaction."""
    subject = _("Your code to sign in to %(site)s", site=get_settings().name)
    link = site_link("security.forgot_password")
    send_letter(user, subject, "code", {"code": code, "minutes": minutes, "link": link, **_circumstances(user)})


def send_passkey_added_letter(user: User, name: str) -> None:
    """Tell a person of a new passkey; within a transaction."""
    _tell(user, _("A passkey was added to your account"), _("The passkey “%(name)s” was added.", name=name))


def send_passkey_removed_letter(user: User, name: str) -> None:
    """Tell a person that a passkey is gone; within a transaction."""
    _tell(user, _("A passkey was removed from your account"), _("The passkey “%(name)s” was removed.", name=name))


def send_passkey_copied_letter(user: User, name: str) -> None:
    """Tell a person that a passkey was refused for looking copied; within a transaction."""
    text = _(
        "Somebody showed the passkey “%(name)s”, and it was refused: its counter ran backwards, as that of a copy "
        "would. Remove it, and add it again if it is yours.",
        name=name,
    )
    _tell(user, _("One of your passkeys was refused"), text)


def send_authenticator_letter(user: User, *, on: bool) -> None:
    """Tell a person that codes of an app are asked for from now on, or no more; within a transaction."""
    if on:
        text = _("From now on a code of your authenticator app is asked for when you sign in.")
        _tell(user, _("Your authenticator app is on"), text)
    else:
        text = _("From now on no code of an authenticator app is asked for when you sign in.")
        _tell(user, _("Your authenticator app is off"), text)


def send_recovery_codes_letter(user: User) -> None:
    """Tell a person that they have new recovery codes; within a transaction."""
    text = _("New recovery codes were made. Those of before are worth nothing any more.")
    _tell(user, _("You have new recovery codes"), text)


def send_recovery_used_letter(user: User, left: int) -> None:
    """Tell a person that a recovery code was used, and how many are left; within a transaction."""
    text = _n(
        "Somebody signed in with one of your recovery codes. One is left.",
        "Somebody signed in with one of your recovery codes. %(num)s are left.",
        left,
    )
    _tell(user, _("A recovery code was used"), text)


def send_token_letter(user: User, name: str) -> None:
    """Tell a person of a new personal token; within a transaction."""
    text = _(
        "The personal token “%(name)s” was made. A program that has it acts for you, with the rights you chose.",
        name=name,
    )
    _tell(user, _("A personal token was made for your account"), text)


def send_factors_reset_letter(user: User, by: str) -> None:
    """Tell a person that somebody took their second factors away; within a transaction."""
    text = _(
        "%(name)s reset the second factors of your account: its passkeys, its authenticator app and its recovery "
        "codes are gone, and you are signed out everywhere. Sign in with your password, and set up new ones.",
        name=by,
    )
    _tell(user, _("Your second factors were reset"), text)


def _tell(user: User, subject: Text, text: Text) -> None:
    links = {"account_link": site_link("accounts.account"), "link": site_link("security.forgot_password")}
    about = _("%(subject)s at %(site)s", subject=subject, site=get_settings().name)
    send_letter(user, about, "factor", {"text": text, **links, **_circumstances(user)})


def _circumstances(user: User) -> dict[str, object]:
    """Return when and from where this happens, in the words and the zone of the person."""
    ip, device = "", None
    if has_request_context():
        ip, device = request.remote_addr or "", name_device(request.user_agent.string)
    return {"when": _moment(user, utcnow()), "device": device, "ip": ip}


def _moment(user: User, moment: datetime) -> str:
    settings = get_settings()
    zone = user.time_zone or settings.time_zone
    language = (user.language or settings.language).replace("-", "_")
    told = format_datetime(moment, "d MMMM y, HH:mm", tzinfo=ZoneInfo(zone), locale=language)
    return f"{told} ({zone.rpartition('/')[2].replace('_', ' ')})"
