"""What happens to second factors: ids and plain values, and never a secret."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PasskeyAdded:
    """Somebody can sign in with another passkey."""

    user_id: int
    passkey_id: int
    name: str


@dataclass(frozen=True)
class PasskeyRenamed:
    """Somebody calls a passkey something else."""

    user_id: int
    passkey_id: int
    before: str
    after: str


@dataclass(frozen=True)
class PasskeyRemoved:
    """A passkey opens nothing any more."""

    user_id: int
    passkey_id: int
    name: str


@dataclass(frozen=True)
class PasskeyCopied:
    """A passkey counted backwards, as a copy of it would; it was refused."""

    user_id: int
    passkey_id: int
    name: str


@dataclass(frozen=True)
class AuthenticatorTurnedOn:
    """Somebody signs in with an authenticator app as well."""

    user_id: int


@dataclass(frozen=True)
class AuthenticatorTurnedOff:
    """Somebody signs in without their authenticator app."""

    user_id: int


@dataclass(frozen=True)
class RecoveryCodesMade:
    """Somebody has new recovery codes; those of before are worth nothing."""

    user_id: int
    count: int


@dataclass(frozen=True)
class RecoveryCodeUsed:
    """Somebody signed in with a recovery code, and has `left` more."""

    user_id: int
    left: int


@dataclass(frozen=True)
class FactorsReset:
    """Somebody's passkeys, app and recovery codes were taken away by somebody else, who looks after them."""

    user_id: int
    passkeys: int
    had_app: bool
    by_id: int | None
