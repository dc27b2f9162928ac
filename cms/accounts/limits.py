"""How often somebody may try: counted in the database, so that all workers and nodes count together.

Usage, before anything is hashed, outside every transaction:

    attempt = limits.begin(limits.SIGN_IN, account=email)      # raises TooManyTries; the attempt counts from here on
    if is_right(...):
        attempt.succeeded()                                    # within a transaction, or with the next `keep_changes`
    else:
        failures.note(attempt, person)                         # for the record, and a mail when it happens often

An attempt is counted before its answer is known: of many at the same moment no more get through than may. Who succeeds
gets theirs back. What counts whether or not it works (asking for a mail) is begun and left at that. A link in a mail
is only counted when it does not hold: `begin(TOKEN)` on the way to the page that says so; a right one is never held up.

Counted is by account (whatever was typed, so that it makes no difference whether there is one), by address and, for
IPv6, by network. After as many failures as are free, one waits 1, 2, 4, 8 minutes, then 15 each time. Whoever comes in
a browser that this person has used before (`device`, see `devices`) has a counter of their own, which others' failures
do not touch: guessing at somebody's account never locks them out where they usually are.

The address is `request.remote_addr`, which only trusted proxies can tell otherwise (`core.proxies`). If the database
cannot count, `begin` raises Unavailable (503): nobody guesses uncounted.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, Response, after_this_request, current_app, has_request_context, make_response, render_template
from flask import request as current_request
from sqlalchemy import ColumnElement, Insert, case, delete, literal, null, or_, select, update
from sqlalchemy.dialects.postgresql import insert as insert_into_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_into_sqlite
from werkzeug.wrappers import Response as AnyResponse

from cms.accounts.datastore import at_commit
from cms.accounts.models import Limit
from cms.core.db import UtcDateTime, current_session, in_transaction, transaction
from cms.core.error_answers import find_error_answer
from cms.core.errors import CmsError
from cms.core.i18n import _n
from cms.lib.clock import utcnow

SIGN_IN = "sign-in"
#: The code of an authenticator app, from a mail, or a recovery code.
CODE = "code"
PASSKEY = "passkey"
#: Showing once more that it is you (`freshness`).
CONFIRM = "confirm"
#: Asking for a mail with a code, with a link for a new password, with one for an account.
MAIL_CODE = "mail-code"
RESET = "reset"
EMAIL_CHANGE = "email-change"
REGISTER = "register"
#: A link from a mail that does not hold.
TOKEN = "token"  # noqa: S105 -- the name of what is counted
PAGE_PASSWORD = "page-password"  # noqa: S105 -- the name of what is counted

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Rule:
    """How many tries are free in a window, and how long each further one has to wait."""

    free: int
    window: timedelta = 15 * _MINUTE
    waits: tuple[timedelta, ...] = (_MINUTE, 2 * _MINUTE, 4 * _MINUTE, 8 * _MINUTE, 15 * _MINUTE)


BY_ACCOUNT = Rule(5)
#: One IPv4 address or one IPv6 /64: a household, an office, somebody's server.
BY_ADDRESS = Rule(30)
#: One IPv6 /48: what a provider gives a customer who wants many networks.
BY_NETWORK = Rule(120)


class TooManyTries(CmsError):  # noqa: N818 -- named for the answer it becomes
    """This was tried too often; says when to try again."""

    status = 429
    code = "too_many_requests"

    def __init__(self, until: datetime, *, now: datetime | None = None) -> None:
        #: Whole seconds to wait (Retry-After, RFC 9110, 10.2.3).
        self.retry_after = max(1, math.ceil((until - (now or utcnow())).total_seconds()))
        minutes = math.ceil(self.retry_after / 60)
        super().__init__(
            _n(
                "This was tried too often. Please try again in a minute.",
                "This was tried too often. Please try again in %(num)s minutes.",
                minutes,
            )
        )


@dataclass(frozen=True)
class Count:
    """One counter after an attempt: its key, how much it counts, and until when it lets nobody through."""

    key: str
    count: int
    blocked_until: datetime | None


@dataclass(frozen=True)
class Attempt:
    """Something tried once, counted already."""

    what: str
    #: By account or device (None where neither was named), by address, by network.
    own: Count | None
    around: tuple[Count, ...]
    #: The counter of the account, where the device's own was used instead.
    account_key: str | None

    def succeeded(self) -> None:
        """Give the attempt back: at once within a transaction, else with the next `keep_changes`.

        From a device that is known, it also forgets what others failed at with this account.
        """
        at_commit(self._give_back)

    def _give_back(self) -> None:
        session = current_session()
        if self.account_key is not None:
            session.execute(delete(Limit).where(Limit.key.in_(_keys(self.own, self.account_key))))
        kept = self.around if self.account_key is not None or self.own is None else (self.own, *self.around)
        for counted in kept:
            session.execute(
                update(Limit)
                .where(Limit.key == counted.key, Limit.count > 0)
                .values(count=Limit.count - 1, blocked_until=_without(counted.blocked_until))
            )

    @property
    def is_blocking(self) -> bool:
        """Whether, after this one, the account (or device) or the address has to wait."""
        return any(counted.blocked_until is not None for counted in self._all())

    @property
    def is_first(self) -> bool:
        """Whether nothing was tried with this account lately, and not much from this address."""
        return (self.own is None or self.own.count == 1) and all(counted.count <= 10 for counted in self.around)

    @property
    def count(self) -> int:
        """How often it was tried with this account in the window."""
        return self.own.count if self.own is not None else max((counted.count for counted in self.around), default=0)

    def _all(self) -> tuple[Count, ...]:
        return (*((self.own,) if self.own is not None else ()), *self.around)


def _keys(own: Count | None, account_key: str) -> tuple[str, ...]:
    return (account_key, own.key) if own is not None else (account_key,)


def _without(blocked_until: datetime | None) -> ColumnElement[Any]:
    """Return `blocked_until` as it was before an attempt: what another one set since then stays."""
    if blocked_until is None:
        return Limit.__table__.c.blocked_until
    return case((Limit.blocked_until == literal(blocked_until, UtcDateTime()), null()), else_=Limit.blocked_until)


def begin(
    what: str,
    *,
    account: str | int | None = None,
    device: str | None = None,
    ip: str | None = None,
    now: datetime | None = None,
) -> Attempt:
    """Count an attempt and return it; raises TooManyTries, counting nothing, when there were too many.

    `account` is what was typed, in its normal form, or a person's id; `device` names the browser where that person
    has used it before. Raises Unavailable when the database cannot count. One transaction of its own, unless there is
    one already.
    """
    moment = now or utcnow()
    if in_transaction():
        return _begin(what, account, device, ip, moment)
    with transaction():
        return _begin(what, account, device, ip, moment)


def _begin(what: str, account: str | int | None, device: str | None, ip: str | None, now: datetime) -> Attempt:
    account_key = _key(what, "account", str(account)) if account is not None else None
    if device is not None:
        # Guests behind the same address, and guessers at the same account, do not stop who is known here.
        return Attempt(what, _take(_key(what, "device", f"{device} {account}"), BY_ACCOUNT, now), (), account_key)
    own = _take(account_key, BY_ACCOUNT, now) if account_key is not None else None
    around = tuple(_take(_key(what, sort, name), rule, now) for sort, name, rule in _places(ip or _address()))
    return Attempt(what, own, around, None)


def _places(ip: str) -> list[tuple[str, str, Rule]]:
    """Return what an address is counted by."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return [("address", "unknown", BY_ADDRESS)]
    if address.version == 6 and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if address.version == 4:
        return [("address", str(address), BY_ADDRESS)]
    plain = int(address)
    return [
        ("address", str(ipaddress.IPv6Network((plain, 64), strict=False)), BY_ADDRESS),
        ("network", str(ipaddress.IPv6Network((plain, 48), strict=False)), BY_NETWORK),
    ]


