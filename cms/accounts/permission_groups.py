"""Permissions in the order and under the words in which people look for them."""

from __future__ import annotations

from collections.abc import Iterable

from cms.core.i18n import Text, _
from cms.core.permissions import Permission, registry

#: Beginnings of names, the longer ones first; what begins with none of them stands under its own area.
_GROUPS: dict[str, Text] = {
    "content:post:": _("Posts"),
    "content:page:": _("Pages"),
    "content:term:": _("Categories and tags"),
    "content:": _("Posts and pages alike"),
    "media:": _("Media"),
    "comments:": _("Comments"),
    "accounts:role:": _("Roles and groups"),
    "accounts:": _("People and the back office"),
    "settings:": _("Settings"),
    "audit:": _("The record of acts"),
}


def grouped(permissions: Iterable[Permission] | None = None) -> list[tuple[Text, list[Permission]]]:
    """Return permissions (all there are unless told) under the words of their group; groups without any are out."""
    found: dict[str, list[Permission]] = {beginning: [] for beginning in _GROUPS}
    for item in registry if permissions is None else permissions:
        beginning = next((known for known in _GROUPS if item.name.startswith(known)), item.name.partition(":")[0])
        found.setdefault(beginning, []).append(item)
    return [(_GROUPS.get(beginning, beginning), items) for beginning, items in found.items() if items]
