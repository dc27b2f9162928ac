"""Public pages from the cache: for nobody in particular, never older than the last change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from flask import Response, current_app, g, make_response, request, session

from cms.cache import tags
from cms.cache.invalidation import PageStore, page_store
from cms.cache.store import Start
from cms.core.cookies import read_cookie
from cms.lib.clock import utcnow

#: Arguments that say where a visitor came from; pages do not depend on them.
_TRACKING = ("utm_", "fbclid", "gclid", "mc_cid", "mc_eid", "ref_src")
_KEPT_HEADERS = ("Content-Type", "Content-Language", "Link", "Last-Modified")
_horizons: list[Callable[[datetime], datetime | None]] = []
_versions: list[Callable[[], str]] = []
View = Callable[..., Any]


def register_horizon(find: Callable[[datetime], datetime | None]) -> None:
    """Register who knows when the clock alone next changes what readers see."""
    if find not in _horizons:
        _horizons.append(find)


def register_version(find: Callable[[], str]) -> None:
    """Register what else pages are made with (a theme, say): when its version changes, old pages are passed over."""
    if find not in _versions:
        _versions.append(find)


def cached_page(view: View | None = None, *, args: tuple[str, ...] = ("page",)) -> Any:
    """Keep what a public GET route answers, for each path and each value of the arguments named in `args`.

    Requests with other arguments, of people who are signed in, or with credentials of any kind pass by.
    """
    if view is None:
        return lambda found: cached_page(found, args=args)

    @wraps(view)
    def answer(*positional: Any, **named: Any) -> Response:
        store = page_store()
        key = _key(args)
        if store is None or key is None:
            return _private(make_response(view(*positional, **named)))
        stored = store.load(key)
        if stored is not None:
            return _finish(_thaw(stored), "hit")
        return _finish(_render(store, key, lambda: make_response(view(*positional, **named))), "miss")

    return answer


def is_anonymous() -> bool:
    """Tell whether the request carries nothing that says who asks."""
    names = (
        current_app.config["SESSION_COOKIE_NAME"],
        current_app.config.get("REMEMBER_COOKIE_NAME", "remember_token"),
    )
    carries = any(name in request.cookies for name in names)
    return not carries and "Authorization" not in request.headers and not read_cookie("masthead_pass")


def _key(args: tuple[str, ...]) -> str | None:
    """Return the key of the page asked for, None for a request that the cache has nothing to do with."""
    if request.method not in ("GET", "HEAD") or not is_anonymous():
        return None
    wanted = [(name, value) for name, value in request.args.items(multi=True) if not name.startswith(_TRACKING)]
    if any(name not in args for name, _value in wanted) or len({name for name, _value in wanted}) != len(wanted):
        return None
    version = ":".join(find() for find in _versions)
    return f"page:{version}:{request.path}?{urlencode(sorted(wanted))}"


def _render(store: PageStore, key: str, render: Callable[[], Response]) -> Response:
    # The moment is taken before rendering too: what goes out while a page is made would be in none of its lists.
    start, moment = store.start(), utcnow()
    with tags.collecting() as found:
        response = render()
        expires = _horizon(store, start, moment)
    # Settings are warm in every process: no statement tells that a page was made from them.
    found.add("all-settings")
    if _is_storable(response):
        response.headers["ETag"] = f'W/"{hashlib.sha256(response.get_data()).hexdigest()[:32]}"'
        store.save(key, _freeze(response), start=start, tags=found, expires=expires)
    return response


def _horizon(store: PageStore, start: Start | None, moment: datetime) -> float:
    """Return when, after `moment`, the clock next changes something: seconds since 1970, 0 for never.

    Found once for each change; what was found for a later moment says nothing about what came before it.
    """
    known = store.load("clock")
    since, horizon = json.loads(known) if known is not None else (None, 0.0)
    if since is not None and since <= moment.timestamp():
        return float(horizon)
    with tags.collecting() as found:
        moments = [change.timestamp() for find in _horizons if (change := find(moment)) is not None]
    horizon = min(moments, default=0.0)
    # The value grows old with the moment it names.
    store.save("clock", json.dumps([moment.timestamp(), horizon]).encode(), start=start, tags=found, expires=horizon)
    return horizon


def _is_storable(response: Response) -> bool:
    return (
        response.status_code == 200
        and not response.is_streamed
        and not session.modified
        and "csrf_token" not in g
        and "Set-Cookie" not in response.headers
        and "no-store" not in response.headers.get("Cache-Control", "")
    )


def _freeze(response: Response) -> bytes:
    head = {name: response.headers[name] for name in (*_KEPT_HEADERS, "ETag") if name in response.headers}
    return json.dumps(head).encode() + b"\n" + response.get_data()


def _thaw(stored: bytes) -> Response:
    head, _newline, body = stored.partition(b"\n")
    response = Response(body)
    response.headers.update(json.loads(head))
    return response


def _finish(response: Response, found: str) -> Response:
    if response.status_code == 200 and "ETag" in response.headers:
        response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
        response.vary.update(("Cookie", "Accept-Encoding"))
        response.make_conditional(request)
    _ask_again(response)
    if current_app.config["CMS_ENV"] != "production":
        response.headers["X-Cache"] = found
    return response


def _private(response: Response) -> Response:
    response.vary.add("Cookie")
    if not is_anonymous():
        response.headers["Cache-Control"] = "private, no-store"
    _ask_again(response)
    return response


def _ask_again(response: Response) -> None:
    """Have every other cache ask before it answers with this.

    Browsers keep a permanent redirect for good otherwise (RFC 9111, 4.2.2): an address that was changed and
    changed back would send them in circles.
    """
    response.headers.setdefault("Cache-Control", "max-age=0, must-revalidate")
