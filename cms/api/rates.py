"""How often the API may be asked: by token, or by address for strangers (Flask-Limiter, windows of fixed length).

A change counts as WRITE reads. Every answer tells what is left (`RateLimit-Limit`, `-Remaining`, `-Reset` in seconds:
draft-ietf-httpapi-ratelimit-headers-06); beyond it the answer is 429 with `Retry-After`. Counted is before anything
else is looked at, also what is shown no or a wrong token. Guessing at passwords and codes is counted in the database
besides (`accounts.limits`).
"""

from __future__ import annotations

import hashlib
import hmac
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, Response, current_app, request
from flask_limiter import ApplicationLimit, Limiter, RequestLimit

from cms.accounts.people import current_sign_in_id, current_token_id
from cms.api.access import is_api
from cms.api.rate_counters import Counters
from cms.core.redis_link import redis_link, site_prefix
from cms.core.stamps import stamp_of
from cms.lib.networks import household_of

View = TypeVar("View", bound=Callable[..., object])

#: As how many reads a change counts.
WRITE = 5
_READS = frozenset({"GET", "HEAD"})


@dataclass(frozen=True)
class RouteRate:
    """How often one route may be asked, beside the whole API."""

    rate: str
    strangers_only: bool


def limited(rate: str, *, strangers_only: bool = False) -> Callable[[View], View]:
    """Declare how often the method of a view may be asked (`10 per minute`); `strangers_only`: without a token.

    Where the settings turn counting off, they turn this off, too.
    """

    def stamp(view: View) -> View:
        view.__cms_rate__ = RouteRate(rate, strangers_only)  # type: ignore[attr-defined]  # read by `_rate_of_route`
        return view

    return stamp


def init_rates(app: Flask) -> None:
    """Have requests below /api counted as soon as it is known who asks, before anything else is looked at.

    The first function of the application that looks at requests is the one that says who asks. Does nothing where the
    settings turn counting off.
    """
    if not (app.config["CMS_API_RATE"] or app.config["CMS_API_RATE_STRANGERS"]):
        return
    options: Any = {"link": redis_link(app), "prefix": f"{site_prefix(app)}rates:"}
    limiter = Limiter(
        asker,
        application_limits=[
            ApplicationLimit(_rate_of_all, scope="all", cost=_cost),
            ApplicationLimit(_rate_of_route, scope=lambda endpoint: endpoint),
        ],
        storage_uri=f"{Counters.STORAGE_SCHEME[0]}://",
        storage_options=options,
        strategy="fixed-window",
        headers_enabled=False,
        key_prefix="api",
        request_identifier=lambda: request.endpoint or "nowhere",
    )
    limiter.init_app(app)
    looking = app.before_request_funcs[None]
    count: Any = looking.pop()
    looking.insert(1, lambda: count() if is_counted() else None)
    app.after_request(lambda response: tell(response, limiter.current_limits))


def is_counted() -> bool:
    """Tell whether the request in hand is counted: which methods there are (OPTIONS) is told for nothing.

    Browsers ask that before each request that a page of another site sends.
    """
    return is_api(request.path) and request.method != "OPTIONS"


def asker() -> str:
    """Return who asks, as counters are called: by token, by sign-in, by address; from the last nobody reads it."""
    token_id, sign_in_id = current_token_id(), current_sign_in_id()
    if token_id or sign_in_id:
        return f"token:{token_id}" if token_id else f"sign-in:{sign_in_id}"
    secret = str(current_app.config["SECRET_KEY"]).encode()
    address = household_of(request.remote_addr or "")
    return "address:" + hmac.new(secret, f"masthead-rates {address}".encode(), hashlib.sha256).hexdigest()[:32]


def tell(response: Response, limits: list[RequestLimit]) -> Response:
    """Say in the headers of an answer what is left, by the limit that is nearest."""
    if not limits:
        return response
    nearest = min(limits, key=lambda limit: (not limit.breached, limit.remaining))
    seconds = max(0, math.ceil(nearest.window.reset_time - time.time()))
    response.headers["RateLimit-Limit"] = str(nearest.limit.amount)
    response.headers["RateLimit-Remaining"] = str(nearest.remaining)
    response.headers["RateLimit-Reset"] = str(seconds)
    if nearest.breached:
        response.headers["Retry-After"] = str(max(1, seconds))
    return response


def _is_stranger() -> bool:
    return not (current_token_id() or current_sign_in_id())


def _rate_of_all() -> str:
    return str(current_app.config["CMS_API_RATE_STRANGERS" if _is_stranger() else "CMS_API_RATE"])


def _rate_of_route() -> str:
    view = current_app.view_functions.get(request.endpoint or "")
    declared = stamp_of(view, request.method, "__cms_rate__")
    applies = isinstance(declared, RouteRate) and (_is_stranger() or not declared.strangers_only)
    return declared.rate if isinstance(declared, RouteRate) and applies and _rate_of_all() else ""


def _cost() -> int:
    return 1 if request.method in _READS else WRITE
