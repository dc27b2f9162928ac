"""Rights of roles as plain words, and what a change of them gives and takes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from cms.accounts.places import Place, find_place_sort, known_places
from cms.core.errors import Invalid
from cms.core.i18n import LazyString, Text, _
from cms.core.permissions import ALL, OWN, Grant, registry

#: More rights than this are no role of a person, but an attack or a mistake.
MOST_RIGHTS = 2000


def to_word(right: Grant) -> str:
    """Return a right as one word: `content:post:edit/category:7`."""
    return f"{right.permission}/{right.extent}"


def to_words(rights: Iterable[Grant]) -> list[str]:
    """Return rights as words, in order."""
    return sorted(to_word(right) for right in rights)


def from_words(words: Iterable[str]) -> frozenset[Grant]:
    """Return the rights that `words` name."""
    parts = [word.partition("/") for word in words]
    return frozenset(Grant(permission, extent or ALL) for permission, _slash, extent in parts)


def read_rights(rights: Iterable[Grant], *, held: Collection[Grant] = ()) -> frozenset[Grant]:
    """Return the rights to keep for a role: nothing twice, and nothing beside a right in full.

    What the role holds already (`held`) needs no check. Raises Invalid, in one sentence, for a permission, an
    extent or a place that there is not.
    """
    wanted = frozenset(rights)
    if len(wanted) > MOST_RIGHTS:
        raise Invalid(_("A role holds at most %(most)s rights.", most=MOST_RIGHTS))
    new = [right for right in wanted if right not in held]
    places: Mapping[str, Place] = known_places() if any(":" in right.extent for right in new) else {}
    for right in sorted(new):
        if right.permission not in registry:
            raise Invalid(_("There is no permission called “%(name)s”.", name=right.permission[:80]))
        sort, colon, _key = right.extent.partition(":")
        if sort not in registry.get(right.permission).extents or not (colon or sort in (ALL, OWN)):
            raise Invalid(
                _(
                    "“%(sentence)s” cannot be limited to “%(extent)s”.",
                    sentence=registry.get(right.permission).sentence,
                    extent=right.extent[:40],
                )
            )
        if ":" in right.extent and right.extent not in places:
            raise Invalid(_("A category or page that you chose is not there any more. Choose another."))
    return frozenset(right for right in wanted if right.extent == ALL or Grant(right.permission, ALL) not in wanted)


@dataclass(frozen=True)
class Extent:
    """How far a right reaches, in words; `extent` as it is kept."""

    extent: str
    text: Text


def describe_extent(extent: str, places: Mapping[str, Place]) -> Text:
    """Return how far a right reaches: "All", "Their own", "In the category Kitchen"."""
    if extent == ALL:
        return _("All")
    if extent == OWN:
        return _("Their own")
    sort = find_place_sort(extent.partition(":")[0])
    place = places.get(extent)
    if sort is None or place is None:
        return _("In a place that is not there now")
    return str(sort.inside) % {"name": place.name}


def describe_extents(extents: Iterable[str], places: Mapping[str, Place]) -> str:
    """Return several extents in one phrase: "Their own; in the category Kitchen"; empty for none."""
    texts = [str(describe_extent(extent, places)) for extent in sort_extents(extents)]
    return "; ".join(text if index == 0 else text[:1].lower() + text[1:] for index, text in enumerate(texts))


def sort_extents(extents: Iterable[str]) -> list[str]:
    """Return extents with the widest first: in full, own, places."""
    return sorted(extents, key=lambda extent: (extent != ALL, extent != OWN, extent))


@dataclass(frozen=True)
class RightChange:
    """What happens to one permission: how far it reached, and reaches then (empty: not at all)."""

    permission: str
    sentence: LazyString | str
    before: str
    after: str


@dataclass(frozen=True)
class RightChanges:
    """What a change gives and takes; a right that reaches elsewhere is in both."""

    gained: tuple[RightChange, ...]
    lost: tuple[RightChange, ...]

    def __bool__(self) -> bool:
        return bool(self.gained or self.lost)


def compare_rights(before: Collection[Grant], after: Collection[Grant]) -> RightChanges:
    """Return what `after` gives and takes compared with `before`, in the order of the permissions."""
    places = known_places()
    old, new = extents_by_permission(before), extents_by_permission(after)
    gained, lost = list[RightChange](), list[RightChange]()
    names = [*registry.names(), *sorted((old.keys() | new.keys()) - set(registry.names()))]
    for name in names:
        was, will = old.get(name, frozenset()), new.get(name, frozenset())
        sentence: LazyString | str = registry.get(name).sentence if name in registry else name
        change = RightChange(name, sentence, describe_extents(was, places), describe_extents(will, places))
        if ALL not in was and will - was:
            gained.append(change)
        if ALL not in will and was - will:
            lost.append(change)
    return RightChanges(tuple(gained), tuple(lost))


def extents_by_permission(rights: Iterable[Grant]) -> dict[str, frozenset[str]]:
    """Return how far each permission reaches."""
    found: dict[str, set[str]] = {}
    for right in rights:
        found.setdefault(right.permission, set()).add(right.extent)
    return {name: frozenset({ALL} if ALL in extents else extents) for name, extents in found.items()}
