"""What a new role begins with: nothing, a template, or a role there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from cms.accounts import policies
from cms.accounts.models import User
from cms.accounts.places import Place, find_place_sort
from cms.accounts.queries import find_role, list_roles
from cms.accounts.role_templates import RoleTemplate, find_template, list_templates, template_rights
from cms.accounts.roles import role_description, role_label
from cms.admin.access import person
from cms.admin.role_form import MOST_PLACES, PlaceBox
from cms.core.errors import NotFound
from cms.core.i18n import Text, _
from cms.core.permissions import Grant


@dataclass(frozen=True)
class Start:
    """What the form begins with; `lacking` is how many rights were left out, which whoever begins lacks."""

    label: str
    description: str
    requires_second_factor: bool
    rights: frozenset[Grant]
    copy_of: str = ""
    lacking: int = 0


@dataclass(frozen=True)
class TemplateChoice:
    """A template to begin with; `places` are to be ticked before."""

    key: str
    label: Text
    description: Text
    address: str
    places_label: Text
    places: Sequence[PlaceBox]


@dataclass(frozen=True)
class CopyChoice:
    """A role to copy."""

    name: str
    label: str


@dataclass(frozen=True)
class StartPage:
    """Everything there is to begin with."""

    blank_address: str
    form_address: str
    templates: Sequence[TemplateChoice]
    copies: Sequence[CopyChoice]
    back: str


def read_start(arguments: Any) -> Start | None:
    """Return what a new role begins with, as the address says; None while that is to be chosen.

    Raises NotFound for a template or a role that there is not.
    """
    if "copy" in arguments:
        return _copy(arguments["copy"])
    if "template" in arguments:
        template = find_template(arguments["template"])
        if template is None:
            raise NotFound(_("There is no such template."))
        places = [text for text in arguments.getlist("place")[:MOST_PLACES] if text.startswith(f"{template.asks_for}:")]
        return _from_template(template, places)
    return Start("", "", requires_second_factor=False, rights=frozenset()) if "blank" in arguments else None


def _copy(name: str) -> Start:
    role = find_role(name)
    if role is None or not policies.may_edit_role(person(), role):
        raise NotFound(_("There is no role called %(name)s.", name=name[:80]))
    label = str(_("%(name)s (copy)", name=role_label(role)))
    return Start(label, role_description(role), role.requires_second_factor, role.rights, role.name)


def _from_template(template: RoleTemplate, places: Sequence[str]) -> Start:
    sort = find_place_sort(template.asks_for)
    known: Mapping[str, Place] = {place.extent: place for place in sort.list_places()} if sort is not None else {}
    chosen = [extent for extent in places if extent in known]
    rights = template_rights(template, chosen)
    may = frozenset(right for right in rights if policies.holds_all(person(), [right]))
    label = str(template.label)
    if len(chosen) == 1:
        label = f"{label}: {known[chosen[0]].name}"[:60]
    return Start(label, str(template.description), False, may, lacking=len(rights - may))


def start_page(me: User) -> StartPage:
    """Return the page that asks what a new role begins with."""
    new = url_for("admin_roles.create_view")
    return StartPage(
        blank_address=url_for("admin_roles.create_view", blank=1),
        form_address=new,
        templates=[_choice(template) for template in list_templates()],
        copies=[CopyChoice(role.name, role_label(role)) for role in list_roles() if policies.may_edit_role(me, role)],
        back=url_for("admin_roles.index_view"),
    )


def _choice(template: RoleTemplate) -> TemplateChoice:
    sort = find_place_sort(template.asks_for)
    places = sort.list_places()[:MOST_PLACES] if sort is not None else []
    return TemplateChoice(
        template.key,
        template.label,
        template.description,
        url_for("admin_roles.create_view", template=template.key),
        sort.label if sort is not None else "",
        [PlaceBox(place.extent, place.name, (0, 4, 5, 5)[min(place.depth, 3)], ticked=False) for place in places],
    )
