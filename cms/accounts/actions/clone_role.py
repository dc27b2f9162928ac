"""Copying a role."""

from __future__ import annotations

from collections.abc import Iterable

from cms.accounts.actions.create_role import create_role
from cms.accounts.models import Role
from cms.accounts.policies import may_edit_role
from cms.core.i18n import _
from cms.core.permissions import Actor, Grant, require


def clone_role(
    role: Role,
    *,
    label: object,
    description: object = None,
    requires_second_factor: bool | None = None,
    rights: Iterable[Grant] | None = None,
    by: Actor,
) -> Role:
    """Make a role called `label` that is what `role` is, apart from what is given, and return it.

    Nobody holds it yet. Raises Forbidden for a role that allows what whoever acts lacks, and Invalid.
    """
    require(may_edit_role(by, role), _("You may copy only roles whose rights you all hold yourself."))
    asks = role.requires_second_factor if requires_second_factor is None else requires_second_factor
    return create_role(
        label=label,
        description=role.description if description is None else description,
        requires_second_factor=asks,
        rights=role.rights if rights is None else rights,
        copied_from=role.name,
        by=by,
    )
