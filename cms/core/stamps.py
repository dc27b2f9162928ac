"""Stamps: what a view declares about itself. A class with one method for each HTTP method declares it on each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def stamp_of(view: Callable[..., Any] | None, method: str, name: str) -> object | None:
    """Return what `view` declares as `name` for an HTTP method, under every decorator; None if it declares nothing."""
    seen: object | None = handler_of(view, method)
    while seen is not None:
        stamped: object = getattr(seen, name, None)
        if stamped is not None:
            return stamped
        seen = getattr(seen, "__wrapped__", None)
    return None


def handler_of(view: Callable[..., Any] | None, method: str) -> Callable[..., Any] | None:
    """Return what answers an HTTP method: the view itself, or the method of its class (HEAD is answered as GET)."""
    made_of: object = getattr(view, "view_class", None)
    if made_of is None:
        return view
    found: Callable[..., Any] | None = getattr(made_of, method.lower(), None)
    return getattr(made_of, "get", None) if found is None and method == "HEAD" else found
