"""What an OpenID provider says of itself: its addresses (OpenID Connect Discovery 1.0), and its keys (RFC 7517)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from cms.accounts.providers.asking import ask
from cms.accounts.providers.configuration import Provider
from cms.accounts.providers.errors import NotAnswering

#: How long, in seconds, what a provider said is believed without asking again.
LASTS = 3600
#: After a question that nobody answered, how long those who come next are told so without asking again.
QUIET = 10
#: For a key that is not known the keys are asked for again, at most this often.
KEYS_AGAIN = 60
Told = TypeVar("Told")
_KINDS_OF_KEYS = ("RSA", "EC", "OKP")


@dataclass(frozen=True)
class Metadata:
    """Where a provider is asked, and how."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    #: How the site shows who it is there.
    auth_method: str = "client_secret_basic"
    #: Whether every answer names its issuer (RFC 9207).
    names_issuer: bool = False


@dataclass
class _Known:
    metadata: Metadata | None = None
    metadata_at: float = 0
    keys: KeySet | None = None
    keys_at: float = 0
    silent_at: float = float("-inf")
    lock: threading.Lock = field(default_factory=threading.Lock)


class Directory:
    """What this process knows of its providers."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[str, _Known] = {}
        self._lock = threading.Lock()

    def metadata(self, provider: Provider) -> Metadata:
        """Return what a provider says of itself; raises NotAnswering."""
        known = self._of(provider)
        with known.lock:
            if known.metadata is None or self._clock() - known.metadata_at > LASTS:
                known.metadata = self._asked(provider, known, lambda: _discover(provider))
                known.metadata_at = self._clock()
            return known.metadata

    def keys(self, provider: Provider, kid: str | None) -> KeySet:
        """Return the keys that a provider signs with; asks anew when the one called `kid` is not among them.

        Raises NotAnswering. That a stranger names keys that do not exist makes nobody ask more than once a minute.
        """
        metadata = self.metadata(provider)
        known = self._of(provider)
        with known.lock:
            age = self._clock() - known.keys_at
            missing = known.keys is not None and kid is not None and kid not in {key.kid for key in known.keys}
            if known.keys is None or age > LASTS or (missing and age > KEYS_AGAIN):
                known.keys = self._asked(provider, known, lambda: _fetch_keys(provider, metadata))
                known.keys_at = self._clock()
            return known.keys

    def _asked(self, provider: Provider, known: _Known, ask_now: Callable[[], Told]) -> Told:
        """Ask, unless nobody answered just now: then everybody would wait for it in turn."""
        if self._clock() - known.silent_at < QUIET:
            raise NotAnswering(provider.label, "it did not answer a moment ago")
        try:
            return ask_now()
        except NotAnswering:
            known.silent_at = self._clock()
            raise

    def _of(self, provider: Provider) -> _Known:
        with self._lock:
            return self._known.setdefault(provider.issuer, _Known())


def _discover(provider: Provider) -> Metadata:
    url = provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
    told = ask(provider.label, url)
    if not isinstance(told, dict) or told.get("issuer") != provider.issuer:
        # Whoever answers for another issuer could have its answers taken for those of this one.
        raise NotAnswering(provider.label, f"{url} speaks for another issuer")
    methods = told.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    method = next((known for known in ("client_secret_basic", "client_secret_post") if known in methods), None)
    if method is None:
        raise NotAnswering(provider.label, f"{url} takes no client secret at its token endpoint")
    return Metadata(
        authorization_endpoint=_endpoint(provider, told, "authorization_endpoint"),
        token_endpoint=_endpoint(provider, told, "token_endpoint"),
        jwks_uri=_endpoint(provider, told, "jwks_uri"),
        userinfo_endpoint=_endpoint(provider, told, "userinfo_endpoint") if told.get("userinfo_endpoint") else "",
        auth_method=method,
        names_issuer=told.get("authorization_response_iss_parameter_supported") is True,
    )


def _endpoint(provider: Provider, told: dict[str, Any], name: str) -> str:
    """Return an address that a provider tells; as safe as its own (https, unless it is on this machine)."""
    url = told.get(name)
    try:
        parts = urlsplit(url if isinstance(url, str) else "")
        fine = bool(parts.hostname) and not parts.username and not parts.fragment and str(url).isprintable()
    except ValueError:
        fine = False
    if not fine or parts.scheme not in {"https", urlsplit(provider.issuer).scheme} or " " in str(url):
        raise NotAnswering(provider.label, f"{provider.issuer} tells no usable {name}")
    return str(url)


def _fetch_keys(provider: Provider, metadata: Metadata) -> KeySet:
    """Return the public keys for signatures; secret ones (`oct`) and those for encryption are left out."""
    told = ask(provider.label, metadata.jwks_uri)
    listed = told.get("keys") if isinstance(told, dict) else None
    usable = [
        key
        for key in (listed if isinstance(listed, list) else [])
        if isinstance(key, dict) and key.get("kty") in _KINDS_OF_KEYS and key.get("use", "sig") == "sig"
    ]
    try:
        return KeySet.import_key_set({"keys": usable})
    except (JoseError, ValueError, TypeError) as error:
        raise NotAnswering(provider.label, f"{metadata.jwks_uri}: {type(error).__name__}") from error
