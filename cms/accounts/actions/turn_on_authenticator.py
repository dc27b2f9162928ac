"""Turning on codes of an authenticator app."""

from __future__ import annotations

from cms.accounts.authenticators import find_authenticator, use_app_code
from cms.accounts.factor_changes import after_first_factor
from cms.accounts.factor_events import AuthenticatorTurnedOn
from cms.accounts.factor_letters import send_authenticator_letter
from cms.accounts.factors import factors_of
from cms.accounts.models import User
from cms.accounts.policies import is_oneself
from cms.core.db import current_session
from cms.core.errors import Conflict, Invalid
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require
from cms.lib.clock import utcnow


def turn_on_authenticator(user: User, *, code: str, by: Actor, sign_in_id: int = 0) -> None:
    """Ask `user` for codes of the app that shows `code` now, from the next sign-in on.

    Raises Forbidden for another person's account, Conflict when nothing waits to be set up, Invalid for a wrong code.
    """
    require(is_oneself(by, user.id), _("Only the person themselves can change how they sign in."))
    found = find_authenticator(user.id)
    if found is None or found.confirmed_at is not None:
        raise Conflict(_("There is no app to set up. Begin once more on this page."))
    first = not factors_of(user.id).any
    if not use_app_code(user, code, confirmed=False):
        sentence = _("This is not the code that the app shows now. Enter the next one; the clock of the device counts.")
        raise Invalid(fields={"code": sentence})
    found.confirmed_at = utcnow()
    current_session().flush()
    after_first_factor(user, first=first, sign_in_id=sign_in_id)
    send_authenticator_letter(user, on=True)
    record(AuthenticatorTurnedOn(user.id))
