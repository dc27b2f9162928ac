"""What happens to the accounts elsewhere that people sign in with: ids and plain values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class IdentityConnected:
    """Somebody signs in with an account elsewhere from now on; the system does it by a verified mail address."""

    user_id: int
    identity_id: int
    #: What people know the provider by, and what the account is called there.
    provider: str
    label: str
    by_id: int | None


@dataclass(frozen=True)
class IdentityDisconnected:
    """An account elsewhere opens nothing here any more."""

    user_id: int
    identity_id: int
    provider: str
    label: str
    by_id: int | None
