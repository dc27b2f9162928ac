"""What moving an entry or a category does to rights: nobody takes things away from others, or gives themselves rights.

Moving is every change of what rights are asked of: categories, the page above, authors. A person must be able to go
on with what they move where it comes to lie, and may not be able to do more with it there than before.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy import not_, select

from cms.content.fields import EntryFields
from cms.content.models import Entry, Term
from cms.content.places import pages_below, place_ids, places_of, places_of_fields, places_of_term
from cms.content.reach import reach
from cms.core.db import current_session
from cms.core.errors import Invalid
from cms.core.i18n import LazyString, _
from cms.core.permissions import ALL, CATEGORY, OWN, SECTION, Actor, extents_of, may, place

#: Rights that nobody gives themselves by moving something.
_VERBS = ("edit", "publish", "delete")
_OUT: dict[str, LazyString] = {
    "categories": _("You could not edit this there any more. Keep at least one of the categories that are yours."),
    "parent_id": _("You could not edit this there any more. Choose a page within your section."),
    "authors": _("You could not edit this any more. Stay among the authors, or ask an editor."),
}
_MORE: dict[str, LazyString] = {
    "categories": _("This would give you rights that you do not have here. Ask somebody who may publish it."),
    "parent_id": _("This would give you rights that you do not have here. Ask somebody who may publish it."),
    "authors": _("You would give yourself rights that you do not have. Ask an editor to name you."),
}
_NOT_PUBLISHED: LazyString = _("You may not publish there. Ask somebody who may.")
_NOT_BEGUN: dict[str, LazyString] = {
    "categories": _("Choose one of the categories that you may write in."),
    "parent_id": _("Choose a page that you may put pages below."),
}


@dataclass(frozen=True)
class _Spot:
    """What rights are asked of: authors, and places that are looked up for whoever needs it."""

    owner_ids: Collection[int | None]
    find: Callable[[], Collection[str]] = field(repr=False)

    @cached_property
    def places(self) -> Collection[str]:
        return self.find()

    def allows(self, user: Actor, permission: str) -> bool:
        return may(user, permission, owner_ids=self.owner_ids, places=lambda: self.places)


def begin_fields(kind: str, *, by: Actor) -> EntryFields:
    """Return the fields that a new entry of `kind` begins with: it lies in the first place where `by` may begin one."""
    held = extents_of(by, f"content:{kind}:create")
    if ALL in held:
        return EntryFields()
    session = current_session()
    if kind == "page":
        there = Entry.id.in_(place_ids(held, SECTION)) & Entry.binned_at.is_(None)
        return EntryFields(parent_id=session.scalar(select(Entry.id).where(there).order_by(Entry.address).limit(1)))
    there = Term.id.in_(place_ids(held, CATEGORY)) & (Term.kind == CATEGORY)
    return EntryFields(term_ids=tuple(session.scalars(select(Term.id).where(there).order_by(Term.path).limit(1))))


def places_bound(user: Actor, kind: str) -> frozenset[str]:
    """Return the places that a person's entries of `kind` must lie in; empty for whoever is bound to none."""
    held = extents_of(user, f"content:{kind}:edit") | extents_of(user, f"content:{kind}:create")
    return held if held.isdisjoint((ALL, OWN)) else frozenset()


def list_homes(kind: str, *, by: Actor) -> Sequence[str]:
    """Return what the places are called where `by` may begin entries; nothing for whoever may begin them anywhere."""
    held = extents_of(by, f"content:{kind}:create")
    if not held or ALL in held:
        return ()
    session = current_session()
    if kind == "page":
        there = Entry.id.in_(place_ids(held, SECTION)) & Entry.binned_at.is_(None)
        rows = session.execute(select(Entry.title, Entry.address).where(there).order_by(Entry.address))
        return [row.title or str(row.address) for row in rows]
    named = select(Term.name).where(Term.id.in_(place_ids(held, CATEGORY)), Term.kind == CATEGORY)
    return session.scalars(named.order_by(Term.path)).all()


def check_begin(kind: str, fields: EntryFields, *, by: Actor) -> None:
    """Raise Invalid unless `by` may begin an entry of `kind` where these fields put it."""
    if may(by, f"content:{kind}:create", places=lambda: places_of_fields(kind, fields)):
        return
    name = _place_field(kind)
    raise Invalid(fields={name: _NOT_BEGUN[name]})


