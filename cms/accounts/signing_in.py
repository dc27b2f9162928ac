"""Signing in, whatever the way: after the first factor it is decided here what else is asked for.

A passkey is two factors at once (the device, and a finger, a face or a code on it). Who has an authenticator app or
passkeys is asked for one of them; who has neither, and comes with a password in a browser we do not know, for a code
by mail. Until then nothing is in the session but the key of a challenge, and nothing opens.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from flask import redirect, request, session, url_for
from flask_security.utils import login_user
from werkzeug.wrappers import Response

from cms.accounts import second_step
from cms.accounts.datastore import do_what_waits, keep_changes
from cms.accounts.factors import factors_of, must_have_second_factor
from cms.accounts.models import User
from cms.accounts.redirects import is_safe_target
from cms.accounts.second_step import SecondStep
from cms.accounts.sessions import sign_in_by
from cms.core.db import in_transaction, transaction

#: What the browser's session holds between the two steps.
WAITING = "masthead_second_step"
WAITS_FOR = timedelta(minutes=15)


def complete_first_factor(user: User, *, method: str, remember: bool = False, next_address: str = "") -> Response:
    """Sign `user` in after one factor was shown, or ask for the second; return where to go on.

    `method` is how they came (`password`, `provider`, `invitation`, `link`), `next_address` a path of this site that
    they wanted; any other is overlooked. What a library left changed (a password hash made anew) is kept with it.
    """
    wanted = next_address if is_safe_target(next_address, request.host) else ""
    with transaction(adopt=True):
        do_what_waits()
        factors = factors_of(user.id)
        ways = second_step.ways_for(user, factors, method)
        if ways:
            session[WAITING] = second_step.open_step(user, ways, method, remember, wanted)
            return redirect(url_for("accounts.second_step"))
        begin_sign_in(user, method=method, second_factor=False, remember=remember)
        confined = must_have_second_factor(user)
    return redirect(url_for("accounts.second_factor_wanted") if confined else wanted or _first_page())


def complete_second_step(step: SecondStep, user: User, *, second_factor: bool) -> str:
    """Sign `user` in, whose second step is answered; within a transaction. Return the address to go on to."""
    session.pop(WAITING, None)
    begin_sign_in(user, method=step.method, second_factor=second_factor, remember=step.remember)
    if not second_factor and must_have_second_factor(user):
        return url_for("accounts.second_factor_wanted")
    return step.next_address or _first_page()


def begin_sign_in(user: User, *, method: str, second_factor: bool, remember: bool = False) -> None:
    """Open a sign-in for this browser, in the open transaction, or in one of its own."""
    sign_in_by(user, method, second_factor=second_factor)
    login_user(cast(Any, user), remember=remember, authn_via=[method])
    if not in_transaction():
        keep_changes()


def waiting_key() -> object:
    """Return the key of the second step that this browser is asked for, whatever the session says it is."""
    return session.get(WAITING)


def _first_page() -> str:
    return url_for("accounts.after_sign_in")
