"""Rights in places: conditions in SQL say what policies say, and single cases of what moving does to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select

from cms.content import policies
from cms.content.actions.archive_entry import archive_entry
from cms.content.actions.bin_entry import bin_entry
from cms.content.actions.create_entry import create_entry
from cms.content.actions.edit_entry import edit_entry
from cms.content.actions.edit_term import edit_term
from cms.content.actions.publish_entry import publish_entry
from cms.content.fields import EntryFields
from cms.content.lists import EntryFilter, get_entry, list_entries, list_page_tree
from cms.content.models import Category, Entry, EntryAuthor, Page, Term, entry_terms
from cms.content.places import places_of
from cms.content.reach import reach, seen_ids
from cms.content.saving import working_fields
from cms.core.db import current_session, transaction
from cms.core.errors import CmsError, NotFound
from cms.core.permissions import ALL, OWN, Actor, Grant, may, registry, system_user
from cms.lib.clock import utcnow
from tests.factories import make_page, make_post, make_term, user
from tests.people import ART, CON, ED

SLOW = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
VERBS = ("edit", "publish", "delete")
#: Numbers of categories, and of pages that are sections; entries of the trials have others.
CATEGORIES, SECTIONS = (1, 2, 3, 4), (11, 12, 13, 14)
STATES = ("draft", "in_review", "scheduled", "published", "archived")


@dataclass(frozen=True)
class Somebody:
    """An actor whose roles grant exactly these rights."""

    id: int
    grants: frozenset[Grant]
    is_active: bool = field(default=True)


def extents(kind: str) -> list[str]:
    places = [f"category:{key}" for key in CATEGORIES] if kind == "post" else [f"section:{key}" for key in SECTIONS]
    # What no permission of entries is granted in counts for nothing, nor does what names no place.
    return [ALL, OWN, *places, "category:99", "section:99", "section:01", "category:", "tag:1"]


def rights() -> st.SearchStrategy[frozenset[Grant]]:
    """Some rights on entries, mostly in places."""

    def some(name: str, kind: str) -> st.SearchStrategy[set[Grant]]:
        found = st.sets(st.sampled_from(extents(kind)), max_size=3)
        return found.map(lambda chosen: {Grant(name, extent) for extent in chosen})

    each = [some(f"content:{kind}:{verb}", kind) for kind in ("post", "page") for verb in (*VERBS, "create")]
    return st.tuples(*each).map(lambda sets: frozenset().union(*sets))


PARENTS = st.tuples(*[st.sampled_from([None, *range(number)]) for number in range(4)])
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["post", "page"]),
        st.sets(st.sampled_from(CATEGORIES)),
        st.sampled_from([None, *SECTIONS]),
        st.sets(st.integers(0, 2)),
        st.sampled_from(STATES),
        st.booleans(),
    ),
    max_size=8,
)


def fill(categories: Sequence[int | None], sections: Sequence[int | None], rows: Sequence[Any]) -> None:
    """Make these trees and entries the only ones there are."""
    people = [user(person).id for person in (CON, ART, ED)]
    with transaction() as session:
        session.execute(delete(Entry))
        session.execute(delete(Term))
        for number, above in zip(CATEGORIES, categories, strict=True):
            parent = CATEGORIES[above] if above is not None else None
            name = f"c{number}"
            session.execute(
                insert(Category).values(id=number, kind="category", name=name, slug=name, path=name, parent_id=parent)
            )
        made: list[dict[str, Any]] = [
            {"id": key, "kind": "page", "parent_id": SECTIONS[above] if above is not None else None, "state": "draft"}
            for key, above in zip(SECTIONS, sections, strict=True)
        ]
        for key, (kind, _terms, parent, _authors, state, binned) in enumerate(rows, 100):
            row = {"id": key, "kind": kind, "parent_id": parent if kind == "page" else None, "state": state}
            made.append(row | ({"binned_at": utcnow()} if binned else {}))
        for row in made:
            more = {"title": str(row["id"]), "slug": str(row["id"]), "body": {}, "meta": {}}
            session.execute(insert(Entry).values(address=f"/{row['id']}/", **more, **row))
        for key, (kind, terms, _parent, authors, _state, _binned) in enumerate(rows, 100):
            for term_id in terms if kind == "post" else ():
                session.execute(insert(entry_terms).values(entry_id=key, term_id=term_id))
            for author in authors:
                session.execute(insert(EntryAuthor).values(entry_id=key, user_id=people[author], position=0))


def walk(somebody: Somebody, kind: str, view: str) -> list[int]:
    found, cursor = list[int](), None
    while True:
        batch = list_entries(EntryFilter(kind, view), user=somebody, cursor=cursor, limit=3)
        found += [entry.id for entry in batch]
        cursor = batch.cursor_next
        if cursor is None:
            return found


@given(categories=PARENTS, sections=PARENTS, rows=ROWS, held=rights())
@SLOW
def test_lists_show_exactly_what_the_policy_allows(
    either: Flask, categories: Any, sections: Any, rows: Any, held: frozenset[Grant]
) -> None:
    fill(categories, sections, rows)
    somebody, session = Somebody(user(CON).id, held), current_session()
    entries = {entry.id: entry for entry in session.scalars(select(Entry))}
    seen = {key for key, entry in entries.items() if policies.may_see(somebody, entry)}
    event(f"{len(seen) * 4 // max(1, len(entries))} quarters seen")
    for kind in ("post", "page"):
        for view in ("", "bin"):
            listed = walk(somebody, kind, view)
            assert len(set(listed)) == len(listed)
            expected = {
                key for key in seen if entries[key].kind == kind and (entries[key].binned_at is not None) == bool(view)
            }
            assert set(listed) == expected, (kind, view)
        for verb in VERBS:
            permission = f"content:{kind}:{verb}"
            rows_held = session.scalars(select(Entry.id).where(Entry.kind == kind, reach(somebody, permission)))
            assert set(rows_held) == {
                entry.id
                for entry in entries.values()
                if entry.kind == kind and may(somebody, permission, owner_ids=entry.owner_ids, places=places_of(entry))
            }, permission
    assert seen_ids(somebody, entries) == seen
    assert {page.id for page in list_page_tree(somebody) if page.state == "draft"} <= seen
    for key, entry in entries.items():
        if key in seen:
            assert get_entry(entry.kind, key, user=somebody).id == key
        else:
            with pytest.raises(NotFound):
                get_entry(entry.kind, key, user=somebody)


# -- single cases, in words --------------------------------------------------------------------------------------

#: All that is not about places, so that nothing else stands in the way.
OTHERS = frozenset(
    Grant(name, ALL)
    for name in registry.names()
    if name.startswith("content:") and name.split(":")[1] not in ("post", "page", "term", "entry")
)


def somebody_with(*words: str, person: Any = CON) -> Somebody:
    """Return an actor with rights written `content:post:edit/category:7`."""
    grants = {Grant(word.partition("/")[0], word.partition("/")[2] or ALL) for word in words}
    return Somebody(user(person).id, frozenset(grants) | OTHERS)


def move(key: int, by: Actor, *, publish: bool = False, **changes: Any) -> None:
    """Save an entry with some fields changed, and publish it if asked."""
    with transaction() as session:
        entry = session.get_one(Entry, key)
        if changes:
            edit_entry(entry, working_fields(entry).changed(**changes), by=by)
        if publish:
            publish_entry(entry, by=by)


def test_a_category_counts_with_those_above_it(app: Flask) -> None:
    above = make_term("category", "Food")
    below = make_term("category", "Bread", parent=above)
    other = make_term("category", "News")
    inside, outside = make_post("Loaf", terms=(below,)), make_post("Vote", terms=(other,))
    cook = somebody_with(f"content:post:edit/category:{above.id}")
    assert policies.may_see(cook, inside)
    assert not policies.may_see(cook, outside)
    baker = somebody_with(f"content:post:edit/category:{other.id}", f"content:post:publish/category:{above.id}")
    assert not policies.may_see(baker, inside)
    assert policies.may_publish(baker, inside)


def test_a_section_holds_everything_below_its_page_also_from_the_bin(app: Flask) -> None:
    top = make_page("Handbook")
    middle = make_page("Rules", parent_id=top.id)
    low = make_page("Rule one", parent_id=middle.id)
    keeper = somebody_with(f"content:page:edit/section:{top.id}")
    assert all(policies.may_see(keeper, current_session().get_one(Page, page.id)) for page in (top, middle, low))
    with transaction() as session:
        bin_entry(session.get_one(Page, middle.id), by=system_user())
    assert policies.may_see(keeper, current_session().get_one(Page, low.id))
    assert low.id in {entry.id for entry in list_entries(EntryFilter("page"), user=keeper)}
    assert not policies.may_see(keeper, make_page("About"))


def test_who_may_begin_posts_in_a_category_alone_begins_none_elsewhere(app: Flask) -> None:
    food, news = make_term("category", "Food"), make_term("category", "News")
    cook = somebody_with(f"content:post:create/category:{food.id}", "content:post:edit/own")
    with transaction():
        made = create_entry("post", EntryFields(title="Soup", term_ids=(food.id,)), by=cook).id
    for terms in ((), (news.id,)):
        with pytest.raises(CmsError, match="categories that you may write in"), transaction():
            create_entry("post", EntryFields(title="Vote", term_ids=terms), by=cook)
        # Nor is it begun inside and carried out.
        with pytest.raises(CmsError, match="could not edit this there"):
            move(made, cook, term_ids=terms)


def test_nothing_is_begun_with_fields_that_one_may_not_change(app: Flask) -> None:
    food, section = make_term("category", "Food"), make_page("Handbook")
    words = [f"content:{kind}:{verb}" for kind in ("post", "page") for verb in ("create", "edit")]
    writer = Somebody(user(CON).id, frozenset(Grant(word) for word in words))
    for kind, fields, sentence in (
        ("post", EntryFields(title="Soup", term_ids=(food.id,)), "may not choose categories"),
        ("page", EntryFields(title="Rule", parent_id=section.id), "may not move pages"),
    ):
        with pytest.raises(CmsError, match=sentence), transaction():
            create_entry(kind, fields, by=writer)


def test_a_draft_that_waits_is_not_a_way_out_or_in(app: Flask) -> None:
    """What readers see decides; the terms of a newer draft count when it is published, and by whom."""
    food, news = make_term("category", "Food"), make_term("category", "News")
    post = make_post("Loaf", terms=(food,))
    move(post.id, system_user(), term_ids=(news.id,))
    verbs = ("edit", "publish")
    cook = somebody_with(*[f"content:post:{verb}/category:{food.id}" for verb in verbs])
    reporter = somebody_with(*[f"content:post:{verb}/category:{news.id}" for verb in verbs])
    assert policies.may_publish(cook, post)
    assert not policies.may_see(reporter, post)
    with pytest.raises(CmsError, match="could not edit this there"):
        move(post.id, cook, publish=True)
    # The text may be worked on meanwhile: it was somebody else who moved it.
    move(post.id, cook, title="A loaf")
    move(post.id, cook, publish=True, term_ids=(food.id,))
    assert current_session().get_one(Entry, post.id).title == "A loaf"


def test_a_draft_that_waits_comes_out_of_an_archive_as_who_edits_it_may_move_it(app: Flask) -> None:
    """What is not live is written into the row at once: a save moves it there, though somebody else chose the place."""
    food, news = make_term("category", "Food"), make_term("category", "News")
    post = current_session().get_one(Entry, make_with_draft(food.id, news.id))
    with transaction() as session:
        archive_entry(session.get_one(Entry, post.id), by=system_user())
    gains = somebody_with("content:post:edit", f"content:post:publish/category:{news.id}")
    loses = somebody_with(f"content:post:edit/category:{food.id}")
    for person, words in ((gains, "rights that you do not have"), (loses, "could not edit this there")):
        with pytest.raises(CmsError, match=words):
            move(post.id, person, title="A loaf")
    move(post.id, loses, title="A loaf", term_ids=(food.id,))
    assert not policies.may_publish(gains, current_session().get_one(Entry, post.id))


def test_nobody_takes_what_lies_below_a_page_along(app: Flask) -> None:
    mine, theirs = make_page("Mine", author=CON), make_page("Section")
    make_page("Not mine", parent_id=mine.id, state="draft")
    keeper = somebody_with(
        "content:page:edit/own", "content:page:publish/own", f"content:page:edit/section:{theirs.id}"
    )
    with pytest.raises(CmsError, match="rights that you do not have"):
        move(mine.id, keeper, publish=True, parent_id=theirs.id)


def test_moving_a_category_gives_nobody_its_posts(app: Flask) -> None:
    food, news = make_term("category", "Food"), make_term("category", "News")
    post = make_post("Vote", terms=(news,))
    cook = somebody_with("content:term:edit", f"content:post:edit/category:{food.id}")
    with pytest.raises(CmsError, match="rights that you do not have"), transaction() as session:
        edit_term(session.get_one(Term, news.id), name="News", parent=session.get_one(Term, food.id), by=cook)
    assert not policies.may_see(cook, post)


def test_where_things_lie_is_asked_once_for_a_whole_list(app: Flask, count_queries: Callable[[], Any]) -> None:
    food = make_term("category", "Food")
    for number in range(12):
        make_post(f"Soup {number}", terms=(make_term("category", f"Pot {number}", parent=food),))
    cook = somebody_with(f"content:post:edit/category:{food.id}", f"content:post:publish/category:{food.id}")
    plain = somebody_with("content:post:edit", "content:post:publish/own")
    for person, more in ((cook, 1), (plain, 0)):
        current_session().rollback()
        current_session().expunge_all()
        with count_queries() as listed:
            rows = list(list_entries(EntryFilter(), user=person))
        with count_queries() as asked:
            assert len([row for row in rows if policies.may_edit(person, row)]) == (12 if more else 0)
            assert [policies.may_publish(person, row) for row in rows] == [bool(more)] * 12
        assert (len(listed) + len(asked), len(asked)) == (3, more)


def test_nobody_carries_things_to_where_they_may_do_more(app: Flask) -> None:
    food, news = make_term("category", "Food"), make_term("category", "News")
    theirs = make_post("Vote", state="draft", terms=(news,), author=ED)
    cook = somebody_with("content:post:edit", f"content:post:publish/category:{food.id}")
    with pytest.raises(CmsError, match="rights that you do not have"):
        move(theirs.id, cook, term_ids=(news.id, food.id))
    assert not policies.may_publish(cook, current_session().get_one(Entry, theirs.id))
    editor = somebody_with("content:post:edit", "content:post:publish")
    move(theirs.id, editor, term_ids=(food.id,))
    assert policies.may_publish(cook, current_session().get_one(Entry, theirs.id))
    # Nor are they carried out of where one may publish, to be published there.
    with pytest.raises(CmsError, match="You may not publish there"):
        move(make_with_draft(food.id, news.id), cook, publish=True)


def make_with_draft(here: int, there: int) -> int:
    """Return a published post in one category, of which a draft waits in another."""
    post = make_post("Loaf", terms=(current_session().get_one(Term, here),))
    move(post.id, system_user(), term_ids=(there,))
    return post.id
