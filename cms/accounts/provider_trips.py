"""Trips to a provider and back: each is begun in one browser, comes back to it, once, within ten minutes.

What a trip is for stands, signed, in the browser's session alone: going somewhere writes nothing, and only a trip that
came back is noted, so that it does not come back again.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import session

from cms.accounts.challenges import use_once
from cms.accounts.links import site_link
from cms.accounts.models import User
from cms.accounts.providers.configuration import Provider
from cms.accounts.providers.known import address_of
from cms.accounts.providers.trip import Trip, trip_of
from cms.core.db import transaction
from cms.core.errors import Forbidden
from cms.core.i18n import _
from cms.lib.clock import utcnow

LASTS = timedelta(minutes=10)
_KIND = "provider"
#: Several windows may be on their way at once; of more than this the oldest is forgotten.
_MOST = 3
#: What a session, which is a cookie, has room for.
_LONGEST_TARGET = 400
_TRIPS = "masthead_trips"


@dataclass(frozen=True)
class Arrival:
    """A trip that came back to the browser in which it began."""

    trip: Trip
    #: Who was signed in and wants to connect an account; None for signing in.
    user_id: int | None
    #: Where to go afterwards; empty: the usual place.
    target: str


def begin_trip(provider: Provider, *, user: User | None, target: str = "") -> str:
    """Begin a trip in this browser and return the provider's page to which it goes; raises NotAnswering."""
    key = secrets.token_urlsafe(32)
    address = address_of(provider, trip_of(key, _redirect_uri(provider)))
    begun = {
        "key": key,
        "provider": provider.name,
        "user_id": user.id if user is not None else None,
        "target": target if len(target) <= _LONGEST_TARGET else "",
        "at": int(utcnow().timestamp()),
    }
    session[_TRIPS] = [*_begun(), begun][-_MOST:]
    return address


def end_trip(provider: Provider, state: str | None) -> Arrival:
    """Return the trip that comes back with `state`, and end it, in a transaction of its own.

    Raises Forbidden for one that was begun in another browser, with another provider, too long ago, or ended before.
    """
    begun = next((one for one in _begun() if state and _is(trip_of(one["key"], "").state, state)), None)
    if begun is not None:
        session[_TRIPS] = [one for one in _begun() if one["key"] != begun["key"]]
        if begun["provider"] == provider.name and _is_in_time(begun["at"]) and _is_first(begun["key"]):
            return Arrival(trip_of(begun["key"], _redirect_uri(provider)), begun["user_id"], begun["target"])
    raise Forbidden(
        _(
            "This sign-in was begun elsewhere, or too long ago. Please choose %(provider)s again.",
            provider=provider.label,
        )
    )


def _is_in_time(at: int) -> bool:
    return utcnow().timestamp() - at <= LASTS.total_seconds()


def _is_first(key: str) -> bool:
    with transaction():
        # Longer than a trip may take: a copy of the cookie of before brings nothing back.
        return use_once(_KIND, key, lasts=2 * LASTS)


def _redirect_uri(provider: Provider) -> str:
    """Return the one address to which this provider sends people back, whatever a request says of the host."""
    return site_link("accounts.provider_answer", name=provider.name)


def _begun() -> list[dict[str, Any]]:
    kept = session.get(_TRIPS)
    return kept if isinstance(kept, list) else []


def _is(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
