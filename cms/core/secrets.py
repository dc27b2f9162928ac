"""What the installation's keys are used for: signing, sealing what the database keeps, chaining the audit trail."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app
from itsdangerous import URLSafeTimedSerializer

from cms.config import ConfigurationError
from cms.core.errors import CmsError
from cms.core.i18n import _


class UnknownKeyError(CmsError):
    """Something was sealed, signed or chained with a key that this installation does not have (any more)."""

    status = 500
    default = _("This was sealed with a key that is not here. Ask the operator to put the older key back.")


class SigningKeys:
    """The secrets that signatures are made and checked with, as the application has them when they are asked for.

    The oldest comes first and the present one last, as itsdangerous wants them: it signs with the last.
    """

    def __iter__(self) -> Iterator[str]:
        config = current_app.config
        yield from reversed(config.get("SECRET_KEY_FALLBACKS") or [])
        yield config["SECRET_KEY"]


class CurrentSerializer(URLSafeTimedSerializer):
    """Signs with the secret that the application has now: the command line may learn it after the start."""

    def __init__(self, salt: str | bytes) -> None:
        super().__init__("", salt=salt)

    @property
    def secret_keys(self) -> list[bytes]:
        """The application's secret, and older ones that are still believed."""
        return [key.encode() for key in SigningKeys()]

    @secret_keys.setter
    def secret_keys(self, _keys: list[bytes]) -> None:
        """The base class keeps a copy; this one asks anew."""


def signing_keys(purpose: str) -> dict[str, bytes]:
    """Return what is signed with for one purpose alone, by names that anybody may see: the newest first.

    One for the SECRET_KEY and one for each older one that is still believed: the first signs, every one is believed.
    """
    made = [_derived(key, f"masthead signed {purpose}") for key in reversed(list(SigningKeys()))]
    return {_mark(key): key for key in made}


def seal(text: str, *, purpose: str) -> str:
    """Return the text encrypted and signed (Fernet) with the newest key, as ASCII for a column of the database.

    Only `unseal` with the same purpose opens it: what was sealed as one thing cannot be put in place of another.
    """
    return _box(purpose).encrypt(text.encode()).decode("ascii")


def unseal(sealed: str, *, purpose: str) -> str:
    """Return what was sealed for this purpose, with whichever key; raises UnknownKeyError when none opens it."""
    try:
        return _box(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise UnknownKeyError from None


def reseal(sealed: str, *, purpose: str) -> str:
    """Return the same sealed with the newest key; raises UnknownKeyError when no key opens it."""
    try:
        return _box(purpose).rotate(sealed.encode()).decode("ascii")
    except InvalidToken:
        raise UnknownKeyError from None


def keyed_hashes(text: str, *, purpose: str) -> list[str]:
    """Return what a text may be kept as, 64 characters, with each key there is, the newest first.

    For short secrets that must be found again (codes): a copy of the database alone does not let anybody try them all.
    The first eight characters name the key, so that what no key of ours made can be told (`key_marks`).
    """
    keys: list[str] = _lasting("CMS_DATA_KEYS")
    derived = [_derived(key, f"masthead hashed {purpose}") for key in keys]
    return [_mark(key) + hmac.digest(key, text.encode(), "sha256").hex()[:56] for key in derived]


def key_marks(purpose: str) -> list[str]:
    """Return the first eight characters of all that `keyed_hashes` makes for a purpose with the keys there are."""
    return [_mark(_derived(key, f"masthead hashed {purpose}")) for key in _lasting("CMS_DATA_KEYS")]


def _mark(key: bytes) -> str:
    return hashlib.sha256(b"masthead key mark" + key).hexdigest()[:8]


def audit_key(name: str | None = None) -> tuple[str, bytes]:
    """Return a key of the audit trail's chain with its name: the one asked for, or the newest.

    Raises UnknownKeyError for a name that is not there.
    """
    keys: dict[str, str] = _lasting("CMS_AUDIT_KEYS")
    chosen = next(iter(keys)) if name is None else name
    if chosen not in keys:
        raise UnknownKeyError(_("The key “%(name)s” of the audit trail is not in CMS_AUDIT_KEYS.", name=chosen))
    return chosen, _derived(keys[chosen], "masthead audit trail")


def _box(purpose: str) -> MultiFernet:
    keys: list[str] = _lasting("CMS_DATA_KEYS")
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(key, f"masthead sealed {purpose}"))) for key in keys])


@lru_cache(maxsize=64)
def _derived(key: str, purpose: str) -> bytes:
    """Return 32 bytes that belong to a key and a purpose (HKDF, RFC 5869)."""
    return HKDF(SHA256(), 32, salt=purpose.encode(), info=b"").derive(key.encode())


def _lasting(name: str) -> Any:
    config = current_app.config
    if name in config["TEMPORARY_SECRETS"] and config["CMS_ENV"] != "testing":
        # What is written with a key that ends with this process could never be read again.
        raise ConfigurationError(f"There is no lasting {name}: run `flask setup` first.")
    return config[name]
