"""Routes that scripts talk to: JSON in, JSON out, an error as `{"error": "a sentence"}`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Response, jsonify, make_response, request

from cms.accounts.limits import TooManyTries
from cms.core.errors import CmsError, Invalid

View = TypeVar("View", bound=Callable[..., Any])


def for_scripts(view: View) -> View:
    """Let a sign-in page's route take JSON, and tell its errors as JSON."""

    @wraps(view)
    def answer(*args: Any, **kwargs: Any) -> Response:
        try:
            return jsonify(view(*args, **kwargs))
        except CmsError as error:
            response: Response = make_response(jsonify({"error": error.message}), error.status)
            if isinstance(error, TooManyTries):
                response.headers["Retry-After"] = str(error.retry_after)
            return response

    answer.__cms_for_scripts__ = True  # type: ignore[attr-defined]  # the stamp is read by `is_for_scripts`
    return cast(View, answer)


def is_for_scripts(view: Callable[..., object]) -> bool:
    """Tell whether a route takes JSON."""
    seen: object | None = view
    while seen is not None:
        if getattr(seen, "__cms_for_scripts__", False):
            return True
        seen = getattr(seen, "__wrapped__", None)
    return False


def sent() -> dict[str, Any]:
    """Return the JSON object that came with this request; raises Invalid for anything else."""
    found = request.get_json(silent=True)
    if not isinstance(found, dict):
        raise Invalid
    return found
