"""A reader makes an account."""

from __future__ import annotations

from cms.accounts import fields
from cms.accounts.actions.invite_user import invite_user, send_invitation
from cms.accounts.events import RegistrationRepeated
from cms.accounts.identities import signs_in_without_password
from cms.accounts.letters import send_known_letter
from cms.accounts.queries import find_role, find_user_by_email
from cms.accounts.roles import SUBSCRIBER
from cms.core.errors import Forbidden
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor
from cms.settings.queries import get_settings


def register_user(*, email: str, name: str, by: Actor) -> None:
    """Mail a reader the link by which they choose a password, and make the account as a subscriber if it is new.

    Whoever has an account already is told so by mail, so that nobody else learns of it. A closed account stays
    closed. `by` is the system, for a stranger holds no rights. Raises Forbidden while the site does not take
    registrations, and Invalid.
    """
    if not get_settings().registration_open:
        raise Forbidden(_("This site does not take registrations."))
    known = find_user_by_email(fields.read_email(email))
    if known is None:
        role = find_role(SUBSCRIBER)
        invite_user(email=email, name=name, roles=[role] if role else [], by=by)
    elif known.active and known.password is None and not signs_in_without_password(known):
        send_invitation(known, by=by)
    elif known.active:
        send_known_letter(known)
        record(RegistrationRepeated(known.id))
