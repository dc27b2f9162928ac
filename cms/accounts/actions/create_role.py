"""Making a role."""

from __future__ import annotations

from collections.abc import Iterable

from cms.accounts.locks import lock_people
from cms.accounts.models import Role
from cms.accounts.role_checks import check_new_role
from cms.accounts.role_events import RoleCreated
from cms.accounts.role_fields import make_name
from cms.accounts.roles import set_rights
from cms.accounts.snapshots import role_values
from cms.core.db import current_session
from cms.core.events import record
from cms.core.permissions import Actor, Grant


def create_role(
    *,
    label: object,
    description: object = "",
    requires_second_factor: bool = False,
    rights: Iterable[Grant] = (),
    copied_from: str = "",
    by: Actor,
) -> Role:
    """Make a role that allows `rights` and return it; nobody holds it yet. Raises what `check_new_role` raises."""
    lock_people(by=by)
    read = check_new_role(label=label, description=description, rights=rights, by=by)
    role = Role(
        name=make_name(read.label),
        label=read.label,
        description=read.description,
        requires_second_factor=requires_second_factor,
        offered=[],
        grants=[],
    )
    session = current_session()
    session.add(role)
    set_rights(role, read.rights)
    session.flush()
    record(RoleCreated(role.id, role.name, role_values(role), by.id, copied_from))
    return role
