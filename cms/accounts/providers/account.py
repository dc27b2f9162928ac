"""Somebody's account elsewhere, as its provider has proven it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Account:
    """Who somebody is elsewhere: known by issuer and subject alone (ASVS 5.0, 6.8.1); all the rest may change."""

    issuer: str
    subject: str
    #: Empty unless the provider says that it has verified the address.
    verified_email: str = ""
    name: str = ""
    #: What the person calls the account: a mail address or a name, to recognise it by.
    label: str = ""
    #: The values of the claim that roles are read from; None when the provider did not tell them.
    roles: frozenset[str] | None = field(default_factory=frozenset)


def text_of(claims: Mapping[str, Any], *names: str) -> str:
    """Return the first of the claims that is a text with something in it, shortened to 255 characters."""
    for name in names:
        value = claims.get(name)
        if isinstance(value, str) and value.strip():
            return " ".join(value.split())[:255]
    return ""


def values_of(claims: Mapping[str, Any], path: str) -> frozenset[str] | None:
    """Return the texts that a claim holds; `realm_access.roles` reaches into a claim that is a mapping.

    A claim that is not there holds none. None is returned where the provider says that it holds too many to be told
    here (OpenID Connect Core, 5.6.2).
    """
    told_elsewhere = claims.get("_claim_names")
    if isinstance(told_elsewhere, dict) and path in told_elsewhere:
        return None
    value: Any = claims.get(path)
    if value is None:
        value = claims
        for part in path.split("."):
            value = value.get(part) if isinstance(value, dict) else None
    found = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return frozenset(item for item in found if isinstance(item, str))