def _address() -> str:
    return (current_request.remote_addr or "") if has_request_context() else ""


def _key(what: str, sort: str, whom: str) -> str:
    """Return the key of a counter, from which nobody reads who it is about."""
    secret = str(current_app.config["SECRET_KEY"]).encode()
    digest = hmac.new(secret, f"masthead-limits {what} {sort} {whom}".encode(), hashlib.sha256).hexdigest()
    return f"{what}:{sort}:{digest}"


def _take(key: str, rule: Rule, now: datetime) -> Count:
    """Count one more on `key`; raises TooManyTries when one has to wait. One statement counts and blocks."""
    session = current_session()
    row = session.execute(_upsert(key, rule, now)).one_or_none()
    if row is not None:
        return Count(key, row[0], row[1])
    until = session.scalar(select(Limit.blocked_until).where(Limit.key == key))
    raise TooManyTries(until or now + _MINUTE, now=now)


def _upsert(key: str, rule: Rule, now: datetime) -> Any:
    """Return the statement that counts one more unless one has to wait (then it gives no row)."""
    insert: Callable[[Any], Any] = (
        insert_into_sqlite if current_session().get_bind().dialect.name == "sqlite" else insert_into_postgresql
    )
    is_over, following = Limit.expires_at <= _at(now), Limit.count + 1
    steps = [(following == rule.free + step, now + wait) for step, wait in enumerate(rule.waits)]
    longest = now + rule.waits[-1]
    free = following < rule.free
    statement: Any = insert(Limit).values(key=key, count=1, since=now, blocked_until=None, expires_at=now + rule.window)
    made: Insert = statement.on_conflict_do_update(
        index_elements=[Limit.key],
        set_={
            "count": case((is_over, 1), else_=following),
            "since": case((is_over, _at(now)), else_=Limit.since),
            "blocked_until": case(
                (or_(is_over, free), null()), *((at, _at(until)) for at, until in steps), else_=_at(longest)
            ),
            "expires_at": case(
                (is_over, _at(now + rule.window)),
                (free, Limit.expires_at),
                *((at, _at(until + rule.window)) for at, until in steps),
                else_=_at(longest + rule.window),
            ),
        },
        where=or_(Limit.blocked_until.is_(None), Limit.blocked_until <= _at(now)),
    ).returning(Limit.count, Limit.blocked_until)
    return made


