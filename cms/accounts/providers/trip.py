"""A trip to a provider and back: three secrets made from one key, which the browser's session alone holds.

What the address bar, the provider and the token endpoint see cannot be turned back into the key, nor into each other.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass


@dataclass(frozen=True)
class Trip:
    """What binds an answer to the browser that asked."""

    state: str
    nonce: str
    #: The code verifier of PKCE (RFC 7636), 43 characters.
    verifier: str
    redirect_uri: str


def trip_of(key: str, redirect_uri: str) -> Trip:
    """Return the trip that belongs to a key of 256 random bits."""
    return Trip(_made(key, "state"), _made(key, "nonce"), _made(key, "verifier"), redirect_uri)


def _made(key: str, purpose: str) -> str:
    digest = hmac.digest(key.encode(), f"masthead provider {purpose}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
