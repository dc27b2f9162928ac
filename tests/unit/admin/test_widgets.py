"""Times, people and addresses as the back office words them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from cms.admin import widgets
from cms.admin.entry_terms import typed_tags
from cms.admin.lists import Address
from cms.admin.look import Look, change_look
from cms.core.db import transaction
from cms.core.permissions import system_user
from cms.settings.actions import change_settings

NOW = datetime(2026, 11, 20, 9, 32, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(seconds=30), "now"),
        (timedelta(minutes=11), "11 min ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(hours=9), "9 hours ago"),
        (timedelta(hours=22), "yesterday"),
        (timedelta(days=3), "3 days ago"),
        (timedelta(days=14), "6 Nov"),
        (timedelta(days=400), "16 Oct 2025"),
    ],
)
def test_a_time_is_told_by_its_distance_then_by_its_date(app: Flask, before: timedelta, words: str) -> None:
    with app.test_request_context():
        assert str(widgets.distance(NOW - before, NOW)) == words


def test_every_time_is_told_in_the_zone_of_the_site(app: Flask) -> None:
    with transaction():
        change_settings({"time_zone": "America/Argentina/Buenos_Aires"}, by=system_user())
    with app.test_request_context():
        assert widgets.exact(NOW) == "Fri 20 Nov 2026, 06:32 (Buenos Aires)"
        assert widgets.field_time(NOW) == "2026-11-20T06:32"
        assert widgets.headline_day(NOW) == "Friday, 20 November"
        assert 'title="2026-11-20 06:32 (Buenos Aires)"' in widgets.ago(NOW)


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Ada Okafor", "AO"), ("Inês", "I"), ("  ", "?"), ("", "?"), ("Anna Maria von Berg", "AB"), ("(Bob) Éric", "É")],
)
def test_avatars_show_initials(name: str, letters: str) -> None:
    assert widgets.initials(name) == letters


def test_avatar_colours_stay_with_a_person() -> None:
    assert [widgets.avatar_colour(key) for key in (None, 1, 6, 7)] == [1, 2, 1, 2]


def test_addresses_of_lists_are_read_by_name_and_made_anew(app: Flask) -> None:
    with app.test_request_context("/admin/posts/?state=draft&q=+a+b+&after=xyz&author=7&evil=1&author=8"):
        address = Address.read(("state", "q", "author", "after"))
    assert address.parameters == {"state": "draft", "q": "a b", "author": "7", "after": "xyz"}
    assert address.to(sort="title") == "/admin/posts/?state=draft&q=a+b&author=7&sort=title"
    assert address.to(q=None, author=None) == "/admin/posts/?state=draft"
    assert address.number("author") == 7
    assert address.one_of("state", ("published",), "all") == "all"
    assert address.kept("q") == [("state", "draft"), ("author", "7")]


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "x", "²", "9" * 30, ""])
def test_only_plain_numbers_are_keys(value: str) -> None:
    assert Address("/", {"author": value}).number("author") is None


def test_tags_are_typed_with_commas() -> None:
    assert typed_tags(" Harbour,harbour ,, Old  town\nRents") == ["Harbour", "Old town", "Rents"]
    assert len(typed_tags(",".join(str(number) for number in range(200)))) == 50


def test_look_takes_only_known_words() -> None:
    dark = change_look(Look(), "dark", "folded", "compact")
    assert dark.text() == "dark.folded.compact"
    assert change_look(dark, "evil\r\nSet-Cookie", "x", None) == dark
    assert change_look(dark, "auto", "open", "comfortable").text() == "open"