def _at(moment: datetime) -> ColumnElement[datetime]:
    return literal(moment, UtcDateTime())


def is_first_today(what: str, user_id: int, *, now: datetime | None = None) -> bool:
    """Tell whether this is the first time in a day that `what` happens to a person; within a transaction."""
    rule = Rule(1, timedelta(days=1), (timedelta(days=1),))
    row = current_session().execute(_upsert(_key(what, "person", str(user_id)), rule, now or utcnow())).one_or_none()
    return row is not None and row[0] == 1


def forget_expired_limits(*, now: datetime | None = None) -> None:
    """Delete counters whose window is over; within a transaction."""
    current_session().execute(delete(Limit).where(Limit.expires_at <= (now or utcnow())))


# -- answers ---------------------------------------------------------------------------------------------


def answer_too_many(error: TooManyTries) -> None:
    """Have the answer to this request, whatever page it is, say 429 and when to try again."""

    def say(response: Response) -> Response:
        response.status_code = error.status
        response.headers["Retry-After"] = str(error.retry_after)
        return response

    after_this_request(say)


def init_limits(app: Flask) -> None:
    """Answer TooManyTries with a page of its own, where no form has a place for its sentence."""
    app.register_error_handler(TooManyTries, too_many_page)


def too_many_page(error: TooManyTries) -> AnyResponse:
    """Return the page that says when to try again; programs are answered in their own way."""
    elsewhere = find_error_answer(current_request.path)
    if elsewhere is not None:
        return elsewhere(error)
    response: Response = make_response(render_template("security/too_many.html", sentence=error.message), 429)
    response.headers["Retry-After"] = str(error.retry_after)
    response.headers["Cache-Control"] = "no-store"
    return response
