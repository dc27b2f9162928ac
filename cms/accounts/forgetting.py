"""Taking a place that is gone out of every role."""

from __future__ import annotations

from sqlalchemy import select

from cms.accounts.models import Role, RoleGrant
from cms.accounts.role_events import RoleEdited
from cms.accounts.roles import set_rights
from cms.accounts.snapshots import differing, role_values
from cms.core.db import current_session
from cms.core.events import record


def forget_place(extent: str, *, by_id: int | None) -> None:
    """Take a category or page that is deleted out of every role, whoever deletes it (`by_id`).

    Its number may be given again, and nothing that comes later inherits rights in its stead.
    """
    session = current_session()
    holding = select(RoleGrant.role_id).where(RoleGrant.extent == extent)
    for role in session.scalars(select(Role).where(Role.id.in_(holding))).all():
        before = role_values(role)
        set_rights(role, {right for right in role.rights if right.extent != extent})
        session.flush()
        was, now = differing(before, role_values(role))
        record(RoleEdited(role.id, role.name, was, now, by_id))
