"""Trying to be somebody: counted before the answer is known, told in the record, and by mail when it goes on.

What happens here is the same, statement for statement, whether or not there is an account.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from sqlalchemy import select

from cms.accounts import limits
from cms.accounts.devices import hash_key, shown_key
from cms.accounts.limits import Attempt
from cms.accounts.models import Device, User
from cms.accounts.queries import find_user_by_email
from cms.accounts.safety_events import StrangerFailed, TriesFailed
from cms.accounts.safety_letters import send_tries_letter
from cms.core.db import current_session, transaction
from cms.core.events import record
from cms.core.jobs import enqueue, job
from cms.core.origin import Origin, coming_from, current_origin
from cms.lib.clock import utcnow
from cms.lib.errors import LibError
from cms.lib.mail_addresses import read_mail_address

FAILED = "accounts.note_tries"


def begin_with_address(what: str, email: str) -> Attempt:
    """Count that somebody tries to be whoever has a mail address; raises TooManyTries and Unavailable."""
    address = _as_kept(email)
    return limits.begin(what, account=address, device=_find_device(User.email == address))


def begin_as(what: str, user: User) -> Attempt:
    """Count that somebody tries to be a person whom we know already (a code, the password once more)."""
    return limits.begin(what, account=user.id, device=_find_device(User.id == user.id))


def may_ask(form: FlaskForm, what: str, email: str) -> bool:
    """Count that a mail is asked for; where one has to wait, put the sentence above the form, and answer 429."""
    try:
        begin_with_address(what, email)
    except limits.TooManyTries as error:
        limits.answer_too_many(error)
        form.form_errors.append(error.message)
        return False
    return True


def is_confirmed(user: User, is_right: Callable[[], bool]) -> bool:
    """Tell whether somebody who is signed in shows that it is them (the password once more, say), counting tries.

    Raises TooManyTries and Unavailable.
    """
    attempt = begin_as(limits.CONFIRM, user)
    # Counting has a transaction of its own, after which everything is read anew.
    email = user.email
    if not is_right():
        note_failure(attempt, email=email)
        return False
    attempt.succeeded()
    return True


def note_failure(attempt: Attempt, *, email: str) -> None:
    """Have it kept that it was not them: the first time in a while, and whenever somebody has to wait from now on.

    A flood is so kept as a few entries with a count. It is written down later, by a job (`note_tries`), for that
    takes longer where there is an account.
    """
    if not (attempt.is_first or attempt.is_blocking):
        return
    waits = attempt.own is not None and attempt.own.blocked_until is not None
    origin = current_origin()
    # What a library left changed (a password hash made anew) is kept with it.
    with transaction(adopt=True):
        enqueue(
            FAILED,
            {
                "email": _as_kept(email) if "@" in email else "",
                "what": attempt.what,
                "count": attempt.count,
                "waits": waits,
                "ip": request.remote_addr,
                "user_agent": request.user_agent.string[:255],
                "request_id": origin.request_id,
            },
        )


@job(FAILED)
def note_tries(payload: dict[str, Any]) -> None:
    """Keep in the record that somebody failed to get in, and tell the owner of the account, at most once a day."""
    origin = Origin("web", payload["ip"], payload["user_agent"], payload["request_id"])
    with coming_from(origin), transaction():
        user = find_user_by_email(payload["email"])
        if user is None:
            record(StrangerFailed(payload["what"], payload["count"]))
            return
        record(TriesFailed(user.id, payload["what"], payload["count"]))
        if payload["waits"] and user.active and limits.is_first_today("warned", user.id):
            send_tries_letter(user, tries=payload["count"], ip=payload["ip"])


def _as_kept(email: str) -> str:
    """Return a mail address in the one form in which it is kept; what is none, cut to a length, as it is."""
    try:
        return read_mail_address(email)
    except LibError:
        return email.strip().casefold()[:320]


def _find_device(whose: object) -> str | None:
    """Return the id of this browser's device when that person has used it before. One query, if it shows a key."""
    key = shown_key()
    if not key:
        return None
    found = current_session().scalar(
        select(Device.id)
        .join(User, Device.user_id == User.id)
        .where(
            whose,  # type: ignore[arg-type]  # a comparison of columns
            Device.key_hash == hash_key(key),
            Device.expires_at > utcnow(),
        )
    )
    return str(found) if found is not None else None
