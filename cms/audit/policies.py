"""Who may read the record, take it along, and take back what stands in it."""

from __future__ import annotations

from cms.accounts.policies import DELETE
from cms.core.i18n import _
from cms.core.permissions import ALL, OWN, Actor, Permission, may, registry

LIST = "audit:entry:list"
EXPORT = "audit:entry:export"
UNDO = "audit:entry:undo"

registry.register(
    Permission(LIST, _("Read the record: who did what, when, and from where.")),
    Permission(EXPORT, _("Take the record along as a file.")),
    Permission(
        UNDO, _("Take back acts from the record, where the rights for what that changes are there too."), (ALL, OWN)
    ),
)


def may_list_record(user: Actor | None) -> bool:
    """Tell whether the person reads the record."""
    return may(user, LIST)


def may_export_record(user: Actor | None) -> bool:
    """Tell whether the person takes the record along as a file."""
    return may_list_record(user) and may(user, EXPORT)


def may_undo(user: Actor | None, actor_id: int | None) -> bool:
    """Tell whether the person may take back an act of `actor_id`; what it changes asks for its own rights again."""
    return may(user, UNDO, owner_ids=(actor_id,))


def may_prune(user: Actor | None) -> bool:
    """Tell whether the oldest entries may be removed: by the system alone, after the time that an admin has set."""
    return user is not None and user.is_active and user.id is None


def may_erase_details(user: Actor | None) -> bool:
    """Tell whether the person may have the personal data of somebody taken out of the record."""
    return may(user, DELETE)
