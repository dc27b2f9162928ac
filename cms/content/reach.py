"""Rights as conditions in SQL: the rows of which the policies say yes."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from cms.content.models import Entry
from cms.content.places import lies_in
from cms.content.queries import has_author
from cms.core.db import current_session
from cms.core.permissions import ALL, OWN, Actor, extents_of

KINDS = ("post", "page")


def reach(user: Actor | None, permission: str, *, without: Collection[str] = ()) -> ColumnElement[bool]:
    """Return the condition that `user` holds `permission` on an entry; of which kind it is has to be asked besides.

    What they hold in the places `without` counts for nothing.
    """
    held = extents_of(user, permission).difference(without)
    if ALL in held:
        return true()
    ways = lies_in(held)
    if user is not None and user.id is not None and OWN in held:
        ways.append(has_author(user.id))
    return or_(*ways) if ways else false()


def is_bound(user: Actor, kind: str) -> bool:
    """Tell whether `user` holds some right on entries of `kind` in places."""
    return any(
        ":" in extent for verb in ("edit", "publish", "delete") for extent in extents_of(user, f"content:{kind}:{verb}")
    )


def seen_by(user: Actor | None) -> ColumnElement[bool]:
    """Return the condition that `user` sees an entry in the back office (`policies.may_see`)."""
    return or_(*[and_(Entry.kind == kind, reach(user, f"content:{kind}:edit")) for kind in KINDS])


def seen_ids(user: Actor | None, ids: Iterable[int]) -> frozenset[int]:
    """Return those of the entries with these ids that `user` sees in the back office. One query at most."""
    wanted = set(ids)
    if not wanted:
        return frozenset()
    return frozenset(current_session().scalars(select(Entry.id).where(Entry.id.in_(wanted), seen_by(user))))
