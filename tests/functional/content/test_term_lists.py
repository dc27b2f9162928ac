"""Lists of terms in parts: walking by cursor shows every row once, whatever they are sorted by."""

from __future__ import annotations

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert

from cms.content.models import Tag, Term
from cms.content.term_lists import SORTS, TermFilter, count_public_posts, count_terms, get_term, list_terms_in_parts
from cms.core.db import current_session, transaction
from cms.core.errors import Invalid, NotFound
from cms.core.pagination import encode_cursor
from tests.factories import make_post, make_term

NAMES = st.sampled_from(["", "a", "A", "ä", "Z", "海", "海" * 99, "海" * 100, "海" * 150, "%", "a b", "😀" * 120, "\\"])
ORDERS = st.sampled_from([way + name for name in SORTS for way in ("", "-")])


def fill(names: list[str]) -> list[int]:
    """Make tags of these names the only terms there are; return their ids."""
    values = [
        {"kind": "tag", "name": name, "slug": f"s{number}", "path": f"{name}{number}"}
        for number, name in enumerate(names)
    ]
    with transaction() as session:
        session.execute(delete(Term))
        return list(session.scalars(insert(Tag).returning(Tag.id), values)) if values else []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(NAMES, max_size=9), order=ORDERS, limit=st.integers(1, 4))
def test_a_walk_shows_each_term_once_there_and_back(either: Flask, names: list[str], order: str, limit: int) -> None:
    ids, wanted = fill(names), TermFilter("tag", sort=order)
    batch = list_terms_in_parts(wanted, limit=limit)
    there = [[term.id for term in batch]]
    while batch.cursor_next is not None:
        batch = list_terms_in_parts(wanted, limit=limit, cursor=batch.cursor_next)
        there.append([term.id for term in batch])
    assert sorted(key for part in there for key in part) == sorted(ids)
    numbered = [[term.id for term in list_terms_in_parts(wanted, offset=at, limit=limit)] for at in range(0, 10, limit)]
    assert [part for part in numbered if part] == [part for part in there if part]
    back = [there[-1]]
    while batch.cursor_previous is not None:
        batch = list_terms_in_parts(wanted, limit=limit, cursor=batch.cursor_previous)
        back.insert(0, [term.id for term in batch])
    assert [key for part in back for key in part] == [key for part in there for key in part]


def test_a_walk_stays_right_while_terms_are_made_and_deleted(either: Flask) -> None:
    ids = fill([f"n{number}" for number in range(4)])
    wanted = TermFilter("tag", sort="name")
    first = list_terms_in_parts(wanted, limit=2)
    make_term("tag", "a new one before")
    with transaction() as session:
        session.execute(delete(Term).where(Term.id == ids[1]))
    assert [term.id for term in list_terms_in_parts(wanted, limit=2, cursor=first.cursor_next)] == ids[2:]


@pytest.mark.parametrize(
    "cursor",
    [
        "nonsense", "", encode_cursor("after path", "a", 1), encode_cursor("after name", 3, 1),
        encode_cursor("after name", "a\0", 1), encode_cursor("after name", "a", 2**60),
        encode_cursor("after name", "a", "1"), encode_cursor("beside name", "a", 1), encode_cursor("after name", "a"),
    ],
)  # fmt: skip
def test_a_cursor_that_is_none_of_the_list_is_told_as_one(either: Flask, cursor: str) -> None:
    with pytest.raises(Invalid) as caught:
        list_terms_in_parts(TermFilter("tag", sort="name"), cursor=cursor)
    assert set(caught.value.fields) == {"cursor"}


def test_an_order_that_is_not_offered_is_told_as_one(app: Flask) -> None:
    with pytest.raises(Invalid) as caught:
        list_terms_in_parts(TermFilter("tag", sort="version"))
    assert set(caught.value.fields) == {"sort"}


def test_terms_are_found_by_words_and_by_what_they_lie_below(either: Flask) -> None:
    walks = make_term("category", "Walks")
    coast = make_term("category", "Ängeholm coast", parent=walks)
    make_term("tag", "Walks")

    def found(search: str = "", parent_id: int | None = None) -> list[int]:
        wanted = TermFilter("category", search=search, parent_id=parent_id)
        return [term.id for term in list_terms_in_parts(wanted)]

    assert found(search="walks/ COAST") == found(search="änge") == found(parent_id=walks.id) == [coast.id]
    assert count_terms(TermFilter("category")) == 2
    assert count_terms(TermFilter("category"), 1) == 1
    assert get_term("category", walks.id).name == "Walks"
    with pytest.raises(NotFound):
        get_term("tag", walks.id)


def test_posts_are_counted_as_everybody_finds_them(either: Flask) -> None:
    tag, other = make_term("tag", "Bread"), make_term("tag", "Soup")
    for state in ("published", "draft", "scheduled", "binned"):
        make_post(f"A {state} loaf", state=state, terms=(tag,))
    make_post("For members", visibility="members", terms=(tag, other))
    assert count_public_posts([tag.id, other.id]) == {tag.id: 1}
    assert current_session().get_one(Term, tag.id).version == 1
