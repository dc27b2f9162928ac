"""Lists of the back office: walking by cursor shows every row once, whatever it is sorted by."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert

from cms.content.lists import SORTS, EntryFilter, list_entries
from cms.content.models import Post
from cms.core.db import current_session, transaction
from cms.core.errors import NotFound
from cms.core.pagination import Batch, decode_cursor, encode_cursor
from tests.clients import PageClient
from tests.factories import make_page, make_post, user
from tests.people import ADA, Person

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
MOMENTS = st.sampled_from([NOW, NOW + timedelta(microseconds=1), NOW + timedelta(days=1)])
TITLES = st.sampled_from(["", "a", "A", "ä", "Z", "z", "海", "海" * 499, "海" * 500, "%", "a b", "😀" * 400, "\\"])
ROWS = st.lists(st.tuples(TITLES, st.none() | MOMENTS, MOMENTS, MOMENTS, st.booleans()), max_size=14)
WISHES = st.sampled_from([f"{sign}{name}" for name in SORTS for sign in ("", "-")] + ["nonsense", ""])


def fill(rows: Sequence[tuple[str, datetime | None, datetime, datetime, bool]]) -> list[int]:
    """Make posts of these titles and dates the only ones there are; return their ids."""
    values: list[dict[str, Any]] = [
        {
            "kind": "post", "title": title, "slug": f"s{number}", "body": {}, "published_at": published,
            "created_at": created, "updated_at": updated, "binned_at": NOW if binned else None,
            "address": None if binned else f"/posts/{title or 's'}-{number}/",
        }
        for number, (title, published, created, updated, binned) in enumerate(rows)
    ]  # fmt: skip
    with transaction() as session:
        session.execute(delete(Post))
        return list(session.scalars(insert(Post).returning(Post.id), values)) if values else []


def walk(wanted: EntryFilter, limit: int) -> tuple[list[list[int]], list[list[int]]]:
    """Return the ids of each batch on the way to the end, and on the way back to the beginning."""
    me = user(ADA)

    def ids(batch: Batch[Any]) -> list[int]:
        return [entry.id for entry in batch]

    batch = list_entries(wanted, user=me, limit=limit)
    there, back = [ids(batch)], list[list[int]]()
    while batch.cursor_next is not None and len(there) < 50:
        batch = list_entries(wanted, user=me, limit=limit, cursor=batch.cursor_next)
        there.append(ids(batch))
    while batch.cursor_previous is not None and len(back) < 50:
        batch = list_entries(wanted, user=me, limit=limit, cursor=batch.cursor_previous)
        back.insert(0, ids(batch))
    return there, back


@given(rows=ROWS, wish=WISHES, limit=st.integers(1, 6), view=st.sampled_from(["", "bin"]))
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_walking_to_the_end_and_back_shows_every_row_once(
    either: Flask, rows: list[Any], wish: str, limit: int, view: str
) -> None:
    made = fill(rows)
    expected = {key for key, row in zip(made, rows, strict=True) if row[4] == (view == "bin")}
    wanted = EntryFilter(view=view, sort=wish)
    there, back = walk(wanted, limit)
    seen = [key for batch in there for key in batch]
    assert (len(seen), set(seen)) == (len(expected), expected)
    assert seen == [entry.id for entry in list_entries(wanted, user=user(ADA), limit=200)]
    # The way back shows what lies before the last batch: all of it, in the same order.
    assert [key for batch in back for key in batch] == seen[: len(seen) - len(there[-1])]


def test_rows_without_a_date_come_last_or_first_on_every_database(either: Flask) -> None:
    late, none, early = fill([("a", NOW + timedelta(1), NOW, NOW, False), ("b", None, NOW, NOW, False),
                              ("c", NOW, NOW, NOW, False)])  # fmt: skip
    for sort, expected in (("-published", [late, early, none]), ("published", [none, early, late])):
        batch = list_entries(EntryFilter(sort=sort), user=user(ADA))
        assert [entry.id for entry in batch] == expected


def test_a_cursor_fits_into_an_address_and_outlives_its_row(app: Flask) -> None:
    rows = [("海" * 498 + letter, None, NOW, NOW, False) for letter in "abcd"]
    first, second, third, fourth = fill(rows)
    wanted, me = EntryFilter(sort="title"), user(ADA)
    batch = list_entries(wanted, user=me, limit=2)
    assert [entry.id for entry in batch] == [first, second]
    cursor = batch.cursor_next
    assert cursor is not None
    assert len(cursor) < 1000
    assert [entry.id for entry in list_entries(wanted, user=me, cursor=cursor)] == [third, fourth]
    with transaction() as session:
        session.execute(delete(Post).where(Post.id == second))
    # Its place is not known to the letter any more; what follows is still shown.
    left = [entry.id for entry in list_entries(wanted, user=me, cursor=cursor)]
    assert left[-2:] == [third, fourth]


def made_up(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


CURSORS = [
    made_up(value)
    for value in (
        ["after", "a\x00b", 1], ["after", "\ud800", 1], ["after", "2024-01-01", 1], ["after", "2024-01-01T00:00:00", 1],
        ["after", "0001-01-01T00:00:00+14:00", 1], ["after", "9999-12-31T23:59:59-14:00", 1], ["after", True, 1],
        ["after", 10**30, 1], ["after", None, 1], ["after", "x", 10**30], ["after", "x", -1], ["before", "x", None],
        ["after", "x" * 900, 1], ["after", 1e308, 1], [], ["after"], {"after": 1}, "after", None,
    )
] + ["W" * 1999, made_up(None) + "é", base64.urlsafe_b64encode(b"[" * 1400).decode(), "\x00", "%"]  # fmt: skip


@pytest.mark.parametrize("sort", ["updated", "published", "title", "address"])
def test_no_made_up_cursor_breaks_a_list(either: Flask, sort: str) -> None:
    make_post("Loaf")
    for cursor in CURSORS:
        current_session().rollback()
        try:
            list_entries(EntryFilter(sort=sort), user=user(ADA), cursor=cursor)
        except NotFound:
            continue


def test_a_cursor_holds_what_was_put_in() -> None:
    values = ("after", "海 \" ' \\", 7)
    assert decode_cursor(encode_cursor(*values), 3) == values


@pytest.mark.parametrize(
    ("title", "searched"),
    [("Über die Brücke", "über BRÜCKE"), ("ÉCOLE", "école"), ("Ένα Σπίτι", "ένα σπίτι"), ("100 % sure", "%"),
     ("a_b", "a_"), ("back\\slash", "\\"), ("Plain", "pLAIN")],
)  # fmt: skip
def test_a_search_minds_no_capitals_in_any_script(either: Flask, title: str, searched: str) -> None:
    make_post(title, state="draft")
    make_post("Something else", state="draft")
    found = list_entries(EntryFilter(search=searched), user=user(ADA))
    assert [entry.title for entry in found] == [title]


@pytest.mark.usefixtures("app")
def test_a_list_asks_no_more_for_more_rows(
    count_queries: Callable[[], Any], as_: Callable[[Person], PageClient]
) -> None:
    make_page("One")
    with count_queries() as few:
        list_entries(EntryFilter("page"), user=user(ADA))
    for number in range(12):
        make_page(f"Page {number}")
    with count_queries() as many:
        list_entries(EntryFilter("page"), user=user(ADA))
    assert len(many) <= len(few)
