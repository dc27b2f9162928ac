"""Mails about accounts elsewhere: whoever did not do it themselves learns what to do."""

from __future__ import annotations

from cms.accounts.letters import send_letter
from cms.accounts.links import site_link
from cms.accounts.models import User
from cms.core.i18n import _
from cms.settings.queries import get_settings


def send_connected_letter(user: User, provider: str, label: str) -> None:
    """Tell a person that an account elsewhere opens theirs from now on; within a transaction."""
    subject = _("%(provider)s signs you in at %(site)s from now on", provider=provider, site=get_settings().name)
    send_letter(user, subject, "identity_connected", {"provider": provider, "label": label, **_links()})


def send_disconnected_letter(user: User, provider: str, label: str) -> None:
    """Tell a person that an account elsewhere opens theirs no more; within a transaction."""
    subject = _("%(provider)s does not sign you in at %(site)s any more", provider=provider, site=get_settings().name)
    send_letter(user, subject, "identity_disconnected", {"provider": provider, "label": label, **_links()})


def _links() -> dict[str, str]:
    return {"link": site_link("accounts.account"), "reset_link": site_link("security.forgot_password")}
