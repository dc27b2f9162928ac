"""Where an act comes from: who is behind it, and by which way it came in. Surfaces say it once, records keep it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    """The way in (`web`, `api`, `command line`, `job`), and what is known of whoever is at its other end."""

    way: str
    #: Address of the client, as the trusted proxies tell it.
    ip: str | None = None
    user_agent: str = ""
    request_id: str = ""
    #: The row of the sign-in (`sign_ins`), or of the token that was shown.
    sign_in_id: int | None = None
    token_id: int | None = None
    #: The person who is really there while the back office is seen as somebody else.
    seen_by_id: int | None = None
    #: Name by which the machine knows whoever types at its command line.
    who: str = ""


#: Tells where what happens now comes from, or None where it is not for this source to say.
Source = Callable[[], Origin | None]
_sources: list[Source] = []
_UNKNOWN = Origin("program")
_current: ContextVar[Origin | None] = ContextVar("masthead_origin", default=None)


def current_origin() -> Origin:
    """Return where what happens now comes from: as it was said (`coming_from`), else as the first source tells."""
    said = _current.get()
    if said is not None:
        return said
    return next((found for source in _sources if (found := source()) is not None), _UNKNOWN)


def origin_source(source: Source) -> Source:
    """Have `source` tell where things come from, when asked and not before: a request need not look its person up."""
    if source not in _sources:
        _sources.append(source)
    return source


@contextmanager
def coming_from(origin: Origin) -> Iterator[None]:
    """Say where what happens inside comes from."""
    token = _current.set(origin)
    try:
        yield
    finally:
        _current.reset(token)
