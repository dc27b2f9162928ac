"""Moving gives nobody rights and takes nothing away: laws that hold whatever is done in whatever order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import and_, delete, insert, select, text

from cms.content.actions.archive_entry import archive_entry
from cms.content.actions.bin_entry import bin_entry
from cms.content.actions.create_entry import create_entry
from cms.content.actions.delete_term import delete_term
from cms.content.actions.edit_entry import edit_entry
from cms.content.actions.edit_term import edit_term
from cms.content.actions.erase_entry import erase_entry
from cms.content.actions.publish_entry import publish_entry
from cms.content.actions.restore_entry import restore_entry
from cms.content.actions.restore_term import restore_term
from cms.content.actions.revert_entry import revert_entry
from cms.content.actions.schedule_entry import schedule_entry
from cms.content.actions.unpublish_entry import unpublish_entry
from cms.content.fields import EntryFields
from cms.content.models import Category, Entry, EntryAuthor, Revision, Term, entry_terms
from cms.content.saving import working_fields
from cms.content.terms import term_facts
from cms.core.db import current_session, transaction
from cms.core.errors import CmsError, NotFound
from cms.core.permissions import ALL, OWN, Grant, registry
from cms.lib.clock import utcnow
from tests.factories import user
from tests.people import ART, CON

#: To explain a failure takes a minute and more.
PHASES = (Phase.generate, Phase.shrink)
CATEGORIES, PAGES, POSTS = (1, 2, 3), (11, 12, 13), (101, 102)
VERBS = frozenset({"edit", "publish", "delete"})
LIVE = ("published", "scheduled")
MOVING = ("edit", "retitle", "publish", "schedule", "unpublish", "revert")
#: What whoever does it must have been allowed to do with the entry as it stood.
NEEDED = {"edit": "edit", "retitle": "edit", "bin": "delete", "restore": "delete", "erase": "delete"}
#: The rights to fields by which entries move; all else that is not about places everybody here holds.
FIELDS = ("content:terms:assign", "content:tree:edit", "content:entry:assign", "content:term:edit")
OTHERS = frozenset(
    Grant(name)
    for name in registry.names()
    if name.startswith("content:") and name not in FIELDS and name.split(":")[1] not in ("post", "page")
)


@dataclass(frozen=True)
class Somebody:
    """An actor whose roles grant exactly these rights."""

    id: int
    grants: frozenset[Grant]
    is_active: bool = True

    def extents(self, permission: str) -> frozenset[str]:
        return frozenset(grant.extent for grant in self.grants if grant.permission == permission)


@dataclass(frozen=True)
class Lie:
    """Where an entry lies: what its row or its newest save names."""

    terms: frozenset[int]
    parent: int | None
    owners: frozenset[int]


@dataclass(frozen=True)
class Standing:
    """One entry: what readers see of it, what waits, and what somebody may do with either."""

    kind: str
    facts: tuple[object, ...]
    is_live: bool
    row: Lie
    save: Lie
    may: frozenset[str]
    may_save: frozenset[str]


@dataclass(frozen=True)
class Act:
    """Something tried: with which entry or category, and where it is to lie."""

    way: str
    target: int
    terms: frozenset[int] = frozenset()
    above: int | None = None
    owners: frozenset[int] = frozenset()


# -- what is drawn -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class World:
    """A small site: the trees, the entries, what somebody may do there, and what they try."""

    above: Mapping[int, int | None]
    entries: Mapping[int, tuple[Lie, Lie | None, str]]
    grants: frozenset[Grant]
    acts: tuple[Act, ...]


#: For each verb, or permission, the extents of which one is drawn.
Ways = dict[str, list[tuple[str, ...]]]


def near(kind: str) -> st.SearchStrategy[frozenset[Grant]]:
    """Rights that end somewhere: to edit in one place, say, and to publish in the other."""
    one, two = ("category:1", "category:2") if kind == "post" else ("section:11", "section:12")
    mixed: Ways = {
        "edit": [(ALL,), (OWN, one), (OWN, two), (one,), (one, two), (OWN,)],
        "publish": [(one,), (two,), (OWN, one), (one, two), (OWN,), (ALL,), ()],
        "delete": [(one,), (OWN, two), ()],
        "create": [(ALL,), (one,), (two,), ()],
    }
    # Who writes of their own and keeps a place, who corrects everything and publishes in one, who has one and no more.
    keeper: Ways = {
        "edit": [(OWN, one), (OWN, one), (OWN, two)],
        "publish": [(), (OWN,), (ALL,)],
        "create": [(ALL,), (one,)],
    }
    corrector: Ways = {"edit": [(ALL,)], "publish": [(one,), (two,)], "create": [(ALL,)]}
    bound: Ways = {"edit": [(one,), (two,)], "publish": [(one,), (one, two)], "create": [(ALL,), (one,), ()]}
    each = (mixed, keeper, corrector, bound, *([keeper] * 3 if kind == "page" else []))
    return st.one_of([grants({f"content:{kind}:{verb}": found for verb, found in ways.items()}) for ways in each])


def field_rights(what: str) -> st.SearchStrategy[frozenset[Grant]]:
    """Rights to the fields by which entries move, most of the time in full."""
    ways: Ways = {name: [(ALL,), (ALL,), (OWN,), ()] for name in FIELDS[:2]}
    ways |= {name: [(ALL,), ()] for name in FIELDS[2:]}
    return grants(ways | ({"content:term:edit": [(ALL,)]} if what == "categories" else {}))


def grants(ways: Ways) -> st.SearchStrategy[frozenset[Grant]]:
    """Draw the extents of each permission."""
    drawn = st.tuples(*[st.sampled_from(found) for found in ways.values()])
    return drawn.map(
        lambda each: frozenset(Grant(name, extent) for name, held in zip(ways, each, strict=True) for extent in held)
    )


OWNERS = st.sampled_from([frozenset({0}), frozenset({1}), frozenset({0, 1})])
MINE, THEIRS = st.sampled_from([frozenset({0}), frozenset({0, 1})]), st.just(frozenset({1}))
NAMED = st.sampled_from([frozenset[int](), frozenset[int](), frozenset({0}), frozenset({1}), frozenset({0, 1})])
SOME = st.sampled_from([frozenset(found) for found in ((), (1,), (2,), (3,), (1, 2), (2, 3))])
STATES = st.sampled_from(["draft", "published", "published", "archived"])
MOSTLY_DRAFTS = st.sampled_from(["draft", "draft", "published", "archived"])
OFTEN = ("edit", "edit", "edit", "edit", "retitle", "retitle", "retitle", "publish", "publish", "publish")
EACH = ("revert", "revert", "unpublish", "schedule", "archive", "bin", "restore", "erase", "create")
OUTSIDE = st.sampled_from([frozenset({2}), frozenset({3}), frozenset({3}), frozenset({2, 3})])


def post(terms: st.SearchStrategy[frozenset[int]]) -> st.SearchStrategy[Lie]:
    return st.builds(Lie, terms, st.none(), OWNERS)


def page(above: tuple[int, ...], owners: st.SearchStrategy[frozenset[int]]) -> st.SearchStrategy[Lie]:
    return st.builds(Lie, st.just(frozenset[int]()), st.sampled_from([None, *above, *above[1:], *above[1:]]), owners)


def acts(ways: tuple[str, ...], targets: tuple[int, ...]) -> st.SearchStrategy[Act]:
    """Draw acts on posts (with categories), or else on pages or categories (with what they are to lie below)."""
    has_terms = targets == POSTS
    terms = SOME if has_terms else st.just(frozenset[int]())
    above = st.none() if has_terms else st.sampled_from([None, *targets])
    return st.builds(Act, st.sampled_from(ways), st.sampled_from(targets), terms, above, NAMED)


#: Of categories, below one another, away, and back again.
MOVES = st.one_of(
    st.builds(Act, st.just("move"), st.sampled_from((3, 2, 1)), above=st.sampled_from((1, 2, 3, None))),
    st.builds(Act, st.just("move"), st.sampled_from((3, 2)), above=st.just(1)),
    st.builds(Act, st.sampled_from(("drop", "undo")), st.sampled_from((2, 3, 1))),
)
PAGE_MOVES = st.builds(
    Act, st.sampled_from(("edit", "edit", "edit", "publish")), st.sampled_from((12, 12, 13)),
    above=st.sampled_from((11, 11, None, None, 12)),
)  # fmt: skip


@st.composite
def worlds(draw: st.DrawFn, what: str) -> World:
    """Draw posts in a few categories, or a few pages below one another, or categories that are moved."""
    above: dict[int, int | None] = {1: None, 2: draw(st.sampled_from([None, None, 1]))}
    above[3] = draw(st.sampled_from([None, 1, 2]))
    entries = dict[int, tuple[Lie, Lie | None, str]]()
    act = acts((*OFTEN, *EACH), PAGES if what == "pages" else POSTS)
    if what == "pages":
        # The second is one's own, mostly, and the third somebody else's below it.
        for number, (key, owners) in enumerate(zip(PAGES, (OWNERS, MINE, THEIRS), strict=True)):
            lie = page(PAGES[:number], owners)
            entries[key] = (draw(lie), draw(st.one_of(st.none(), st.none(), lie)), draw(MOSTLY_DRAFTS))
        act = st.one_of(PAGE_MOVES, PAGE_MOVES, PAGE_MOVES, act)
    elif what == "posts":
        for key in POSTS:
            entries[key] = (draw(post(SOME)), draw(st.one_of(st.none(), post(SOME), post(SOME))), draw(STATES))
    else:
        # Not in the first, where most rights are, so that it matters what is moved there.
        for key in POSTS:
            entries[key] = (draw(post(OUTSIDE)), None, draw(STATES))
        act = st.one_of(MOVES, MOVES, MOVES, acts(OFTEN, POSTS))
    grants = draw(near("page" if what == "pages" else "post")) | draw(field_rights(what))
    return World(above, entries, grants, tuple(draw(st.lists(act, min_size=2, max_size=4))))


# -- a site in which it is done ----------------------------------------------------------------------------------


class Site:
    """The only entries and categories there are, and somebody who does something."""

    def __init__(self, world: World) -> None:
        self.people = [user(person).id for person in (CON, ART)]
        self.somebody = Somebody(self.people[0], world.grants | OTHERS)
        self.dropped = dict[int, dict[str, Any]]()
        current_session().rollback()
        current_session().expunge_all()
        current_session().execute(text("PRAGMA synchronous=OFF"))
        with transaction() as session:
            for model in (Entry, Term):
                session.execute(delete(model))
            named = {"kind": "category", "description": ""}
            terms = [{"id": key, "name": f"c{key}", "slug": f"c{key}", "path": f"c{key}", "parent_id": above, **named}
                     for key, above in world.above.items()]  # fmt: skip
            session.execute(insert(Term.__table__), terms)  # type: ignore[arg-type]  # the table of a model
            for key, (row, waits, state) in world.entries.items():
                self._put(key, row, waits if state != "draft" else None, state)

    def _put(self, key: int, row: Lie, waits: Lie | None, state: str) -> None:
        session, now = current_session(), utcnow()
        saves = [self._fields(key, lie).snapshot() for lie in (row, waits) if lie is not None]
        out = {"published_at": now, "revised_at": now, "live_revision_number": 1} if state != "draft" else {}
        table: Any = Entry.__table__
        values = {"id": key, "kind": "page" if key < POSTS[0] else "post", "title": str(key), "slug": str(key)}
        where = {"address": f"/{key}/", "state": state, "parent_id": row.parent, "body": {}, "meta": {}, **out}
        session.execute(insert(table).values(**values, **where, working_revision_number=len(saves)))
        authors = [{"entry_id": key, "user_id": self.people[number], "position": number} for number in row.owners]
        session.execute(insert(EntryAuthor), authors)
        if row.terms:
            session.execute(insert(entry_terms), [{"entry_id": key, "term_id": term} for term in row.terms])
        made = [{"entry_id": key, "number": number, "snapshot": save} for number, save in enumerate(saves, 1)]
        session.execute(insert(Revision), made)

    def _fields(self, key: int, lie: Lie) -> EntryFields:
        owners = tuple(self.people[number] for number in sorted(lie.owners))
        return EntryFields(str(key), str(key), author_ids=owners, term_ids=tuple(lie.terms), parent_id=lie.parent)

    def look(self) -> dict[int, Standing]:
        """Return every entry as it is now, and what is held of it; nothing here asks what is tried."""
        session = current_session()
        session.rollback()
        parents = (select(model.id, model.parent_id) for model in (Term, Entry))
        trees = [dict(session.execute(each).all()) for each in parents]
        links: dict[str, dict[int, set[int]]] = {"terms": defaultdict(set), "owners": defaultdict(set)}
        for key, term in session.execute(select(entry_terms)):
            links["terms"][key].add(term)
        for key, owner in session.execute(select(EntryAuthor.entry_id, EntryAuthor.user_id)):
            links["owners"][key].add(owner)
        newest = and_(Revision.entry_id == Entry.id, Revision.number == Entry.working_revision_number)
        rows = select(
            Entry.id, Entry.kind, Entry.title, Entry.state, Entry.binned_at, Entry.parent_id,
            Entry.working_revision_number, Revision.snapshot,
        ).join(Revision, newest)  # fmt: skip
        found = {}
        for key, kind, title, state, binned, parent, number, saved in session.execute(rows):
            lie = Lie(frozenset(links["terms"][key]), parent, frozenset(links["owners"][key]))
            above = saved["parent_id"] if saved["parent_id"] in trees[1] else None
            save = Lie(frozenset(saved["term_ids"]) & trees[0].keys(), above, frozenset(saved["author_ids"]))
            found[key] = Standing(
                kind, (title, state, binned, number), binned is None and state in LIVE, lie, save,
                self.verbs(kind, lie, trees, key), self.verbs(kind, save, trees, key),
            )  # fmt: skip
        session.rollback()
        return found

    def verbs(self, kind: str, lie: Lie, trees: list[dict[int, int | None]], key: int) -> frozenset[str]:
        """Return what somebody may do with what lies there, said anew in plain words."""
        sort, begin = ("section", [key, lie.parent]) if kind == "page" else ("category", list(lie.terms))
        places = set[str]()
        for start in begin:
            while start is not None and f"{sort}:{start}" not in places:
                places.add(f"{sort}:{start}")
                start = trees[kind == "page"].get(start)
        found = set[str]()
        for verb in (*VERBS, "create"):
            held = self.somebody.extents(f"content:{kind}:{verb}")
            if ALL in held or held & places or (OWN in held and self.somebody.id in lie.owners):
                found.add(verb)
        return frozenset(found)

    def holds(self, permission: str, owners: frozenset[int]) -> bool:
        """Tell whether somebody holds a right to fields."""
        held = self.somebody.extents(permission)
        return ALL in held or (OWN in held and self.somebody.id in owners)

    def do(self, act: Act) -> bool:
        """Try something; whether it was taken."""
        gone = f":{act.target}"
        try:
            with transaction():
                self._do(act)
        except (CmsError, NotFound):
            return False
        if act.way in ("drop", "erase"):
            # Rights in a place go with it (content/role_places.py).
            kept = frozenset(grant for grant in self.somebody.grants if not grant.extent.endswith(gone))
            self.somebody = replace(self.somebody, grants=kept)
        return True

    def _do(self, act: Act) -> None:
        session, by = current_session(), self.somebody
        above = session.get(Category, act.above) if act.above is not None else None
        if act.way == "create":
            kind = "page" if act.target < POSTS[0] else "post"
            create_entry(kind, EntryFields("new", term_ids=tuple(act.terms), parent_id=act.above), by=by)
        elif act.way == "undo":
            if not self.dropped:
                raise NotFound
            key, was = self.dropped.popitem()
            restore_term(key, "category", was, by=by)
        elif act.way in ("move", "drop"):
            term = session.get(Category, act.target)
            if term is None:
                raise NotFound
            if act.way == "move":
                edit_term(term, name=term.name, parent=above, by=by)
            else:
                self._drop(term)
        else:
            self._act_on(act)

    def _drop(self, term: Category) -> None:
        session = current_session()
        marked = session.scalars(select(entry_terms.c.entry_id).where(entry_terms.c.term_id == term.id)).all()
        children = session.scalars(select(Term.id).where(Term.parent_id == term.id)).all()
        was, key = term_facts(term) | {"entry_ids": marked, "child_ids": children}, term.id
        delete_term(term, by=self.somebody)
        self.dropped[key] = was

    def _act_on(self, act: Act) -> None:
        by, now = self.somebody, utcnow()
        entry = current_session().get(Entry, act.target)
        if entry is None:
            raise NotFound
        if act.way in ("edit", "retitle"):
            fields = working_fields(entry).changed(title="changed")
            if act.way == "edit":
                fields = fields.changed(term_ids=tuple(act.terms), parent_id=act.above)
            if act.way == "edit" and act.owners:
                fields = fields.changed(author_ids=tuple(self.people[number] for number in sorted(act.owners)))
            edit_entry(entry, fields, by=by)
        elif act.way == "revert":
            state = "published" if act.owners else "draft"
            first = {"revision": 1, "published_at": now.isoformat()} if act.owners else {"revision": None}
            revert_entry(entry, {"state": state, **first}, by=by)
        elif act.way == "schedule":
            schedule_entry(entry, at=now + timedelta(days=1), by=by)
        else:
            plain: dict[str, Callable[..., object]] = {
                "publish": publish_entry, "unpublish": unpublish_entry, "archive": archive_entry, "bin": bin_entry,
                "restore": restore_entry, "erase": erase_entry,
            }  # fmt: skip
            plain[act.way](entry, by=by)


# -- the laws ----------------------------------------------------------------------------------------------------


def check_everything(act: Act, before: Mapping[int, Standing], after: Mapping[int, Standing]) -> None:
    """No right on anything grows, nothing goes that was not erased, and an act changes one thing."""
    for key, was in before.items():
        now = after.get(key)
        if now is None:
            assert (act.way, act.target) == ("erase", key)
            continue
        assert now.may & VERBS <= was.may, ("rights grew", key)
        if key != act.target or act.way in ("move", "drop", "undo", "create"):
            assert now.facts == was.facts, ("something else changed", key)
            if act.way not in ("drop", "undo", "erase"):
                assert now.row == was.row, ("something else moved", key)


def check_target(act: Act, before: Mapping[int, Standing], after: Mapping[int, Standing]) -> None:
    """What was done with an entry was allowed where it lay, and whoever moved it can go on where it lies."""
    was, now = before[act.target], after.get(act.target)
    assert NEEDED.get(act.way, "publish") in was.may, "done without the right to"
    assert was.is_live <= ("publish" in was.may) or act.way in ("restore", "erase"), "done to what readers see"
    if now is None or act.way not in MOVING:
        return
    saves = act.way in ("edit", "retitle")
    lies, held = (now.save, now.may_save) if saves else (now.row, now.may)
    if lies == (was.save if saves else was.row) and now.row == was.row:
        return
    if lies != was.row:
        assert held & VERBS <= was.may, "rights would grow"
        assert "edit" in held, "out of one's own reach"
        assert "create" in held or "create" not in was.may, "put where one may begin nothing"
        assert "publish" in held or saves or not now.is_live, "published where one may not"
    if now.row.parent != was.row.parent:
        for key, other in before.items():
            assert ("edit" in other.may) <= ("edit" in after[key].may), ("taken out of reach with it", key)


def check_fields(site: Site, act: Act, before: Mapping[int, Standing], after: Mapping[int, Standing]) -> None:
    """Terms, the page above and authors are changed by whoever may change them."""
    if act.way in ("edit", "retitle"):
        was, now = before[act.target], after[act.target]
        assert now.save.terms == was.save.terms or site.holds("content:terms:assign", was.row.owners)
        assert now.save.parent == was.save.parent or site.holds("content:tree:edit", was.row.owners)
        assert now.save.owners in (was.save.owners, was.row.owners) or site.holds("content:entry:assign", frozenset())
    for key in after.keys() - before.keys():
        new, me = after[key], frozenset({site.somebody.id})
        assert "create" in new.may, "begun where one may not"
        bound = 0 if site.holds(f"content:{new.kind}:create", frozenset()) else 1
        assert new.row.owners == me
        assert len(new.row.terms) <= bound or site.holds("content:terms:assign", me)
        assert bound or new.row.parent is None or site.holds("content:tree:edit", me)


@pytest.mark.parametrize("what", ["posts", "pages", "categories"])
@given(data=st.data())
@settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck), phases=PHASES)
def test_nobody_gives_themselves_rights_or_takes_things_away(app: Flask, what: str, data: st.DataObject) -> None:
    """Whatever is done in whatever order, each act stands on rights that were there before it."""
    world = data.draw(worlds(what))
    site = Site(world)
    after = site.look()
    for act in world.acts:
        before = after
        done = site.do(act)
        after = site.look()
        event(f"{act.way}: {'done' if done else 'refused'}")
        if not done:
            assert after == before
            continue
        # The right to what was deleted is gone: it is no growth to have none, and none is counted as it was.
        check_everything(act, before, after)
        if act.way not in ("create", "move", "drop", "undo"):
            check_target(act, before, after)
        check_fields(site, act, before, after)
