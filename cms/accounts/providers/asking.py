"""Asking a provider over the net: an answer in JSON, or one sentence for the person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cms.accounts.providers.errors import NotAnswering
from cms.core.fetch import FetchError, GuardedSession, guarded_session

#: Bytes of an answer; those of providers have a few thousand.
_MOST_BYTES = 1024 * 1024
#: What goes wrong on the way (errors of `requests` are errors of the system, too), and what is no JSON.
PROBLEMS = (FetchError, OSError, ValueError)


def session() -> GuardedSession:
    """Return a session for requests to a provider: guarded like everything that goes out, and ending in time."""
    return guarded_session(limit=_MOST_BYTES)


def ask(label: str, url: str, *, token: str = "", headers: Mapping[str, str] | None = None) -> Any:
    """Return what a provider answers at an address, parsed from JSON; raises NotAnswering. No redirect is followed."""
    sent = {"Accept": "application/json", **(headers or {})}
    if token:
        sent["Authorization"] = f"Bearer {token}"
    try:
        with session() as asking:
            answer = asking.get(url, headers=sent, allow_redirects=False)
            if answer.status_code != 200:
                raise NotAnswering(label, f"{url} answered {answer.status_code}")
            return answer.json()
    except PROBLEMS as error:
        raise NotAnswering(label, f"{url}: {type(error).__name__}") from error
