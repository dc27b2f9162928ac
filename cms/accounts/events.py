"""What happens to people: ids and plain values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class UserCreated:
    """An account was made."""

    user_id: int
    name: str
    roles: tuple[str, ...]
    by_id: int | None


@dataclass(frozen=True)
class UserInvited:
    """Somebody was sent (again) the link by which they choose their first password."""

    user_id: int
    by_id: int | None


@dataclass(frozen=True)
class InvitationAccepted:
    """Somebody chose their first password."""

    user_id: int


@dataclass(frozen=True)
class RolesChanged:
    """Somebody holds other roles than before."""

    user_id: int
    before: tuple[str, ...]
    after: tuple[str, ...]
    by_id: int | None


@dataclass(frozen=True)
class UserDeactivated:
    """An account was closed: nobody signs in with it, and whoever was signed in is out."""

    user_id: int
    by_id: int | None


@dataclass(frozen=True)
class UserReactivated:
    """A closed account was opened again."""

    user_id: int
    by_id: int | None


@dataclass(frozen=True)
class ProfileEdited:
    """Fields of a profile changed; `slug_before` differs from `slug` when the author page moved."""

    user_id: int
    fields: tuple[str, ...]
    slug_before: str
    slug: str
    by_id: int | None


@dataclass(frozen=True)
class EmailChanged:
    """Somebody signs in with another mail address from now on."""

    user_id: int
    by_id: int | None


@dataclass(frozen=True)
class UserDeleted:
    """An account is gone; what it had made belongs to `heir_id` (None: there was nothing)."""

    user_id: int
    name: str
    slug: str
    heir_id: int | None
    by_id: int | None


@dataclass(frozen=True)
class PasswordChanged:
    """Somebody has another password, and is signed out everywhere else."""

    user_id: int


@dataclass(frozen=True)
class SignedIn:
    """Somebody signed in."""

    user_id: int
    ip: str | None
    remembered: bool


@dataclass(frozen=True)
class SignedOut:
    """Somebody signed out."""

    user_id: int
