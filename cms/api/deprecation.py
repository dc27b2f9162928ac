"""What is to go: an operation says since when it is deprecated, until when it works, and what to use in its place.

Version 1 only grows, so nothing in it is deprecated lightly: the answer tells programs (RFC 9745, RFC 8594), the
OpenAPI document tells those who write them, and the changelog tells everybody.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from functools import wraps
from typing import Any, TypeVar, cast

from flask import after_this_request, current_app
from werkzeug.http import http_date
from werkzeug.wrappers import Response

from cms.api.routes import ApiBlueprint

View = TypeVar("View", bound=Callable[..., Any])


def deprecated(*, since: date, link: str, sunset: date | None = None) -> Callable[[View], View]:
    """Declare that the method of a view is deprecated `since` a day (UTC), and gone on the day of `sunset`.

    `link` is a page that says what to use in its place. Stands directly below the permission of the view. Raises
    ValueError for an end that comes before the beginning.
    """
    if sunset is not None and sunset < since:
        raise ValueError("What is deprecated cannot be gone before it is.")

    def stamp(view: View) -> View:
        @wraps(view)
        def told(*given: Any, **named: Any) -> Any:
            # Errors of the view, too, are answers of what is to go.
            after_this_request(tell)
            return current_app.ensure_sync(view)(*given, **named)

        return cast(View, ApiBlueprint.doc(deprecated=True)(told))

    def tell(response: Any) -> Response:
        made: Response = response
        made.headers["Deprecation"] = f"@{int(_midnight(since).timestamp())}"
        made.headers.add("Link", f'<{link}>; rel="deprecation"; type="text/html"')
        if sunset is not None:
            made.headers["Sunset"] = http_date(_midnight(sunset))
        return made

    return stamp


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
