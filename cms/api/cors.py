"""Pages of other sites that may use the API from a browser (CORS, https://fetch.spec.whatwg.org): none by default.

`CMS_API_ORIGINS` names them exactly, or says `*`. Credentials of the browser (cookies) are never allowed along: below
/api they say nothing anyway, and a token travels in a header of its own, which a page has to have first.
"""

from __future__ import annotations

import re
from datetime import timedelta

from flask import Flask, Response, request
from flask_cors import CORS

from cms.api.access import PREFIX, is_api

#: What a page may send beside what every page may.
TAKEN = ("Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match")
#: What a page may read of an answer beside its body.
TOLD = (
    "Allow", "Deprecation", "ETag", "Idempotency-Replayed", "Link", "Location", "RateLimit-Limit",
    "RateLimit-Remaining", "RateLimit-Reset", "Retry-After", "Sunset", "WWW-Authenticate", "X-Request-ID",
)  # fmt: skip
METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
#: How long a browser need not ask again before it sends what is no plain form or link.
REMEMBERED = timedelta(minutes=10)


def asks_first() -> bool:
    """Tell whether a browser asks, before it does, what a page of another site may do here."""
    return request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers


def init_cors(app: Flask) -> None:
    """Let pages of the origins in `CMS_API_ORIGINS` use what is below /api; does nothing when there are none."""
    origins: list[str] = app.config["CMS_API_ORIGINS"]
    if not origins:
        return
    for_all = origins == ["*"]

    # What is joined later runs earlier: Flask-CORS decides, then this.
    @app.after_request
    def finish(response: Response) -> Response:
        if not is_api(request.path):
            # The library decodes addresses once more: /%2561pi is no address of the API.
            for name in [name for name, _value in response.headers if name.startswith("Access-Control-")]:
                del response.headers[name]
            return response
        if not for_all:
            # Also where nothing is allowed: a cache must not give that answer to a page that may read it.
            response.vary.add("Origin")
        if "Access-Control-Allow-Origin" in response.headers:
            response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    CORS(
        app,
        # Patterns, so that nothing in an origin ([::1], say) is taken for one.
        origins="*" if for_all else [re.compile(rf"{re.escape(origin)}\Z") for origin in origins],
        resources={re.compile(rf"{re.escape(PREFIX)}(?:/.*)?\Z"): {}},
        methods=METHODS,
        allow_headers=TAKEN,
        expose_headers=TOLD,
        max_age=REMEMBERED,
        supports_credentials=False,
        allow_private_network=False,
        send_wildcard=True,
        # The library would tell everybody who may, and say nothing of its own in some errors.
        always_send=False,
        vary_header=False,
        automatic_options=False,
        intercept_exceptions=False,
    )
