"""Permissions: words in one registry, grants that roles hold, and the stamp every route carries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol, TypeVar, runtime_checkable

from cms.core.errors import Forbidden
from cms.core.i18n import LazyString, Text
from cms.core.stamps import stamp_of

ALL = "all"
OWN = "own"
#: Sorts of places; an extent names one of them with its id (`category:7`, `section:12`).
CATEGORY = "category"
SECTION = "section"


@dataclass(frozen=True)
class Permission:
    """A word such as `content:post:publish`, a sentence that explains it, and the sorts of extents it is granted in."""

    name: str
    sentence: LazyString
    extents: tuple[str, ...] = (ALL,)


@dataclass(frozen=True, order=True)
class Grant:
    """A permission in an extent: `all`, `own` for what the person owns, or a place with its id (`category:7`)."""

    permission: str
    extent: str = ALL


@runtime_checkable
class Actor(Protocol):
    """Whoever acts: a person, or the system."""

    @property
    def id(self) -> int | None:
        """The person's id; None for the system."""

    @property
    def is_active(self) -> bool:
        """Whether the account works at all."""

    @property
    def grants(self) -> frozenset[Grant]:
        """Everything the person's roles grant."""


class Registry:
    """All permissions there are, in the order in which features registered them."""

    def __init__(self) -> None:
        self._permissions: dict[str, Permission] = {}

    def register(self, *permissions: Permission) -> None:
        """Add permissions; a name registered twice with another meaning raises ValueError."""
        for item in permissions:
            known = self._permissions.setdefault(item.name, item)
            if known.extents != item.extents:
                raise ValueError(f"The permission {item.name} is registered twice.")

    def __iter__(self) -> Iterator[Permission]:
        return iter(self._permissions.values())

    def __contains__(self, name: object) -> bool:
        return name in self._permissions

    def get(self, name: str) -> Permission:
        """Return the permission called `name`; KeyError if there is none."""
        return self._permissions[name]

    def names(self) -> tuple[str, ...]:
        """Return every name, in order."""
        return tuple(self._permissions)

    def every_grant(self) -> frozenset[Grant]:
        """Return a grant of everything, in full extent."""
        return frozenset(Grant(item.name, ALL) for item in self._permissions.values())


registry = Registry()


@dataclass(frozen=True)
class SystemUser:
    """The system itself as an actor: jobs and the command line act as it, under the same rules."""

    id: int | None = None
    is_active: bool = True
    name: str = "System"
    roles: tuple[object, ...] = field(default=())

    @property
    def grants(self) -> frozenset[Grant]:
        """The system may do whatever can be granted."""
        return registry.every_grant()


_SYSTEM = SystemUser()


def system_user() -> SystemUser:
    """Return the system as an actor."""
    return _SYSTEM


Places = Iterable[str] | Callable[[], Iterable[str]]


def place(sort: str, thing_id: int) -> str:
    """Return the extent that names one place: `place(CATEGORY, 7)` is `category:7`."""
    return f"{sort}:{thing_id}"


def may(actor: Actor | None, permission: str, *, owner_ids: Iterable[int | None] = (), places: Places = ()) -> bool:
    """Tell whether `actor` holds `permission`: in full, in their own extent on a thing of `owner_ids`, or in a place.

    `places` are the extents that the thing lies in (`category:7` and those above it), or a function that finds them,
    called only for whoever holds the permission in some place. Nobody (None) and inactive accounts hold nothing; an
    unknown permission raises KeyError.
    """
    held = extents_of(actor, permission)
    if actor is None or not held:
        return False
    if ALL in held:
        return True
    if OWN in held and actor.id is not None and actor.id in tuple(owner_ids):
        return True
    somewhere = held - {OWN}
    return bool(somewhere) and not somewhere.isdisjoint(places() if callable(places) else places)


def may_some(actor: Actor | None, permission: str) -> bool:
    """Tell whether `actor` holds `permission` in any extent (a page that lists own things, say, may open)."""
    return bool(extents_of(actor, permission))


def extents_of(actor: Actor | None, permission: str) -> frozenset[str]:
    """Return the extents in which `actor` holds `permission`: `all`, `own`, places.

    Extents of a sort that the permission is not granted in count for nothing. An unknown permission raises KeyError.
    """
    known = registry.get(permission)
    if actor is None or not actor.is_active:
        return frozenset()
    held = {grant.extent for grant in actor.grants if grant.permission == known.name}
    return frozenset(extent for extent in held if extent.partition(":")[0] in known.extents)


def require(allowed: bool, sentence: Text | None = None) -> None:
    """Raise Forbidden with `sentence` unless `allowed`."""
    if not allowed:
        raise Forbidden(sentence)


# -- the stamp on routes ---------------------------------------------------------------------------------

PUBLIC = "public"
SIGNED_IN = "signed-in"
View = TypeVar("View", bound=Callable[..., object])
_endpoints: dict[str, str] = {}


def public_route(view: View) -> View:
    """Declare that anybody may call this route (what it shows is decided by policies)."""
    view.__cms_permission__ = PUBLIC  # type: ignore[attr-defined]  # the stamp is read by route_permission
    return view


def signed_in(view: View) -> View:
    """Declare that any signed-in person may call this route."""
    view.__cms_permission__ = SIGNED_IN  # type: ignore[attr-defined]  # the stamp is read by route_permission
    return view


def permission(name: str) -> Callable[[View], View]:
    """Declare that a route needs the permission `name`, in some extent; policies decide on the single thing."""

    def stamp(view: View) -> View:
        view.__cms_permission__ = name  # type: ignore[attr-defined]  # the stamp is read by route_permission
        return view

    return stamp


def declare_endpoint(endpoint: str, name: str) -> None:
    """Declare the permission of a route that a library brings along, by its endpoint."""
    _endpoints[endpoint] = name


def route_permission(endpoint: str, view: Callable[..., object], method: str = "GET") -> str | None:
    """Return what a route declares for an HTTP method, or None if it declares nothing (such a route stays closed).

    What a class of methods answers to OPTIONS tells its methods alone, and is open to anybody.
    """
    if endpoint in _endpoints:
        return _endpoints[endpoint]
    stamped = stamp_of(view, method, "__cms_permission__")
    if stamped is None and method == "OPTIONS" and hasattr(view, "view_class"):
        return PUBLIC
    return stamped if isinstance(stamped, str) else None
