"""Changing what a role is called, allows and asks for."""

from __future__ import annotations

from collections.abc import Iterable

from cms.accounts.locks import lock_people
from cms.accounts.models import Role
from cms.accounts.role_checks import check_role
from cms.accounts.role_events import RoleEdited
from cms.accounts.roles import set_rights
from cms.accounts.snapshots import differing, role_values
from cms.core.db import current_session
from cms.core.events import record
from cms.core.permissions import Actor, Grant


def edit_role(
    role: Role,
    *,
    label: object,
    description: object,
    requires_second_factor: bool,
    rights: Iterable[Grant] | None = None,
    version: int | None = None,
    by: Actor,
) -> None:
    """Change a role; it holds at the next request of everybody who has it. Raises what `check_role` raises."""
    lock_people(by=by)
    read = check_role(role, label=label, description=description, rights=rights, version=version, by=by)
    before = role_values(role)
    role.label, role.description = read.label, read.description
    role.requires_second_factor = requires_second_factor
    if read.rights != role.rights:
        set_rights(role, read.rights)
    current_session().flush()
    was, now = differing(before, role_values(role))
    if now:
        record(RoleEdited(role.id, role.name, was, now, by.id))
