"""The form of a role: reading it, and what it shows of each permission.

Every right is a field `right:<permission>` whose values are extents (`all`, `own`, `category:7`), so that the page
that reviews a change carries them along as they came.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import request
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import Length

from cms.accounts.models import Role
from cms.accounts.permission_groups import grouped
from cms.accounts.places import Place, PlaceSort, list_place_sorts
from cms.accounts.policies import holds_all
from cms.accounts.rights import MOST_RIGHTS, describe_extents, extents_by_permission
from cms.core.errors import Invalid
from cms.core.i18n import Text, _
from cms.core.permissions import ALL, OWN, Actor, Grant, Permission

PREFIX = "right:"
#: Places that are offered for one permission; more would be no list to choose from.
MOST_PLACES = 300
_NEVER_CARRIED = frozenset({"csrf_token", "act", "version"})


class RoleForm(FlaskForm):
    """What a role is called and asks for; its rights are read beside it."""

    version = HiddenField()
    label = StringField(_("Name"), [Length(max=200)])
    description = StringField(_("What it is for"), [Length(max=2000)])
    requires_second_factor = BooleanField(_("Requires a second factor"))


@dataclass(frozen=True)
class PlaceBox:
    """A place to tick."""

    value: str
    name: str
    indent: int
    ticked: bool


@dataclass(frozen=True)
class PlaceList:
    """The places of one sort."""

    label: Text
    boxes: Sequence[PlaceBox]


@dataclass(frozen=True)
class RightField:
    """One permission as the form shows it.

    `options` are what can be chosen in one field; a permission that is either held or not has one option and is a
    box. `may` tells whether the person may grant it at all.
    """

    name: str
    permission: str
    sentence: Text
    options: Sequence[tuple[str, Text]]
    value: str
    places: Sequence[PlaceList]
    summary: str
    may: bool

    @property
    def is_box(self) -> bool:
        """Whether it is held or not, with nothing between."""
        return len(self.options) == 1


@dataclass(frozen=True)
class RightFields:
    """The permissions of one area."""

    label: Text
    rights: Sequence[RightField]


@dataclass(frozen=True)
class Typed:
    """What came with the form."""

    label: str
    description: str
    requires_second_factor: bool
    rights: frozenset[Grant]
    version: int | None


def read_typed(form: RoleForm) -> Typed:
    """Return what was typed and ticked; raises Invalid when it is more than any role holds."""
    version = (form.version.data or "").strip()
    return Typed(
        form.label.data or "",
        form.description.data or "",
        bool(form.requires_second_factor.data),
        read_ticked(),
        int(version) if version.isascii() and version.isdecimal() and len(version) < 10 else None,
    )


def read_ticked() -> frozenset[Grant]:
    """Return the rights that the form names, as they came; raises Invalid when it is more than any role holds."""
    pairs = [(name, value) for name, value in request.form.items(multi=True) if name.startswith(PREFIX) and value]
    if len(pairs) > MOST_RIGHTS:
        raise Invalid(_("A role holds at most %(most)s rights.", most=MOST_RIGHTS))
    return frozenset(Grant(name.removeprefix(PREFIX), value) for name, value in pairs)


def carried() -> list[tuple[str, str]]:
    """Return the fields of the form that the next page takes along."""
    return [(name, value) for name, value in request.form.items(multi=True) if name not in _NEVER_CARRIED]


def right_fields(ticked: Iterable[Grant], me: Actor) -> list[RightFields]:
    """Return a field for each permission there is, in areas, with `ticked` chosen and what `me` may grant."""
    held = extents_by_permission(ticked)
    sorts = [(sort, sort.list_places()[:MOST_PLACES]) for sort in list_place_sorts()]
    return [
        RightFields(label, [_field(item, held.get(item.name, frozenset()), sorts, me) for item in items])
        for label, items in grouped()
    ]


def _field(
    item: Permission, held: frozenset[str], sorts: Sequence[tuple[PlaceSort, Sequence[Place]]], me: Actor
) -> RightField:
    options: list[tuple[str, Text]] = []
    if OWN in item.extents and holds_all(me, [Grant(item.name, OWN)]):
        options.append((OWN, _("Their own")))
    if ALL in item.extents and holds_all(me, [Grant(item.name, ALL)]):
        options.append((ALL, _("All")))
    known = {place.extent: place for _sort, places in sorts for place in places}
    lists = [
        found
        for sort, places in sorts
        if sort.sort in item.extents and (found := _places(item.name, sort, places, held, me)) is not None
    ]
    return RightField(
        f"{PREFIX}{item.name}",
        item.name,
        item.sentence,
        options,
        ALL if ALL in held else OWN if OWN in held else "",
        lists,
        describe_extents([extent for extent in held if ":" in extent], known),
        bool(options or lists),
    )


def _places(
    permission: str, sort: PlaceSort, places: Sequence[Place], held: frozenset[str], me: Actor
) -> PlaceList | None:
    boxes = [
        PlaceBox(place.extent, place.name, (0, 4, 5, 5)[min(place.depth, 3)], place.extent in held)
        for place in places
        if place.extent in held or holds_all(me, [Grant(permission, place.extent)])
    ]
    listed = {place.extent for place in places}
    boxes += [
        PlaceBox(extent, str(_("A place that is in the bin, or gone")), 0, ticked=True)
        for extent in sorted(held)
        if extent.startswith(f"{sort.sort}:") and extent not in listed
    ]
    return PlaceList(sort.label, boxes) if boxes else None


def fill(form: RoleForm, role: Role) -> None:
    """Put what a role is into its form."""
    form.version.data = str(role.version)
    form.requires_second_factor.data = role.requires_second_factor
