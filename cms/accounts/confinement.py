"""Roles that ask for a second factor: whoever holds one and has shown none gets to setting one up, and no further.

There is one place for that, `sessions.load_person`: on every route but those that say `while_confined`, such a browser
is a stranger's, whatever surface is asked. Strangers are sent to the sign-in page, and that page sends this one on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import current_app, g, request

from cms.accounts.people import current_person

View = TypeVar("View", bound=Callable[..., object])
_LIBRARYS = frozenset({"security.logout", "security.verify"})
_CONFINED = "masthead_confined"


def while_confined(view: View) -> View:
    """Declare that a route is open also to who has yet to set up a second factor."""
    view.__cms_while_confined__ = True  # type: ignore[attr-defined]  # the stamp is read by `is_open_to_confined`
    return view


def is_open_to_confined() -> bool:
    """Tell whether the route of this request is open to who has yet to set up a second factor."""
    if request.endpoint in _LIBRARYS:
        return True
    seen: object | None = current_app.view_functions.get(request.endpoint or "")
    while seen is not None:
        if getattr(seen, "__cms_while_confined__", False):
            return True
        seen = getattr(seen, "__wrapped__", None)
    return False


def note_confined() -> None:
    """Remember for this request that its browser is signed in, but confined."""
    setattr(g, _CONFINED, True)


def is_confined() -> bool:
    """Tell whether this request comes from a browser that is signed in, but confined."""
    current_person()
    return bool(g.get(_CONFINED, False))
