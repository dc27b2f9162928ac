"""What happens to people: ids and plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


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
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class EmailChanged:
    """Somebody signs in with another mail address from now on."""

    user_id: int
    by_id: int | None
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class UserDeleted:
    """An account is gone; what it had made belongs to `heir_id` (None: there was nothing)."""

    user_id: int
    name: str
    slug: str
    heir_id: int | None
    by_id: int | None
    before: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PasswordChanged:
    """Somebody has another password, and is signed out everywhere else."""

    user_id: int


@dataclass(frozen=True)
class SignedIn:
    """Somebody signed in; `known_device` tells whether they had in this browser before."""

    user_id: int
    ip: str | None
    remembered: bool
    method: str = "password"
    second_factor: bool = False
    known_device: bool = False


@dataclass(frozen=True)
class SignedOut:
    """Somebody signed out."""

    user_id: int


@dataclass(frozen=True)
class SeeingBegan:
    """Somebody sees the back office and the site as a person, or as a role, would."""

    by_id: int | None
    user_id: int | None = None
    role_id: int | None = None
    title: str = ""


@dataclass(frozen=True)
class SeeingEnded:
    """Somebody sees with their own eyes again."""

    by_id: int | None
    user_id: int | None = None
    role_id: int | None = None


@dataclass(frozen=True)
class SignInsEnded:
    """Somebody was signed out in every browser."""

    user_id: int
    by_id: int | None


@dataclass(frozen=True)
class ResetSent:
    """Somebody was sent the link by which they choose a new password."""

    user_id: int
    by_id: int | None


@dataclass(frozen=True)
class RegistrationRepeated:
    """Somebody asked for an account at a mail address that has one; its owner was told by mail."""

    user_id: int


@dataclass(frozen=True)
class PersonalDataExported:
    """Somebody was given what is held about a person (None: about a mail address without an account)."""

    user_id: int | None
    by_id: int | None


@dataclass(frozen=True)
class PersonalDataErased:
    """What is held about a person (None: about a mail address without an account) was erased."""

    user_id: int | None
    by_id: int | None
    records: int = 0
