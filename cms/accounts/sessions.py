"""From cookie to person and back: what happens in a browser's session at signing in and out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask, g, request, session
from flask.globals import request_ctx
from flask_security.utils import set_request_attr
from werkzeug.wrappers import Response

from cms.accounts import devices, sign_ins
from cms.accounts.afterwards import after_answer
from cms.accounts.confinement import is_open_to_confined, note_confined
from cms.accounts.datastore import at_commit
from cms.accounts.events import PasswordChanged, SignedIn, SignedOut
from cms.accounts.letters import send_password_changed_letter
from cms.accounts.models import User
from cms.accounts.people import current_sign_in_id, forget_sign_in, note_sign_in
from cms.accounts.seeing import as_seen, seen_by
from cms.core.db import transaction
from cms.core.events import record
from cms.lib.clock import utcnow

#: What of the session of before outlives a sign-in: notices, and what Flask-Login has just written.
_KEPT = frozenset({"_flashes", "_fresh", "_remember", "_remember_seconds"})
_HOW = "masthead_signing_in"


@dataclass(frozen=True)
class How:
    """By what somebody signs in: the first factor, and whether there was a second."""

    user_id: int
    method: str = "password"
    second_factor: bool = False


def sign_in_by(user: User, method: str, *, second_factor: bool) -> None:
    """Say by what `user` is about to be signed in with this request (`on_signed_in`)."""
    setattr(g, _HOW, How(user.id, method, second_factor))


def load_person(key: str | None) -> User | None:
    """Return the person whose cookie holds `key`, with all rights, in two queries; None when it is worthless."""
    found = sign_ins.find_sign_in(str(key)) if key else None
    if found is None:
        return None
    sign_in, person = found
    note_sign_in(sign_in.id)
    # Another password begins another sign-in of the same person, who showed by what before.
    setattr(g, _HOW, How(person.id, sign_in.method, sign_in.second_factor))
    if sign_in.is_confined:
        note_confined()
        if not is_open_to_confined():
            return None
    set_request_attr("fs_authn_via", "session")
    set_request_attr("fs_paa", session.get("fs_paa", 0))
    if sign_ins.is_seen_long_ago(sign_in):
        after_answer(lambda: sign_ins.note_seen(current_sign_in_id(), ip=request.remote_addr))
    return as_seen(sign_in, person)


def showed_second_factor() -> bool:
    """Tell whether the sign-in that this request came with was one with two factors."""
    how: How | None = g.get(_HOW)
    return how is not None and how.second_factor


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
    told: How | None = g.pop(_HOW, None)
    how = told if told is not None and told.user_id == user.id else How(user.id)
    session["_user_id"] = sign_ins.open_sign_in(
        user,
        remembered=remembered,
        ip=ip,
        user_agent=request.user_agent.string,
        method=how.method,
        second_factor=how.second_factor,
    )
    is_known = devices.note_device(user)
    at_commit(lambda: record(SignedIn(how.user_id, ip, remembered, how.method, how.second_factor, is_known)))


def on_signed_out(_app: Flask, user: User, **_more: Any) -> None:
    """End the sign-in at once, so that no copy of the cookie works after the answer."""
    for name in [name for name in session if name not in _KEPT]:
        session.pop(name)
    sign_in_id = forget_sign_in()
    if sign_in_id is not None:
        user_id = (seen_by() or user).id
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
