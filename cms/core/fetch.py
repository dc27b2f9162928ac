"""The one way out: every HTTP request that this program makes at somebody's wish.

A name is resolved once; each address found must be public (or allowed by the operator), and the connection goes to
the address that was checked, while the certificate is checked against the name. Every hop of a redirect comes through
here again. Time and size have an end that no server can move.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from flask import current_app
from requests.exceptions import RequestException, TooManyRedirects

from cms.core.fetch_transport import (
    USER_AGENT,
    FetchError,
    GuardedAdapter,
    Limits,
    RedirectError,
    RefusedError,
    Resolver,
    TooMuchError,
    TooSlowError,
    checked,
    limits,
    resolve_name,
    rules,
)
from cms.lib.networks import Rules

__all__ = [
    "FetchError",
    "Fetched",
    "GuardedSession",
    "RedirectError",
    "RefusedError",
    "TooMuchError",
    "TooSlowError",
    "fetch",
    "guarded_session",
]

#: Seconds from the question to the last byte of the answer, redirects and all.
DEADLINE = 10.0
#: Bytes of an answer's body, unpacked.
LIMIT = 5 * 1024 * 1024
MOST_REDIRECTS = 3
#: What is sent on when a redirect leads to another site; everything else may be a credential.
_HARMLESS = frozenset({"accept", "accept-encoding", "accept-language", "user-agent", "connection"})


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: its status, its headers (by lower-case names), its unpacked body, and the address it came from."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


def fetch(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    data: bytes | Mapping[str, str] | None = None,
    limit: int = LIMIT,
    deadline: float = DEADLINE,
) -> Fetched:
    """Return what is at a public http(s) address, whatever its status; `deadline` in seconds, `limit` in bytes.

    Raises a FetchError: RefusedError before any connection, TooSlowError, TooMuchError, RedirectError, or itself.
    """
    with guarded_session(limit=limit, deadline=deadline) as session:
        try:
            answer = session.request(method, url, headers=headers, data=data)
        except ValueError:
            # Addresses that libraries do not take; a RequestException, too, in most of them.
            raise RefusedError from None
        except RequestException:
            # The library's own words would tell what is inside the operator's network.
            raise FetchError from None
    found = {name.lower(): value for name, value in answer.headers.items()}
    return Fetched(answer.status_code, found, answer.content, answer.url)


def guarded_session(
    *, limit: int = LIMIT, deadline: float = DEADLINE, resolve: Resolver | None = None
) -> GuardedSession:
    """Return a `requests.Session` that goes out by this door alone; `resolve` stands in for the system's resolver."""
    session = GuardedSession()
    session.limit, session.deadline = min(limit, LIMIT), min(deadline, DEADLINE)
    session.resolve = resolve or resolve_name
    return session


class GuardedSession(requests.Session):
    """A session whose every request, redirects too, is checked, and ends in time.

    For a library's own kind of session: `class Ours(GuardedSession, OAuth2Session)`.
    """

    limit: int = LIMIT
    deadline: float = DEADLINE

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.resolve: Resolver = resolve_name
        # Neither proxies nor passwords (.netrc) from the environment.
        self.trust_env = False
        self.max_redirects = MOST_REDIRECTS
        self.verify = current_app.config["CMS_FETCH_CA"] or True
        self.adapters.clear()
        adapter = GuardedAdapter()
        self.mount("https://", adapter)
        self.mount("http://", adapter)
        self.headers = requests.structures.CaseInsensitiveDict(
            {"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "gzip"}
        )

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a request, read the whole answer, and return it; raises FetchError or a RequestException."""
        config = current_app.config
        chosen = Rules(frozenset(config["CMS_FETCH_PORTS"]), tuple(config["CMS_FETCH_ALLOW"]))
        first = limits.set(self._limits())
        kwargs |= {"verify": self.verify, "proxies": None, "cert": None}
        second = rules.set((chosen, self.resolve))
        try:
            # As it was given: what makes a request of it already reads names and passwords out of it.
            checked(url)
            return super().request(method, url, *args, **kwargs)
        except TooManyRedirects:
            raise RedirectError from None
        finally:
            rules.reset(second)
            limits.reset(first)

    def _limits(self) -> Limits:
        try:
            # A library's session may make a request within another: the end of the first holds.
            return limits.get()
        except LookupError:
            return Limits(time.monotonic() + self.deadline, self.limit)

    def get_adapter(self, url: str) -> Any:
        """Return the guarded way out, whatever was mounted later; raises RefusedError for other schemes."""
        chosen = super().get_adapter(url) if url.lower().startswith(("http://", "https://")) else None
        if not isinstance(chosen, GuardedAdapter):
            raise RefusedError
        return chosen

    def rebuild_auth(self, prepared_request: Any, response: requests.Response) -> None:
        """Send nothing to another site that may be a credential, and nothing in the clear that was not."""
        before, after = checked(response.url), checked(prepared_request.url)
        if before.scheme == "https" and after.scheme == "http":
            raise RedirectError
        if before.origin == after.origin:
            return
        if prepared_request.body:
            raise RedirectError
        for name in [name for name in prepared_request.headers if name.lower() not in _HARMLESS]:
            del prepared_request.headers[name]
