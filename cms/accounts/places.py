"""Places that a right can be limited to: features above tell which there are, by sort (`category`, `section`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cms.core.i18n import LazyString


@dataclass(frozen=True)
class Place:
    """One place: the extent that names it (`category:7`), what it is called, and how deep in its tree it lies."""

    extent: str
    name: str
    depth: int = 0


@dataclass(frozen=True)
class PlaceSort:
    """A sort of places; `inside` is a phrase for one of them, with `%(name)s` ("In the category %(name)s")."""

    sort: str
    label: LazyString
    inside: LazyString
    list_places: Callable[[], Sequence[Place]]


_sorts: dict[str, PlaceSort] = {}


def register_place_sort(sort: PlaceSort) -> None:
    """Tell of a sort of places; once for each sort."""
    _sorts.setdefault(sort.sort, sort)


def list_place_sorts() -> tuple[PlaceSort, ...]:
    """Return every sort of places there is."""
    return tuple(_sorts.values())


def find_place_sort(sort: str) -> PlaceSort | None:
    """Return the sort of places called `sort`, or None."""
    return _sorts.get(sort)


def known_places() -> Mapping[str, Place]:
    """Return every place there is now, by its extent."""
    return {place.extent: place for sort in _sorts.values() for place in sort.list_places()}
