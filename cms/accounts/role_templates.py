"""Roles to begin with: what a job in a newsroom needs, to be named and changed before it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cms.core.i18n import LazyString, _
from cms.core.permissions import CATEGORY, SECTION, Grant, registry

#: What everybody who works here needs.
_DESK = (
    "accounts:office:enter",
    "accounts:user:edit/own",
    "accounts:role:view",
    "content:members:read",
)
_PICTURES = ("media:file:list", "media:file:upload", "media:file:edit/own", "media:file:delete/own")


@dataclass(frozen=True)
class RoleTemplate:
    """A role to begin with; `asks_for` is the sort of places it is made for, if any (`category`, `section`).

    Rights are written as in `roles.DefaultRole`; `/place` stands for each place that was chosen.
    """

    key: str
    label: LazyString
    description: LazyString
    rights: tuple[str, ...]
    asks_for: str = ""
    #: The template makes sense only where there is this permission.
    needs: str = ""


TEMPLATES: tuple[RoleTemplate, ...] = (
    RoleTemplate(
        "category-editor",
        _("Category editor"),
        _("Edits and publishes every post in certain categories."),
        (
            *_DESK,
            *_PICTURES,
            "content:post:create/place",
            "content:post:edit/place",
            "content:post:publish/place",
            "content:post:delete/place",
        ),
        CATEGORY,
    ),
    RoleTemplate(
        "section-editor",
        _("Section editor"),
        _("Edits and publishes the pages in certain sections of the site."),
        (
            *_DESK,
            *_PICTURES,
            "content:page:create/place",
            "content:page:edit/place",
            "content:page:publish/place",
            "content:page:delete/place",
        ),
        SECTION,
    ),
    RoleTemplate(
        "reviewer",
        _("Reviewer"),
        _("Reads and corrects every draft before it is published; others publish."),
        (*_DESK, "content:post:edit", "content:page:edit", "content:private:read", "media:file:list"),
    ),
    RoleTemplate(
        "seo-editor",
        _("Search editor"),
        _("Sees to titles and descriptions in search results, and to addresses."),
        (
            *_DESK,
            "content:post:edit",
            "content:page:edit",
            "content:post:publish",
            "content:page:publish",
            "content:seo:edit",
            "content:slug:edit",
            "content:term:edit",
            "media:file:list",
        ),
        needs="content:seo:edit",
    ),
    RoleTemplate(
        "picture-editor",
        _("Picture editor"),
        _("Looks after every media file."),
        (*_DESK, "media:*"),
    ),
    RoleTemplate(
        "people-manager",
        _("People manager"),
        _("Invites people, gives them roles and looks after accounts."),
        (
            *_DESK,
            "accounts:user:list",
            "accounts:user:invite",
            "accounts:user:edit",
            "accounts:user:deactivate",
            "accounts:role:assign",
        ),
    ),
)


def list_templates() -> list[RoleTemplate]:
    """Return the roles to begin with that make sense here."""
    return [template for template in TEMPLATES if not template.needs or template.needs in registry]


def find_template(key: str) -> RoleTemplate | None:
    """Return the template called `key`, or None."""
    return next((template for template in list_templates() if template.key == key), None)


def template_rights(template: RoleTemplate, places: Sequence[str] = ()) -> frozenset[Grant]:
    """Return what a role begins with, among the permissions and extents that there are now.

    `places` are the extents that were chosen; without one, a right for places is left out.
    """
    wanted = frozenset(right for text in template.rights for right in _meant(text, places))
    return frozenset(right for right in wanted if right.extent.partition(":")[0] in _extents(right.permission))


def _meant(text: str, places: Sequence[str]) -> Iterable[Grant]:
    name, _slash, extent = text.partition("/")
    names = registry.names()
    if name.endswith("*"):
        return [Grant(known) for known in names if known.startswith(name[:-1])]
    return [Grant(name, where) for where in places] if extent == "place" else [Grant(name, extent or "all")]


def _extents(name: str) -> tuple[str, ...]:
    return registry.get(name).extents if name in registry else ()
