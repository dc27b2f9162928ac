"""Who may change the settings of the site."""

from __future__ import annotations

from cms.core.i18n import _
from cms.core.permissions import Actor, Permission, may, registry

CHANGE_SETTINGS = "settings:site:change"

registry.register(
    Permission(CHANGE_SETTINGS, _("Change the settings of the site: its name, language, front page and mail."))
)


def may_change_settings(user: Actor | None) -> bool:
    """Tell whether `user` may change (and see) the settings of the site."""
    return may(user, CHANGE_SETTINGS)
