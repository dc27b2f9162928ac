"""Whether a role can be made or changed as somebody entered it: asked by the actions, and before by the review."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cms.accounts.models import Role
from cms.accounts.policies import may_edit_role, may_grant
from cms.accounts.rights import read_rights
from cms.accounts.role_fields import read_description, read_each, read_label
from cms.accounts.roles import ADMIN
from cms.core.errors import Conflict
from cms.core.i18n import _
from cms.core.permissions import ALL, Actor, Grant, registry, require


@dataclass(frozen=True)
class RoleRead:
    """What is to be kept of a role."""

    label: str
    description: str
    rights: frozenset[Grant]


def check_new_role(*, label: object, description: object, rights: Iterable[Grant], by: Actor) -> RoleRead:
    """Return what to keep of a new role.

    Raises Forbidden for a right that whoever acts lacks, and Invalid naming the fields that cannot be taken.
    """
    read = read_each(
        label=lambda: read_label(label),
        description=lambda: read_description(description),
        rights=lambda: read_rights(rights),
    )
    require(may_grant(by, read["rights"]), _("You may make roles only with rights that you hold yourself."))
    return RoleRead(**read)


def check_role(
    role: Role,
    *,
    label: object,
    description: object,
    rights: Iterable[Grant] | None = None,
    version: int | None = None,
    by: Actor,
) -> RoleRead:
    """Return what to keep of a role that is changed; without `rights` these stay.

    Rights of features that are not there now stay as they are. Raises Forbidden for a role, or a right, with more
    than whoever acts holds, Conflict when somebody changed the role since `version` and when the admin role would
    allow less than everything, and Invalid naming the fields that cannot be taken.
    """
    require(may_edit_role(by, role), _("You may change only roles whose rights you all hold yourself."))
    if version is not None and version != role.version:
        raise Conflict(_("Somebody else changed this role meanwhile. What you entered is kept; look, and save again."))
    held = role.rights
    read = read_each(
        label=lambda: read_label(label, of=role),
        description=lambda: read_description(description),
        rights=lambda: read_rights(held if rights is None else rights, held=held),
    )
    read["rights"] |= {right for right in held if right.permission not in registry}
    if role.name == ADMIN and not {right for right in held if right.extent == ALL} <= read["rights"]:
        raise Conflict(_("The admin role always allows everything."))
    require(may_grant(by, read["rights"]), _("You may give a role only rights that you hold yourself."))
    return RoleRead(**read)
