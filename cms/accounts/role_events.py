"""What happens to roles and groups: ids and plain values, in full before and after, so that it can be taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: What a role or a group is, plain (`snapshots`).
Values = Mapping[str, Any]


@dataclass(frozen=True)
class RoleCreated:
    """A role was made; `copied_from` names the role it is a copy of, if any."""

    role_id: int
    name: str
    after: Values
    by_id: int | None
    copied_from: str = ""


@dataclass(frozen=True)
class RoleEdited:
    """A role has another name, allows something else, or asks for something else; only what differs is told."""

    role_id: int
    name: str
    before: Values
    after: Values
    by_id: int | None


@dataclass(frozen=True)
class RoleDeleted:
    """A role is gone; `before` holds the whole role and who held it, `after` what they were given instead."""

    role_id: int
    name: str
    before: Values
    after: Values
    by_id: int | None


@dataclass(frozen=True)
class RoleRestored:
    """A role that was deleted is there again, with those who held it."""

    role_id: int
    name: str
    after: Values
    by_id: int | None


@dataclass(frozen=True)
class GroupCreated:
    """A group was made."""

    group_id: int
    name: str
    after: Values
    by_id: int | None


@dataclass(frozen=True)
class GroupEdited:
    """A group has another name or other roles; only what differs is told."""

    group_id: int
    name: str
    before: Values
    after: Values
    by_id: int | None


@dataclass(frozen=True)
class GroupMembersChanged:
    """People joined a group, or left it."""

    group_id: int
    name: str
    joined: tuple[int, ...]
    left: tuple[int, ...]
    by_id: int | None


@dataclass(frozen=True)
class GroupDeleted:
    """A group is gone; `before` holds all of it, its members too."""

    group_id: int
    name: str
    before: Values
    by_id: int | None


@dataclass(frozen=True)
class InvitationWithdrawn:
    """An invitation was taken back; the account is gone if it had made nothing (`deleted`)."""

    user_id: int
    name: str
    before: Values
    deleted: bool
    by_id: int | None


@dataclass(frozen=True)
class UserMerged:
    """Two accounts became one: what `before` tells of is gone, and what it had made belongs to `into_id`."""

    user_id: int
    name: str
    slug: str
    into_id: int
    before: Values
    after: Values
    by_id: int | None


@dataclass(frozen=True)
class PeopleExported:
    """Somebody took the list of people along."""

    by_id: int | None
    form: str
    number: int
    narrowed: Values
