"""References: a feature above tells where it uses a person or a media file, so that nobody need know it.

"Where used", deletion and hand-over ask everybody who registered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cms.core.i18n import LazyString


@dataclass(frozen=True)
class Use:
    """One place that uses a thing: what it is called, and where it is edited (`thing` and its id)."""

    thing: str
    thing_id: int
    title: str
    is_public: bool = False


@dataclass(frozen=True)
class Reference:
    """A way in which a feature uses things of one kind; `key` is unique, `name` is for people.

    `hand_over` gives what one has to another (old id, new id); `merge` does it where both are one and the same, also
    for what is nobody else's (words somebody wrote). Without either it stays, without a name.
    """

    kind: str
    key: str
    name: LazyString
    count: Callable[[int], int]
    list_uses: Callable[[int, int], Sequence[Use]]
    hand_over: Callable[[int, int], None] | None = None
    merge: Callable[[int, int], None] | None = None


_references: defaultdict[str, list[Reference]] = defaultdict(list)


def register_reference(reference: Reference) -> None:
    """Register, once for each key, a way in which things of `reference.kind` (`user`, `media`) are used."""
    if all(known.key != reference.key for known in _references[reference.kind]):
        _references[reference.kind].append(reference)


def references_to(kind: str) -> tuple[Reference, ...]:
    """Return every registered way in which things of `kind` are used."""
    return tuple(_references[kind])


def count_uses(kind: str, thing_id: int) -> int:
    """Count the places that use the thing."""
    return sum(reference.count(thing_id) for reference in _references[kind])


def list_uses(kind: str, thing_id: int, limit: int = 20) -> list[Use]:
    """List at most `limit` places of each sort that use the thing."""
    return [use for reference in _references[kind] for use in reference.list_uses(thing_id, limit)]