def check_move(
    entry: Entry, fields: EntryFields, *, by: Actor, since: EntryFields | None = None, publishes: bool = False
) -> None:
    """Raise Invalid, naming the field, when bringing `fields` into the row of `entry` moves it as `by` may not.

    Where it lies already in `since`, its newest save, somebody else has moved it; whoever publishes that moves it too.
    """
    moved = _moved(entry, fields)
    if not moved or (since is not None and _lies_alike(since, fields)) or _is_above_all(by, entry.kind):
        return
    here = _Spot(entry.owner_ids, lambda: places_of(entry))
    there = _Spot(fields.author_ids, lambda: places_of_fields(entry.kind, fields, entry.id))
    name = moved[0]
    if not _keeps(entry.kind, here, there, by):
        raise Invalid(fields={name: _OUT[name]})
    if publishes and not there.allows(by, f"content:{entry.kind}:publish"):
        raise Invalid(fields={name: _NOT_PUBLISHED})
    for verb in _VERBS:
        permission = f"content:{entry.kind}:{verb}"
        if there.allows(by, permission) and not here.allows(by, permission):
            raise Invalid(fields={name: _MORE[name]})
    if entry.kind == "page" and "parent_id" in moved:
        _check_below(entry, here, there, by)


def check_term_move(term: Term, parent: Term | None, *, by: Actor) -> None:
    """Raise Invalid when putting a category below `parent` would give `by` rights on what stands in it."""
    if term.parent_id == (parent.id if parent is not None else None) or _is_above_all(by, "post"):
        return
    here = _Spot((), lambda: places_of_term(term))
    there = _Spot((), lambda: places_of_term(parent) | {place(CATEGORY, term.id)})
    for verb in _VERBS:
        permission = f"content:post:{verb}"
        if there.allows(by, permission) and not here.allows(by, permission):
            raise Invalid(fields={"parent_id": _MORE["parent_id"]})


def _moved(entry: Entry, fields: EntryFields) -> Sequence[str]:
    """Return the fields of a form that put the entry elsewhere than its row has it, the place first."""
    moved = list[str]()
    if entry.kind == "page":
        moved += ["parent_id"] if fields.parent_id != entry.parent_id else []
    elif {term.id for term in entry.terms} != set(fields.term_ids):
        moved.append("categories")
    if set(fields.author_ids) != set(entry.owner_ids):
        moved.append("authors")
    return moved


def _lies_alike(one: EntryFields, other: EntryFields) -> bool:
    return (one.parent_id, set(one.term_ids), set(one.author_ids)) == (
        other.parent_id,
        set(other.term_ids),
        set(other.author_ids),
    )


def _is_above_all(user: Actor, kind: str) -> bool:
    """Tell whether no place and no author makes a difference to this person."""
    return all(ALL in extents_of(user, f"content:{kind}:{verb}") for verb in (*_VERBS, "create"))


def _keeps(kind: str, here: _Spot, there: _Spot, user: Actor) -> bool:
    """Tell whether a person can go on with what they move, and could have begun it there if here they could."""
    if not there.allows(user, f"content:{kind}:edit"):
        return False
    create = f"content:{kind}:create"
    return there.allows(user, create) or not here.allows(user, create)


def _check_below(page: Entry, here: _Spot, there: _Spot, user: Actor) -> None:
    """Raise Invalid when what lies below a page would come into the person's hands by the move, or leave them."""
    others = select(Entry.id).where(Entry.id.in_(pages_below([page.id])), Entry.id != page.id).limit(1)
    for verb in _VERBS:
        permission = f"content:page:{verb}"
        held = extents_of(user, permission)
        was, will = not held.isdisjoint(here.places), not held.isdisjoint(there.places)
        if ALL in held or was == will or (was and verb != "edit"):
            continue
        reached = reach(user, permission, without=here.places)
        if current_session().scalar(others.where(not_(reached))) is not None:
            raise Invalid(fields={"parent_id": (_MORE if will else _OUT)["parent_id"]})


def _place_field(kind: str) -> str:
    return "parent_id" if kind == "page" else "categories"
