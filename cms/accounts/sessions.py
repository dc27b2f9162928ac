"""From cookie to person and back: what happens in a browser's session at signing in and out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, after_this_request, g, request, session
from flask.globals import request_ctx
from flask_security.utils import set_request_attr
from werkzeug.wrappers import Response

from cms.accounts import sign_ins
from cms.accounts.datastore import at_commit
from cms.accounts.events import PasswordChanged, SignedIn, SignedOut
from cms.accounts.letters import send_password_changed_letter
from cms.accounts.models import User
from cms.core.db import current_session, transaction
from cms.core.errors import CmsError
from cms.core.events import record
from cms.lib.clock import utcnow

#: What of the session of before outlives a sign-in: notices, and what Flask-Login has just written.
_KEPT = frozenset({"_flashes", "_fresh", "_remember", "_remember_seconds"})
_SIGN_IN = "masthead_sign_in_id"


def load_person(key: str | None) -> User | None:
    """Return the person whose cookie holds `key`, with all rights, in two queries; None when it is worthless."""
    found = sign_ins.find_sign_in(str(key)) if key else None
    if found is None:
        return None
    sign_in, person = found
    setattr(g, _SIGN_IN, sign_in.id)
    set_request_attr("fs_authn_via", "session")
    set_request_attr("fs_paa", session.get("fs_paa", 0))
    if sign_ins.is_seen_long_ago(sign_in):
        after_this_request(_note_seen)
    return person


def _note_seen(response: Response) -> Response:
    database = current_session()
    if not (database.new or database.dirty or database.deleted):
        try:
            with transaction():
                sign_ins.note_seen(getattr(g, _SIGN_IN, 0))
        except CmsError:
            # The database is busy: the next click notes it. The answer is ready and must not suffer.
            return response
    return response


def only_if_used(remember: Callable[[Response], Response]) -> Callable[[Response], Response]:
    """Have Flask-Login look after its "stay signed in" cookie only where a request used the session.

    It looks into the session after every request, and what has looked there varies by cookie: files and feeds too.
    """

    def keep(response: Response) -> Response:
        opened = request_ctx._session
        return remember(response) if opened is not None and opened.accessed else response

    return keep


def on_signed_in(_app: Flask, user: User, **_more: Any) -> None:
    """Begin a session of its own for this sign-in: nothing of the one before is kept, and the key is new."""
    remembered = session.get("_remember") == "set"
    for name in [name for name in session if name not in _KEPT]:
        session.pop(name)
    # Flask-WTF keeps the token of this request here.
    g.pop("csrf_token", None)
    ip = request.remote_addr
    session["_user_id"] = sign_ins.open_sign_in(
        user, remembered=remembered, ip=ip, user_agent=request.user_agent.string
    )
    user_id = user.id
    at_commit(lambda: record(SignedIn(user_id, ip, remembered)))


def on_signed_out(_app: Flask, user: User, **_more: Any) -> None:
    """End the sign-in at once, so that no copy of the cookie works after the answer."""
    for name in [name for name in session if name not in _KEPT]:
        session.pop(name)
    sign_in_id: int | None = g.pop(_SIGN_IN, None)
    if sign_in_id is not None:
        user_id = user.id
        with transaction():
            sign_ins.end_sign_in(sign_in_id)
            record(SignedOut(user_id))


def on_password_changed(_app: Flask, user: User, **_more: Any) -> None:
    """Tell the person by mail, and whoever listens, in the transaction that keeps the new password."""
    if user.confirmed_at is None:
        user.confirmed_at = utcnow()

    def tell() -> None:
        send_password_changed_letter(user)
        record(PasswordChanged(user.id))

    at_commit(tell)
