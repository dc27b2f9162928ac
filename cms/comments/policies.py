"""Who may do what with comments."""

from __future__ import annotations

from cms.core.i18n import _
from cms.core.permissions import Actor, Permission, may, registry

MODERATE = "comments:comment:moderate"

registry.register(
    Permission(MODERATE, _("Approve and refuse comments, and add those that were written elsewhere.")),
)


def may_moderate(user: Actor | None) -> bool:
    """Tell whether the person decides which comments readers see."""
    return may(user, MODERATE)
